import contextlib
import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml.etree import SerialisationError
from pyogrio.errors import FeatureError

from psttm_geo import jobs
from psttm_geo.core.errors import DownloadError, InputMissingError, OutputError, PsttmError
from psttm_geo.core.files import output_error, readable, replacing, sha256_of, write_text
from psttm_geo.core.messages import Text

pytestmark = pytest.mark.slow

OLD = b"what stood here"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "out" / "file.gpkg"
    file.parent.mkdir()
    file.write_bytes(OLD)
    return file


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "out" / "open.gpkg"
    file.parent.mkdir()
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    return file


def require_untouched(path: Path, content: bytes = OLD) -> None:
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_the_sum_is_sha256(path: Path) -> None:
    path.write_bytes(b"abc")
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_what_was_written_beside_takes_the_place(path: Path) -> None:
    with replacing(path) as beside:
        assert beside.parent == path.parent
        assert beside.suffix == path.suffix
        assert not beside.exists()
        beside.write_bytes(b"new")
        assert path.read_bytes() == OLD
    require_untouched(path, b"new")


def test_a_new_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    write_text(tmp_path / "new.txt", "x")
    (tmp_path / "plain.txt").write_text("x")
    assert (tmp_path / "new.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


def test_text_is_utf8_with_unix_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "new.txt", "è\n")
    assert (tmp_path / "new.txt").read_bytes() == b"\xc3\xa8\n"


def write_half(path: Path, error: BaseException) -> None:
    with replacing(path) as beside:
        beside.write_bytes(b"half")
        beside.with_name(f"{beside.name}-journal").touch()
        raise error


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()], ids=repr)
def test_an_error_while_writing_leaves_the_old_file(path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        write_half(path, error)
    require_untouched(path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "il disco è pieno"),
        (errno.EFBIG, "il disco è pieno"),
        (errno.EROFS, "sola lettura"),
        (errno.EACCES, "sola lettura"),
        (errno.EIO, "il disco segnala un errore"),
        (errno.ELOOP, f"fallita con «.Errno {errno.ELOOP}. {os.strerror(errno.ELOOP)}»"),
    ],
)
def test_a_system_error_while_writing_becomes_a_sentence(path: Path, code: int, said: str) -> None:
    with pytest.raises(OutputError, match=said) as error:
        write_half(path, OSError(code, os.strerror(code)))
    assert str(path) in error.value.text.it
    require_untouched(path)


@pytest.mark.parametrize("ours", [DownloadError, InputMissingError])
def test_an_error_of_ours_that_is_also_one_of_the_system_stays_what_it_is(path: Path, ours: type[PsttmError]) -> None:
    with pytest.raises(ours):
        write_half(path, ours(Text("uno", "one")))
    require_untouched(path)


def fill(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "full")) as connection:
        connection.executescript("CREATE TABLE t (x); PRAGMA max_page_count = 2; INSERT INTO t VALUES (zeroblob(9000))")


