"""Long work of the application: one job at a time, in processes of its own, so that the pages stay quick.

A job is a row of this package's own commands. They say how far they are on standard error, in a form that is set here
through tqdm's environment, and what came of it on standard output, as JSON. What they write they write whole or not at
all, so that a job may be stopped at any moment.
"""

import atexit
import codecs
import contextlib
import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Literal

from psttm_geo.core.errors import BusyError, Text

Outcome = Literal["running", "done", "failed", "cancelled"]

COMMAND = (sys.executable, "-P", "-m", "psttm_geo")
"""Whatever lies in the folder that the server was started in is not imported (-P)."""

_BAR, _FIELD, _END = "\x1e", "\x1f", "\x1d"
"""Separators that no name of a file holds."""

BAR_FORMAT = _BAR + _FIELD.join(["{n}", "{total}", "{unit}", "{postfix}"]) + _END
"""What tqdm draws in place of a bar."""

_PIECES = re.compile(rf"[\r\n{_END}]")

_CURSOR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""How tqdm moves between lines."""

_LINES_KEPT = 200

_CHUNK_BYTES = 4096

_STOPS = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM))
"""What a command is told, one after the other: the first lets it tidy up, as Ctrl-C does."""

_STOP_S = 3.0
"""Between one and the next."""

_NICE = 10
"""Lower than the pages' own priority."""

_SAYS, _USAGE, _NOTES = "psttm-geo: ", "Error: ", ("nota: ", "note: ")
"""How lines of a command begin: why it refuses, that its arguments are wrong, what the user should know."""


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
class Progress:
    """How far a step is.

    Attributes
    ----------
    done, total
        In units; the total is None where nobody knows it.
    unit
        ``B`` for bytes.
    note
        What the command adds, such as that it waits; may be empty.
    """

    done: float
    total: float | None
    unit: str
    note: str


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
    said
        Lines of the commands, the latest ones.
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
    said: tuple[str, ...] = ()
    result: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.outcome == "running"

    @property
    def notices(self) -> tuple[str, ...]:
        """What the commands said the user should know."""
        return tuple(line.removeprefix(mark) for line in self.said for mark in _NOTES if line.startswith(mark))

    @property
    def fault(self) -> str | None:
        """What the command said when it refused; None where it ended otherwise."""
        begins = [number for number, line in enumerate(self.said) if line.startswith((_SAYS, _USAGE))]
        if not begins:
            return None
        first, *rest = self.said[begins[-1] :]  # faults of tables are listed below
        return "\n".join([first.removeprefix(_SAYS).removeprefix(_USAGE), *rest])


class Listener:
    """Tells apart what a command says in words and how far it is; text may come in any pieces."""

    def __init__(self) -> None:
        self._rest = ""

    def hear(self, text: str) -> tuple[list[str], Progress | None]:
        """Return the lines that are whole by now, and the latest state of its bars if there is a new one."""
        *pieces, self._rest = _PIECES.split(self._rest + text)
        lines, progress = [], None
        for piece in pieces:
            words, bar, fields = piece.partition(_BAR)
            line = _CURSOR.sub("", words).strip()
            if line:
                lines.append(line)
            if bar:
                progress = _read_bar(fields) or progress
        return lines, progress


def _read_bar(fields: str) -> Progress | None:
    try:
        done, total, unit, note = fields.split(_FIELD)
        return Progress(float(done), None if total == "None" else float(total), unit, note.lstrip(", "))
    except ValueError:  # no bar of ours
        return None


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
            self._add([f"{_SAYS}{type(error).__name__}: {error}"])
        finally:
            self._change(outcome=outcome)

    def _run_steps(self, task: Task, environment: Mapping[str, str]) -> Outcome:
        result: Mapping[str, Any] = {}
        for number, step in enumerate(task.steps):
            self._change(step=number, progress=None)
            with tempfile.TemporaryFile() as output:
                process = self._begin(step.arguments(result), environment, output)
                if process is None:
                    return "cancelled"
                code = self._attend(process)
                self._change(code=code)
                if code:
                    return "cancelled" if self._is_stopping() else "failed"
                result = _read_result(output)
        self._change(result=result)
        return "done"

    def _begin(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: IO[bytes]
    ) -> "subprocess.Popen[bytes] | None":
        """Begin a command, unless the job was told to stop."""
        spoken = {"TQDM_BAR_FORMAT": BAR_FORMAT, "PYTHONIOENCODING": "utf-8:backslashreplace"}
        with self._lock:
            if self._job is None or self._job.stopping:
                return None
            self._process = subprocess.Popen(  # noqa: S603 - this package's own command, its arguments in a list
                [*self._command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                env={**os.environ, **environment, **spoken},
            )
            return self._process

    def _attend(self, process: "subprocess.Popen[bytes]") -> int:
        """Listen to a command until it ends, and return how."""
        _lower_priority(process)
        listener, decode = Listener(), codecs.getincrementaldecoder("utf-8")("replace").decode
        if process.stderr is not None:
            with process.stderr as heard:
                while chunk := os.read(heard.fileno(), _CHUNK_BYTES):
                    self._note(*listener.hear(decode(chunk)))
            self._note(*listener.hear("\n"))
        return process.wait()

    def _note(self, lines: list[str], progress: Progress | None) -> None:
        if progress is not None:
            self._change(progress=progress)
        if lines:
            self._add(lines)

    def _add(self, lines: Sequence[str]) -> None:
        with self._lock:
            if self._job is not None:
                said = (*self._job.said, *lines)[-_LINES_KEPT:]
                self._job = dataclasses.replace(self._job, said=said)

    def _is_stopping(self) -> bool:
        with self._lock:
            return self._job is not None and self._job.stopping


_BUSY = Text(
    "È già in corso un altro lavoro: attendere che finisca o annullarlo.",
    "Another job is running already: wait for it to end or cancel it.",
)


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


def _read_result(output: IO[bytes]) -> Mapping[str, Any]:
    """Return what a command has given; nothing where that is no JSON object."""
    output.seek(0)
    try:
        result = json.loads(output.read().decode("utf-8"))
    except ValueError:
        return {}
    return result if isinstance(result, dict) else {}


JOBS = Jobs()
"""Those of this server."""

atexit.register(JOBS.close)
