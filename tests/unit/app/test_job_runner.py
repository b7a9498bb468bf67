"""Work in the background, with real processes."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from psttm_geo.app.job_runner import BAR_FORMAT, COMMAND, Job, Jobs, Listener, Progress, Step, Task
from psttm_geo.core.errors import BusyError

PATIENCE_S = 60.0


def script(text: str) -> Step:
    """Give a step that runs a script."""
    return Step("script", lambda _: ["-c", text])


def task(*texts: str) -> Task:
    return Task("trial", "nothing", tuple(map(script, texts)))


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs([sys.executable, "-P"])
    yield made
    made.close()


Attend = Callable[[Callable[[Job], object]], Job]


@pytest.fixture
def attend(jobs: Jobs) -> Attend:
    """Wait until something is true of the job."""

    def attend(wanted: Callable[[Job], object]) -> Job:
        pause, end = threading.Event(), time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            job = jobs.latest
            assert job is not None
            if wanted(job):
                return job
            pause.wait(0.01)
        pytest.fail(f"never seen: {jobs.latest}")

    return attend


def ended(job: Job) -> bool:
    return not job.running


def test_at_first_there_is_no_job(jobs: Jobs) -> None:
    assert jobs.latest is None
    jobs.cancel()
    jobs.forget()
    jobs.wait(0)


def test_a_job_gives_what_its_last_command_gave(jobs: Jobs, attend: Attend) -> None:
    steps = (
        Step("first", lambda _: ["-c", 'print(\'{"file": "a b.pbf"}\')']),
        Step(
            "second", lambda given: ["-c", "import json, sys; print(json.dumps({'got': sys.argv[1]}))", given["file"]]
        ),
    )
    jobs.start(Task("trial", "nothing", steps), {})
    done = attend(ended)
    assert (done.outcome, done.step, done.result, done.code) == ("done", 1, {"got": "a b.pbf"}, 0)


def test_what_is_no_json_object_is_no_result(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("print('[1]')"), {})
    assert attend(ended).result == {}


def test_the_environment_is_added(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("import json, os; print(json.dumps({'it': os.environ['PSTTM_TRIED']}))"), {"PSTTM_TRIED": "è"})
    assert attend(ended).result == {"it": "è"}


BAR = """
import os
import sys
from tqdm import tqdm
print("nota: prima", file=sys.stderr)
with tqdm(total=4, desc="outer", leave=False) as outer:
    with tqdm(total=5_000_000, desc="a: b.pbf", unit="B", unit_scale=True, mininterval=0) as bar:
        bar.update(1_250_000)
    outer.update(3)
    outer.set_postfix_str("waits")
    outer.refresh()
    print("\\nparla", file=sys.stderr)
