"""What is printed and what may be named, whatever the command."""

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psttm_geo import jobs
from psttm_geo.cli import main
from psttm_geo.cli.options import print_result
from psttm_geo.core.errors import MOST_FAULTS

Run = Callable[..., Any]

HEADER = "codice,titolo,comuni,edizione,driver,importo_eur\n"


def test_nothing_that_is_printed_is_a_command_for_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"{HEADER}X,\x1b]0;owned\x07t,zz\x1b[2J\x9b1m\u202e,2025-2027,1,100\n", "utf-8")
    outcome = run("projects", "add", path)
    assert outcome.code == 2
    assert "zz" in outcome.err
    assert not set(outcome.err) & set("\x1b\x07\x9b\u202e")


def test_json_stays_the_same_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"name": "a\x1b[2J\x9b\u202e\ud800é"}
    print_result(told, [], as_json=True)
    said = capsys.readouterr().out
    assert json.loads(said) == told
    assert "é" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names of files are texts")
@pytest.mark.parametrize("kind", ["stations", "boundaries", "ente", "residents"])
def test_a_name_in_no_encoding_is_refused(run: Run, tmp_path: Path, kind: str) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path / "caff") + b"\xe9.geojson"))
    path.write_text("{}")
    outcome = run("inputs", "add", kind, path)
    assert outcome.code == 2
    assert "non è un testo UTF-8" in outcome.err


def test_a_file_that_may_not_be_read_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "p.csv")

    monkeypatch.setattr(jobs, "add_projects", refuse)
    (tmp_path / "p.csv").write_text(HEADER)
    outcome = run("projects", "add", tmp_path / "p.csv")
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: p.csv non può essere letto («Permission denied»)")


def test_a_mistake_of_ours_surfaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(jobs, "add_projects", fail)
    with pytest.raises(OSError, match="Bad file descriptor"):
        main(["projects", "add", str(tmp_path / "p.csv")])


def test_a_path_that_no_system_takes_is_named(run: Run, tmp_path: Path) -> None:
    outcome = run("inputs", "add", "stations", tmp_path / ("a" * 300))
    assert outcome.code == 2
    assert "non può essere letto" in outcome.err or "non esiste" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_the_first_hundred_faults_are_printed_the_rest_is_counted_and_all_are_written(run: Run, tmp_path: Path) -> None:
    path, faults = tmp_path / "p.csv", tmp_path / "faults.txt"
    path.write_text(HEADER + "".join(f"P{row},T,999999,2025-2027,1,100\n" for row in range(1000)))
    outcome = run("--faults", faults, "projects", "add", path)
    lines = outcome.err.splitlines()
    assert outcome.code == 2
    assert len(lines) == 1 + MOST_FAULTS + 1
    assert lines[-1] == "  ... e altri 900 errori: --faults FILE"
    written = faults.read_text("utf-8").splitlines()
    assert len(written) == 1000
    assert written[0] == lines[1].strip()