def write_what_is_only_read(folder: Path) -> None:
    (folder / "read").touch()
    with contextlib.closing(sqlite3.connect(f"{(folder / 'read').as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("CREATE TABLE t (x)")


def write_into_nothing(folder: Path) -> None:
    sqlite3.connect(folder / "absent" / "file")


def write_what_is_locked(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "locked", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with contextlib.closing(sqlite3.connect(folder / "locked", timeout=0)) as connection:
            connection.execute("CREATE TABLE t (x)")


def drop_what_is_being_read(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "read", isolation_level=None)) as connection:
        connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")
        reading = connection.execute("SELECT x FROM t")
        reading.fetchone()
        connection.execute("DROP TABLE t")


def write_twice(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "twice")) as connection:
        connection.executescript("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1), (1)")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (fill, "il disco è pieno"),
        (write_what_is_only_read, "la cartella è di sola lettura"),
        (write_into_nothing, "non può essere né aperto né creato"),
        (write_what_is_locked, "un altro programma lo tiene bloccato"),
        (drop_what_is_being_read, "un altro programma lo tiene bloccato"),
        (write_twice, "la scrittura è fallita con «UNIQUE constraint failed: t.x»; controllare lo spazio libero"),
    ],
)
def test_what_sqlite_says_is_told_apart(tmp_path: Path, fault: Callable[[Path], None], said: str) -> None:
    with pytest.raises(sqlite3.Error) as error:
        fault(tmp_path)
    assert said in str(output_error(tmp_path / "file.gpkg", error.value))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("failed to execute insert : database or disk is full", "il disco è pieno"),
        ("sqlite3_exec(CREATE TABLE t (x)) failed: attempt to write a readonly database", "sola lettura"),
        ("sqlite3_open(file.gpkg) failed: unable to open database file", "non può essere né aperto né creato"),
        ("failed to execute insert : database is locked", "lo tiene bloccato"),
        ("failed to execute insert : disk I/O error", "il disco segnala un errore di lettura o di scrittura"),
        ("Failed to commit transaction", "index 0: Failed to commit transaction»; controllare lo spazio libero"),
        ("sqlite3_exec(CREATE TABLE t (x)) failed: no such table:\nt", "è fallita con «no such table: t»"),
    ],
)
def test_sqlite_is_understood_through_gdal(path: Path, words: str, said: str) -> None:
    assert said in str(output_error(path, FeatureError(f"Could not add feature to layer at index 0: {words}")))


def test_a_library_that_does_not_say_why_is_believed_to_have_met_a_full_disk_where_it_is_full(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = FeatureError("Could not add feature to layer at index 0: Cannot write feature")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**40))
    assert "il disco è pieno" not in str(output_error(path, error))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert "il disco è pieno" in str(output_error(path, error))
    assert "il disco è pieno" not in str(output_error(path, ValueError("x")))