"""


def test_bars_are_heard_as_figures_and_lines_as_words(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task(BAR), {})
    done = attend(ended)
    assert done.outcome == "done", done.said
    assert done.progress == Progress(3, 4, "it", "waits")
    assert done.said == ("nota: prima", "parla")
    assert done.notices == ("prima",)
    assert done.fault is None


HEARD = BAR_FORMAT.format(n=1250000, total=5000000, unit="B", postfix="")


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_bars_are_heard_in_any_pieces(size: int) -> None:
    text = f"\r{HEARD}\x1b[A\nuna riga\r\n\r          \r{HEARD.replace('1250000', '2500000')}altra"
    listener, lines, bars = Listener(), [], []
    for start in range(0, len(text), size):
        said, progress = listener.hear(text[start : start + size])
        lines += said
        bars += [progress] if progress else []
    assert lines == ["una riga"]
    assert bars[-1] == Progress(2_500_000, 5_000_000, "B", "")
    assert listener.hear("\n") == (["altra"], None)


@pytest.mark.parametrize(
    ("fields", "heard"), [("3 None it ", Progress(3, None, "it", "")), ("x 4 it ", None), ("3", None)]
)
def test_a_bar_may_have_no_total_and_nonsense_is_none(fields: str, heard: Progress | None) -> None:
    assert Listener().hear(f"\x1e{fields.replace(' ', chr(0x1F))}\x1d") == ([], heard)


def test_a_command_that_refuses_fails_with_its_words(jobs: Jobs, attend: Attend) -> None:
    refusing = (
        "import sys; print('nota: x\\npsttm-geo: trovati 2 errori:\\n  uno\\n  due', file=sys.stderr); sys.exit(2)"
    )
    jobs.start(task(refusing, "raise SystemExit(7)"), {})
    failed = attend(ended)
    assert (failed.outcome, failed.step, failed.code) == ("failed", 0, 2)
    assert failed.fault == "trovati 2 errori:\nuno\ndue"


def test_a_command_that_crashes_has_no_sentence_but_a_code(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("raise MemoryError"), {})
    failed = attend(ended)
    assert (failed.outcome, failed.code, failed.fault) == ("failed", 1, None)
    assert failed.said[-1] == "MemoryError"


def test_a_command_that_cannot_be_started_fails() -> None:
    jobs = Jobs(["/nonexistent/psttm-geo"])
    jobs.start(task(""), {})
    jobs.wait(PATIENCE_S)
    failed = jobs.latest
    assert failed is not None
    assert failed.outcome == "failed"
    assert failed.fault is not None


def test_what_the_step_before_has_not_given_fails(jobs: Jobs, attend: Attend) -> None:
    def missing(given: Mapping[str, Any]) -> list[str]:
        return [given["file"]]

    jobs.start(Task("trial", "nothing", (script("pass"), Step("second", missing))), {})
    assert attend(ended).outcome == "failed"


WAITS = """
import sys, time
print("aspetto", file=sys.stderr, flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    print("riordino", file=sys.stderr, flush=True)
    sys.exit(130)
"""

STUBBORN = """
import signal, sys, time
for sign in (signal.SIGINT, signal.SIGTERM):
    signal.signal(sign, lambda *_: None)
print("aspetto", file=sys.stderr, flush=True)
while True:
    time.sleep(1)
"""


def test_while_one_runs_another_is_refused(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task(WAITS), {})
    attend(lambda job: job.said)
    with pytest.raises(BusyError):
        jobs.start(task("pass"), {})
    jobs.forget()
    running = jobs.latest
    assert running is not None
    assert running.running


def test_a_job_is_cancelled_cleanly_and_the_rest_is_not_begun(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task(WAITS, "pass"), {})
    attend(lambda job: job.said)
    jobs.cancel()
    jobs.cancel()  # a second click
    cancelled = attend(ended)
    assert (cancelled.outcome, cancelled.step, cancelled.stopping) == ("cancelled", 0, True)
    assert cancelled.said == ("aspetto", "riordino")
    jobs.forget()
    assert jobs.latest is None
    jobs.start(task("pass"), {})
    assert attend(ended).outcome == "done"


def test_a_command_that_does_not_listen_is_killed(jobs: Jobs, attend: Attend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psttm_geo.app.job_runner._STOP_S", 0.1)
    jobs.start(task(STUBBORN), {})
    attend(lambda job: job.said)
    jobs.cancel()
    assert attend(ended).outcome == "cancelled"


def test_told_between_two_commands_the_second_is_not_begun(jobs: Jobs, attend: Attend) -> None:
    def stop_here(_: Mapping[str, Any]) -> list[str]:
        jobs.cancel()
        return ["-c", "raise SystemExit(7)"]

    jobs.start(Task("trial", "nothing", (script("pass"), Step("second", stop_here))), {})
    assert attend(ended).outcome == "cancelled"


def test_what_was_done_before_it_could_be_cancelled_is_done(jobs: Jobs, attend: Attend) -> None:
    finishing = WAITS.replace("sys.exit(130)", 'print(\'{"file": "x"}\')')
    jobs.start(task(finishing), {})
    attend(lambda job: job.said)
    jobs.cancel()
    assert attend(ended).outcome == "done"


def test_the_end_of_the_server_stops_the_job(run_apart_python: Callable[[str], tuple[int, str, str]]) -> None:
    server = f"""
import sys, time
from psttm_geo.app.job_runner import JOBS, Jobs, Step, Task
JOBS._command = (sys.executable,)
JOBS.start(Task("trial", "", (Step("one", lambda _: ["-c", {WAITS!r}]),)), {{}})
while not JOBS.latest.said:
    time.sleep(0.01)
print(JOBS._process.pid)
"""
    code, out, err = run_apart_python(server)
    assert (code, err) == (0, "")
    assert not _lives(int(out))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_command_is_this_package() -> None:
    own = Jobs(COMMAND)
    own.start(Task("status", "", (Step("status", lambda _: ["status", "--json"]),)), {})
    own.wait(PATIENCE_S)
    done = own.latest
    assert done is not None
    assert set(done.result) == {"workspace", "inputs"}, done.said
    refused = Jobs(COMMAND)
    refused.start(Task("status", "", (Step("status", lambda _: ["status", "--none"]),)), {})
    refused.wait(PATIENCE_S)
    assert refused.latest is not None
    assert "--none" in (refused.latest.fault or "")
