"""Long work of the application: one job at a time, in processes of its own, so that the pages stay quick.

A job is a row of this package's own commands, which say as events how far they are and what came of it. What they write
they write whole or not at all, so that a job may be stopped at any moment.
"""

import atexit
import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Literal

from psttm_geo.core import events
from psttm_geo.core.errors import BusyError, printable
from psttm_geo.core.events import Error, Notice, Progress, Result
from psttm_geo.core.messages import Text, gettext, same

Outcome = Literal["running", "done", "failed", "cancelled"]

COMMAND = (sys.executable, "-P", "-m", "psttm_geo")
"""Whatever lies in the folder that the server was started in is not imported (-P)."""

_TAIL_BYTES = 4096
"""Of what a command has said that is no event."""

_STOPS = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM))
"""What a command is told, one after the other: the first lets it tidy up, as Ctrl-C does."""

_STOP_S = 3.0
"""Between one and the next."""

_NICE = 10
"""Lower than the pages' own priority."""


@dataclass(frozen=True)
class Step:
    """A command of a job.

    Attributes
    ----------
    name
        Of what it does.
    arguments
        Of the command, made of what the step before has given.
    """

    name: str
    arguments: Callable[[Mapping[str, Any]], Sequence[str]]


@dataclass(frozen=True)
class Task:
    """What is to be done.

    Attributes
    ----------
    name
        Of the kind of work.
    about
        File or place, for people.
    steps
        One after the other.
    """

    name: str
    about: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Job:
    """A job as it stands at a moment.

    Attributes
    ----------
    task
        What is done.
    started_s
        When it began, seconds since 1970.
    outcome
        ``running``, or how it ended.
    step
        Position of the step that is or was the last to run.
    progress
        Of that step; None where it says nothing of it.
    stopping
        Whether it was told to stop.
    code
        How the last command ended.
    notices
        What the commands have said.
    error
        Why a command refuses; None where none has said so.
    last_line
        Of what the last command has written to standard error, such as how it crashed, or else to standard output
        without being an event; may be empty.
    result
        What the last command has given.
    """

    task: Task
    started_s: float
    outcome: Outcome = "running"
    step: int = 0
    progress: Progress | None = None
    stopping: bool = False
    code: int = 0
    notices: tuple[Notice, ...] = ()
    error: Text | None = None
    last_line: str = ""
    result: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.outcome == "running"


class Jobs:
    """Runs one job at a time and remembers the last one until it is forgotten.

    Parameters
    ----------
    command
        What is called with the arguments of each step.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    @property
    def latest(self) -> Job | None:
        """The job that runs, or the last one that ended; None for none."""
        with self._lock:
            return self._job

    def start(self, task: Task, environment: Mapping[str, str]) -> None:
        """Begin a job.

        Parameters
        ----------
        task
            What is to be done.
        environment
            Added to that of the server.

        Raises
        ------
        BusyError
            Another one is running.
        """
        with self._lock:
            if self._job is not None and self._job.running:
                raise BusyError(_BUSY)
            self._job = Job(task, time.time())
            self._thread = threading.Thread(target=self._run, args=(task, environment), name="job", daemon=True)
            self._thread.start()

    def cancel(self) -> None:
        """Tell the job to stop; it has stopped when it says so."""
        process = self._tell_to_stop()
        if process is not None:
            threading.Thread(target=_stop, args=(process,), name="stop", daemon=True).start()

    def close(self) -> None:
        """Stop the job and wait until it has stopped."""
        process = self._tell_to_stop()
        if process is not None:
            _stop(process)
        self.wait(_STOP_S)

    def wait(self, patience_s: float) -> None:
        """Wait until the job has ended, but not longer than that."""
        if self._thread is not None:
            self._thread.join(patience_s)

    def forget(self) -> None:
        """Forget the last job, unless it is running."""
        with self._lock:
            if self._job is not None and not self._job.running:
                self._job = None

    def _tell_to_stop(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._job is None or not self._job.running or self._job.stopping:
                return None
            self._job = dataclasses.replace(self._job, stopping=True)
            return self._process

    def _change(self, **what: Any) -> None:  # noqa: ANN401 - fields of a job
        with self._lock:
            if self._job is not None:
                self._job = dataclasses.replace(self._job, **what)

    def _run(self, task: Task, environment: Mapping[str, str]) -> None:
        outcome: Outcome = "failed"
        try:
            outcome = self._run_steps(task, environment)
        except Exception as error:  # noqa: BLE001 - a job that nobody ends would be running for ever
            said = f"{type(error).__name__}: {error}"
            self._change(error=same(said))
        finally:
            self._change(outcome=outcome)

    def _run_steps(self, task: Task, environment: Mapping[str, str]) -> Outcome:
        result: Mapping[str, Any] = {}
        for number, step in enumerate(task.steps):
            self._change(step=number, progress=None)
            with tempfile.TemporaryFile(buffering=0) as warnings:
                process = self._begin(step.arguments(result), environment, warnings)
                if process is None:
                    return "cancelled"
                with process:
                    result, last = self._listen(process)
                code = process.returncode
                self._change(code=code, last_line=_read_last_line(warnings) or printable(last))
                if code:
                    return "cancelled" if self._is_stopping() else "failed"
        self._change(result=result)
        return "done"

    def _begin(
        self, arguments: Sequence[str], environment: Mapping[str, str], warnings: IO[bytes]
    ) -> "subprocess.Popen[bytes] | None":
        """Begin a command, unless the job was told to stop."""
        spoken = {events.VARIABLE: "1", "PYTHONIOENCODING": "utf-8:backslashreplace"}
        with self._lock:
            if self._job is None or self._job.stopping:
                return None
            self._process = subprocess.Popen(  # noqa: S603 - this package's own command, its arguments in a list
                [*self._command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=warnings,
                env={**os.environ, **environment, **spoken},
            )
            return self._process

    def _listen(self, process: "subprocess.Popen[bytes]") -> tuple[Mapping[str, Any], str]:
        """Take in the events of a command until it ends; return what it gives, and its last line that is no event."""
        _lower_priority(process)
        result: Mapping[str, Any] = {}
        last = ""
        for line in process.stdout or ():
            match events.read(line):
                case Progress() as progress:
                    self._change(progress=progress)
                case Notice() as notice:
                    self._add(notice)
                case Error(text):
                    self._change(error=text)
                case Result(values):
                    result = values
                case None:
                    last = line.decode("utf-8", "replace").strip() or last
        return result, last

    def _add(self, notice: Notice) -> None:
        with self._lock:
            if self._job is not None:
                self._job = dataclasses.replace(self._job, notices=(*self._job.notices, notice))

    def _is_stopping(self) -> bool:
        with self._lock:
            return self._job is not None and self._job.stopping


_BUSY = gettext("Another job is running already: wait for it to end or cancel it.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop a process, more firmly each time."""
    for sign in _STOPS if sys.platform != "win32" else _STOPS[1:]:
        with contextlib.suppress(OSError):
            process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
            return


def _lower_priority(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)


def _read_last_line(said: IO[bytes]) -> str:
    """Return the last line that is not empty; nothing where there is none."""
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - _TAIL_BYTES))
    lines = said.read().decode("utf-8", "replace").split("\n")
    return printable(next((line.strip() for line in reversed(lines) if line.strip()), ""))


JOBS = Jobs()
"""Those of this server."""

atexit.register(JOBS.close)