@pytest.mark.parametrize(("name", "said"), [("IO_ENOSPC", "il disco è pieno"), ("IO_WRITE", "fallita con «IO_WRITE»")])
def test_what_a_spreadsheet_could_not_be_written_for(path: Path, name: str, said: str) -> None:
    assert said in str(output_error(path, SerialisationError(name)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none/new.gpkg", "la cartella non esiste"),
        ("in_the_way/new.gpkg", "una parte del percorso non è una cartella"),
        ("folder.gpkg", "è una cartella, non un file"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_by_the_build(
    run: Callable[..., object], tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "in_the_way").write_bytes(OLD)
    (tmp_path / "folder.gpkg").mkdir()
    outcome = run("build", "-o", tmp_path / name)
    assert outcome.code == 2
    assert outcome.out == ""
    assert len(outcome.err.splitlines()) == 1
    assert said in outcome.err
    assert (tmp_path / "in_the_way").read_bytes() == OLD
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.gpkg", "in_the_way"]


Unprivileged = Callable[[], contextlib.AbstractContextManager[None]]


def test_a_read_only_folder_is_refused(
    territory: jobs.Territory, guarded_folder: Path, unprivileged: Unprivileged
) -> None:
    with unprivileged(), pytest.raises(OutputError, match="la cartella è di sola lettura"):
        jobs.write_territory(guarded_folder / "new.gpkg", territory)
    assert list(guarded_folder.iterdir()) == []


def test_a_file_in_a_read_only_folder_stays(
    territory: jobs.Territory, guarded_folder: Path, unprivileged: Unprivileged
) -> None:
    old = guarded_folder / "old.gpkg"
    guarded_folder.chmod(0o755)
    old.write_bytes(OLD)
    guarded_folder.chmod(0o555)
    with unprivileged(), pytest.raises(OutputError, match="la cartella è di sola lettura"):
        jobs.write_territory(old, territory)
    require_untouched(old)


def test_a_file_that_may_not_be_read_is_no_traceback(
    territory: jobs.Territory, guarded_folder: Path, unprivileged: Unprivileged
) -> None:
    secret = guarded_folder / "secret.gpkg"
    guarded_folder.chmod(0o755)
    secret.write_bytes(OLD)
    secret.chmod(0o000)
    guarded_folder.chmod(0o555)
    with unprivileged(), pytest.raises(OutputError):
        jobs.write_territory(secret, territory)
    require_untouched(secret)


@contextlib.contextmanager
def transaction(database: Path, kind: str) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute(f"BEGIN {kind}")
        if kind == "IMMEDIATE":
            other.execute("INSERT INTO t VALUES (1)")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("kind", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_geopackage_that_another_program_writes_to_is_not_replaced(
    run: Callable[..., object], database: Path, kind: str
) -> None:
    before = database.read_bytes()
    with transaction(database, kind):
        outcome = run("build", "-o", database)
    assert outcome.code == 2
    assert outcome.err.startswith(f"psttm-geo: {database} è aperto in un altro programma (QGIS?).")
    require_untouched(database, before)


def test_a_geopackage_that_qgis_has_open_is_not_replaced(run: Callable[..., object], database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("INSERT INTO t VALUES (1)")
        other.commit()
        assert database.with_name(f"{database.name}-wal").exists()
        before = database.read_bytes()
        outcome = run("build", "-o", database)
        assert outcome.code == 2
        assert "è aperto in un altro programma" in outcome.err
        assert database.read_bytes() == before
        assert other.execute("SELECT count(*) FROM t").fetchone() == (1,)


def keep_a_log(database: Path) -> None:
    """Leave a database that keeps a write-ahead log and that nobody has open."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def test_a_geopackage_that_keeps_a_log_and_nobody_has_open_is_replaced(database: Path) -> None:
    keep_a_log(database)
    with replacing(database) as beside:
        beside.write_bytes(b"new")
    assert database.read_bytes() == b"new"
    assert list(database.parent.iterdir()) == [database]


def test_a_log_that_a_crash_has_left_is_told_with_the_way_out(run: Callable[..., object], database: Path) -> None:
    log = database.with_name(f"{database.name}-wal")
    log.touch()
    outcome = run("build", "-o", database)
    assert outcome.code == 2
    assert f"Se nessun programma lo usa, {log.name} è il residuo di un programma interrotto" in outcome.err
    assert "eliminarlo" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_reading_a_geopackage_that_keeps_a_log_leaves_nothing_beside(database: Path) -> None:
    with readable(database) as file:
        assert file == database
    keep_a_log(database)
    with readable(database) as file, contextlib.closing(sqlite3.connect(file)) as connection:
        assert file != database
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    assert list(database.parent.iterdir()) == [database]


def test_what_stands_in_the_log_only_is_read_too(database: Path) -> None:
    keep_a_log(database)
    with contextlib.closing(sqlite3.connect(database)) as other:
        other.execute("INSERT INTO t VALUES (1)")
        other.commit()
        with readable(database) as file, contextlib.closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (1,)


def lock_while_replacing(database: Path, other: sqlite3.Connection) -> None:
    with replacing(database) as beside:
        beside.write_bytes(b"new")
        other.execute("BEGIN EXCLUSIVE")


def test_a_geopackage_that_becomes_busy_while_writing_is_not_replaced(database: Path) -> None:
    before = database.read_bytes()
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        with pytest.raises(OutputError, match="è aperto"):
            lock_while_replacing(database, other)
        assert other.in_transaction
    require_untouched(database, before)


def test_a_closed_geopackage_is_replaced(run: Callable[..., object], database: Path, built: Path) -> None:
    path = database.rename(database.with_name(built.name))
    assert run("build", "-o", path).code == 0
    require_untouched(path, built.read_bytes())


def test_a_damaged_geopackage_is_replaced(run: Callable[..., object], path: Path, built: Path) -> None:
    path = path.rename(path.with_name(built.name))
    path.write_bytes(built.read_bytes()[:1_000])
    assert run("build", "-o", path).code == 0
    require_untouched(path, built.read_bytes())


_LIMITED = """
import contextlib, io, json, resource, sys, traceback
from psttm_geo import cli, jobs
from psttm_geo.delivery import formats
said = []
for limit, arguments in json.loads(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    out, err, code = io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main(arguments)
        except SystemExit as leaving:
            code = leaving.code
        except BaseException:
            traceback.print_exc()
    said.append([code, err.getvalue()])
print(json.dumps(said))
"""


def run_limited(*runs: tuple[int, list[str]]) -> list[tuple[int | None, str]]:
    """Run commands one after the other in a process that may not write files beyond a number of bytes."""
    pytest.importorskip("resource", reason="this system cannot limit the size of files")
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, json.dumps(runs)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return [(code, err) for code, err in json.loads(done.stdout.splitlines()[-1])]


def test_a_full_disk_at_any_point_of_a_build_leaves_the_old_file(built: Path, path: Path) -> None:
    size = built.stat().st_size
    limits = [0, 4_096, size // 3, size * 2 // 3, size - 4_096, size - 1]
    for limit, (code, err) in zip(
        limits, run_limited(*[(limit, ["build", "-o", str(path)]) for limit in limits]), strict=True
    ):
        assert code == 2, (limit, err)
        assert err.startswith(f"psttm-geo: Impossibile scrivere {path}: "), (limit, err)
        assert len(err.splitlines()) == 1, (limit, err)
        assert "CREATE T" not in err, "SQL is no sentence for people"
    require_untouched(path)


EXPORTS = {"csv": "comuni.csv", "geoparquet": "comuni.parquet", "geojson": "comuni.geojson", "xlsx": "psttm.xlsx"}


@pytest.fixture(scope="module")
def full_exports(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int | None, str]]:
    """Export over an old file with a disk that is full, in every format; give folder, exit code and what was said."""
    folders, runs = [], []
    for form, name in EXPORTS.items():
        folder = tmp_path_factory.mktemp(form)
        (folder / name).write_bytes(OLD)
        folders.append(folder)
        runs.append((1_024, ["export", str(built), "-o", str(folder), "--format", form, "--layers", "comuni"]))
    return {form: (folder, *told) for form, folder, told in zip(EXPORTS, folders, run_limited(*runs), strict=True)}


@pytest.mark.parametrize("form", EXPORTS)
def test_a_full_disk_leaves_the_old_export_and_no_traceback(
    full_exports: dict[str, tuple[Path, int | None, str]], form: str
) -> None:
    folder, code, err = full_exports[form]
    assert code == 2, err
    assert err.startswith(f"psttm-geo: Impossibile scrivere {folder}"), err
    assert len(err.splitlines()) == 1, err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {EXPORTS[form]: OLD}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 256 kB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not mount or not umount or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    command = [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this system does not let root mount a small file system")
    yield folder
    subprocess.run([umount, str(folder)], check=True)


def test_a_disk_that_fills_up_leaves_the_old_file(run: Callable[..., object], small_disk: Path) -> None:
    path = small_disk / "old.gpkg"
    path.write_bytes(OLD)
    outcome = run("build", "-o", path)
    assert outcome.code == 2
    assert "il disco è pieno" in outcome.err
    require_untouched(path)


_KILLED = """
import json, os, random, signal, sys, time
from pathlib import Path
from psttm_geo import jobs
from psttm_geo.core.files import sha256_of
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project
path = Path(sys.argv[1])
both = [jobs.load_territory(Project(Settings()), editions=editions) for editions in (["2022-2024"], ["2025-2027"])]
known = []
for territory in both:
    begun = time.monotonic()
    jobs.write_territory(path, territory)
    lasted = time.monotonic() - begun
    known.append(sha256_of(path))
found = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        try:
            while True:
                for territory in both:
                    jobs.write_territory(path, territory)
        finally:
            os._exit(1)
    time.sleep(random.uniform(0, 1.5 * lasted))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    found.append([os.WIFSIGNALED(status), sha256_of(path)])
print(json.dumps([known, found]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot split a process in two")
def test_a_kill_at_any_moment_leaves_one_whole_file(run: Callable[..., object], tmp_path: Path) -> None:
    path = tmp_path / "killed.gpkg"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _KILLED, path], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    known, found = json.loads(done.stdout)
    assert len(set(known)) == 2
    for killed, content in found:
        assert killed, "the build ended by itself before the kill"
        assert content in known
    assert run("build", "-o", path).code == 0, "what a kill leaves beside does not stand in the way"
    assert list(path.parent.iterdir()) == [path], "and goes with the next build"


_WRITER = """
import sys
from pathlib import Path
from psttm_geo.core.files import replacing
with replacing(Path(sys.argv[1])) as beside:
    for name in (beside, beside.with_name(f"{beside.name}-journal")):
        name.write_bytes(sys.argv[2].encode())
    print(beside.name, flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def writer(path: Path, content: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Give another process that is writing `path`, and the file beside that it writes to."""
    command = [sys.executable, "-c", _WRITER, str(path), content]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        yield process, path.with_name(process.stdout.readline().strip())
        process.kill()


def test_what_a_killed_writer_leaves_goes_with_the_next_one(path: Path) -> None:
    with writer(path, "half") as (process, beside):
        process.kill()
        process.wait()
        assert beside.read_bytes() == b"half"
        assert path.read_bytes() == OLD
    write_text(path, "new")
    require_untouched(path, b"new")


def test_whoever_is_stopped_while_sweeping_leaves_the_rest_to_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writer(path, "half") as (process, beside):
        process.kill()
        process.wait()
    removed: list[Path] = []
    remove = Path.unlink

    def stop_at_the_second(file: Path, *, missing_ok: bool = False) -> None:
        removed.append(file)
        if len(removed) == 2:
            raise KeyboardInterrupt
        remove(file, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            write_text(path, "new")
    assert not beside.exists()
    assert len(list(path.parent.iterdir())) == 3, "the file, the journal, the lock"
    write_text(path, "new")
    require_untouched(path, b"new")


def test_what_another_is_writing_stays(path: Path) -> None:
    with writer(path, "theirs") as (process, beside):
        write_text(path, "mine")
        assert path.read_bytes() == b"mine"
        assert beside.read_bytes() == b"theirs"
        process.communicate("")
        assert process.returncode == 0
    require_untouched(path, b"theirs")


def test_files_of_the_same_beginning_are_left_alone(path: Path) -> None:
    others = [
        path.with_name(name)
        for name in (".file-notes.gpkg", ".file-1.gpkg.lock", "psttm-geo-1.gpkg.lock", ".psttm-geo-notes.gpkg")
    ]
    for other in others:
        other.write_bytes(OLD)
    write_text(path, "new")
    assert sorted(path.parent.iterdir()) == sorted([path, *others])


@pytest.mark.parametrize("name", ["other.gpkg", "file.csv", "[*]?.gpkg"])
def test_what_a_killed_writer_leaves_goes_with_the_next_one_in_the_folder(path: Path, name: str) -> None:
    with writer(path.with_name(name), "half") as (process, beside):
        process.kill()
        process.wait()
        assert beside.suffix == Path(name).suffix, "writers go by it"
    write_text(path, "new")
    require_untouched(path, b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="an open file is held there by being open")
def test_a_file_swept_before_it_is_held_is_made_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    swept: list[int] = []
    held = fcntl.flock

    def sweep_first(descriptor: int, operation: int) -> None:
        if not swept:
            swept.append(descriptor)
            for lock in path.parent.glob(".*.lock"):
                lock.unlink()
        held(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    with replacing(path) as beside:
        assert beside.with_name(f"{beside.name}.lock").exists()
        beside.write_bytes(b"new")
    require_untouched(path, b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="an open file is held there by being open")
def test_a_file_system_without_locks_keeps_what_may_be_in_use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    left = path.with_name(".psttm-geo-1.gpkg.lock")
    left.touch()
    write_text(path, "new")
    assert path.read_bytes() == b"new"
    assert sorted(path.parent.iterdir()) == sorted([path, left])


def test_a_killed_command_leaves_the_old_file_or_the_new_one(path: Path, built: Path) -> None:
    path = path.rename(path.with_name(built.name))
    command = [sys.executable, "-c", "from psttm_geo.cli import main; main()", "build", "-o", str(path)]
    for moment in (0.5, 1.5, 2.0, 2.3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moment)
        process.kill()
        assert process.wait() in (-signal.SIGKILL, 0)
        assert path.read_bytes() in (OLD, built.read_bytes())
