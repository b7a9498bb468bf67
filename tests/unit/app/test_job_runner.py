"""Work in the background, with real processes."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from psttm_geo.app.job_runner import COMMAND, Job, Jobs, Step, Task
from psttm_geo.core.errors import BusyError
from psttm_geo.core.events import Notice, Progress
from psttm_geo.core.messages import Text

PATIENCE_S = 60.0


SPEAKING = """
import os, sys, time
from psttm_geo.core.errors import Text
from psttm_geo.core.events import Error, Notice, Progress, Result, report
from psttm_geo.core.progress_bar import progress_bar
"""


def script(text: str) -> Step:
    """Give a step that runs a script, which may say events."""
    return Step("script", lambda _: ["-c", f"{SPEAKING}{text}"])


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
        script("report(Result({'file': 'a b.pbf'}))"),
        Step("second", lambda given: ["-c", f"{SPEAKING}report(Result({{'got': sys.argv[1]}}))", given["file"]]),
    )
    jobs.start(Task("trial", "nothing", steps), {})
    done = attend(ended)
    assert (done.outcome, done.step, done.result, done.code) == ("done", 1, {"got": "a b.pbf"}, 0)


def test_a_job_that_gives_nothing_has_no_result(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("report(Result([1]))"), {})
    done = attend(ended)
    assert (done.outcome, done.result) == ("done", {})


def test_the_environment_is_added(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("report(Result({'it': os.environ['PSTTM_TRIED']}))"), {"PSTTM_TRIED": "è"})
    assert attend(ended).result == {"it": "è"}


TALKS = """
report(Notice(Text("prima", "first")))
with progress_bar("outer", 4, drawn=True) as outer:
    with progress_bar("a: b.pbf", 5_000_000, drawn=True, unit="B") as bar:
        bar.update(1_250_000)
    outer.update(3)
    outer.set_postfix_str("example.org: 30 s")
print("no event")
print("a warning", file=sys.stderr)
report(Notice(Text("poi", "then"), lasting=False))
"""


def test_progress_and_notices_are_kept_apart_from_other_lines(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task(TALKS), {})
    done = attend(ended)
    assert done.outcome == "done", done
    assert done.progress == Progress(3, 4, "it", "example.org: 30 s")
    assert done.notices == (Notice(Text("prima", "first")), Notice(Text("poi", "then"), lasting=False))
    assert done.error is None
    assert done.last_line == "a warning"


def test_the_last_line_is_that_of_standard_output_where_no_warning_came(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("print('first'); print('no event'); print()"), {})
    assert attend(ended).last_line == "no event"


def test_a_command_that_refuses_fails_with_its_words(jobs: Jobs, attend: Attend) -> None:
    refusing = "report(Error(Text('trovati 2 errori:\\n  uno', 'found 2 faults:\\n  one'))); sys.exit(2)"
    jobs.start(task(refusing, "raise SystemExit(7)"), {})
    failed = attend(ended)
    assert (failed.outcome, failed.step, failed.code) == ("failed", 0, 2)
    assert failed.error == Text("trovati 2 errori:\n  uno", "found 2 faults:\n  one")


def test_a_command_that_crashes_has_no_sentence_but_a_code_and_a_last_line(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("raise MemoryError('\x1b[2J')"), {})
    failed = attend(ended)
    assert (failed.outcome, failed.code, failed.error) == ("failed", 1, None)
    assert failed.last_line == "MemoryError: \\u001b[2J"


@pytest.mark.skipif(sys.platform == "win32", reason="processes end otherwise on this system")
def test_a_command_that_dies_without_a_word_fails(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("report(Progress(1, 4)); os.kill(os.getpid(), 9)"), {})
    failed = attend(ended)
    assert (failed.outcome, failed.code) == ("failed", -9)
    assert (failed.error, failed.last_line) == (None, "")
    assert failed.progress == Progress(1, 4)


def test_the_last_of_many_lines_is_found(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task("print('è' * 100_000, file=sys.stderr); print('the last\\n', file=sys.stderr); sys.exit(1)"), {})
    assert attend(ended).last_line == "the last"


def test_a_command_that_cannot_be_started_fails() -> None:
    jobs = Jobs(["/nonexistent/psttm-geo"])
    jobs.start(task(""), {})
    jobs.wait(PATIENCE_S)
    failed = jobs.latest
    assert failed is not None
    assert failed.outcome == "failed"
    assert failed.error is not None


def test_what_the_step_before_has_not_given_fails(jobs: Jobs, attend: Attend) -> None:
    def missing(given: Mapping[str, Any]) -> list[str]:
        return [given["file"]]

    jobs.start(Task("trial", "nothing", (script("pass"), Step("second", missing))), {})
    assert attend(ended).outcome == "failed"


WAITS = """
try:
    report(Notice(Text("aspetto", "waiting")))
    time.sleep(600)
except KeyboardInterrupt:
    report(Notice(Text("riordino", "tidying up")))
    sys.exit(130)
"""

STUBBORN = """
import signal
for sign in (signal.SIGINT, signal.SIGTERM):
    signal.signal(sign, lambda *_: None)
report(Notice(Text("aspetto", "waiting")))
while True:
    time.sleep(1)
"""


def test_while_one_runs_another_is_refused(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task(WAITS), {})
    attend(lambda job: job.notices)
    with pytest.raises(BusyError):
        jobs.start(task("pass"), {})
    jobs.forget()
    running = jobs.latest
    assert running is not None
    assert running.running


def test_a_job_is_cancelled_cleanly_and_the_rest_is_not_begun(jobs: Jobs, attend: Attend) -> None:
    jobs.start(task(WAITS, "pass"), {})
    attend(lambda job: job.notices)
    jobs.cancel()
    jobs.cancel()  # a second click
    cancelled = attend(ended)
    assert (cancelled.outcome, cancelled.step, cancelled.stopping) == ("cancelled", 0, True)
    assert [notice.text.en for notice in cancelled.notices] == ["waiting", "tidying up"]
    jobs.forget()
    assert jobs.latest is None
    jobs.start(task("pass"), {})
    assert attend(ended).outcome == "done"


def test_a_command_that_does_not_listen_is_killed(jobs: Jobs, attend: Attend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psttm_geo.app.job_runner._STOP_S", 0.1)
    jobs.start(task(STUBBORN), {})
    attend(lambda job: job.notices)
    jobs.cancel()
    assert attend(ended).outcome == "cancelled"


def test_told_between_two_commands_the_second_is_not_begun(jobs: Jobs, attend: Attend) -> None:
    def stop_here(_: Mapping[str, Any]) -> list[str]:
        jobs.cancel()
        return ["-c", "raise SystemExit(7)"]

    jobs.start(Task("trial", "nothing", (script("pass"), Step("second", stop_here))), {})
    assert attend(ended).outcome == "cancelled"


def test_what_was_done_before_it_could_be_cancelled_is_done(jobs: Jobs, attend: Attend) -> None:
    finishing = WAITS.replace("sys.exit(130)", "report(Result({'file': 'x'}))")
    jobs.start(task(finishing), {})
    attend(lambda job: job.notices)
    jobs.cancel()
    assert attend(ended).outcome == "done"


def test_the_end_of_the_server_stops_the_job(run_apart_python: Callable[[str], tuple[int, str, str]]) -> None:
    server = f"""
import sys, time
from psttm_geo.app.job_runner import JOBS, Jobs, Step, Task
JOBS._command = (sys.executable,)
JOBS.start(Task("trial", "", (Step("one", lambda _: ["-c", {SPEAKING + WAITS!r}]),)), {{}})
while not JOBS.latest.notices:
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
    own.start(Task("status", "", (Step("status", lambda _: ["status"]),)), {})
    own.wait(PATIENCE_S)
    done = own.latest
    assert done is not None
    assert set(done.result) == {"workspace", "inputs"}, done
    refused = Jobs(COMMAND)
    refused.start(Task("status", "", (Step("status", lambda _: ["status", "--none"]),)), {})
    refused.wait(PATIENCE_S)
    assert refused.latest is not None
    assert refused.latest.error is not None
    assert "--none" in refused.latest.error.it
