"""The command ``psttm-geo``: asks, calls one workflow, says what came of it."""

import contextlib
import gc
import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError

from psttm_geo.cli import access, build, diff, fetch, inputs, monitoring, osm, prepare, synthetic
from psttm_geo.cli.options import FILE, echo
from psttm_geo.core.errors import PsttmError, TableError, printable, quote
from psttm_geo.core.events import Error, report
from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.core.scratch import sweep
from psttm_geo.core.settings import Settings

BAD_INPUT = 2

INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM

_SYSTEM_POOL = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Read by Arrow when it is loaded. Its own allocator keeps some 50 MB of what reading a metropolitan city's small
tables took for a moment; whoever has set another one knows why."""


_COLLECT = (1_000_000, 20, 100)
"""After how many new objects Python looks for garbage, and how often it looks through the older ones. By default it
does so all through a job, which builds tables of a million objects that stay: a second and a half of an `access`."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code: 0 done, 1 faults found, 2 bad input, 130 or 143 interrupted."""
    os.environ.setdefault(*_SYSTEM_POOL)
    gc.set_threshold(*_COLLECT)
    try:
        settings = Settings()
    except ValidationError as error:
        faults = [
            f"PSTTM_{'_'.join(map(str, fault['loc'])).upper()}={fault['input']}: {fault['msg']}"
            for fault in error.errors()
        ]
        listed = f"\n{_NAME}".join(faults)
        _refuse(same(listed), f"{_NAME}{listed}")
    try:
        with _terminated_as_interrupted():
            code = command.main(arguments, prog_name="psttm-geo", standalone_mode=False, obj=settings)
        sys.exit(code or 0)
    except click.exceptions.Abort as abort:
        sys.exit(TERMINATED if isinstance(abort.__cause__, _TerminatedError) else INTERRUPTED)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        reason = error.format_message()
        _refuse(same(reason), said.getvalue().rstrip("\n"))
    except PsttmError as error:
        _refuse(error.text, f"{_NAME}{error.text.say(settings.language)}")
    except OSError as error:
        if error.filename is None:  # of no file, so that nobody but us can mend it
            raise
        text = _unreadable(error)
        _refuse(text, f"{_NAME}{text.say(settings.language)}")


_NAME = "psttm-geo: "


def _refuse(text: Text, said: str) -> NoReturn:
    """Leave with the reason, as an event or as it is said to people."""
    if not report(Error(text)):
        echo(said, err=True)
    sys.exit(BAD_INPUT)


class _TerminatedError(KeyboardInterrupt):
    """The process was asked to end by SIGTERM."""


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does: everything is tidied up on the way out."""

    def end(*_: object) -> NoReturn:
        raise _TerminatedError

    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:  # who started it wants it otherwise
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _unreadable(error: OSError) -> Text:
    """Say that the system does not let a file be read: what cannot be written says so itself."""
    file, said = quote(os.fsdecode(error.filename)), error.strerror
    return gettext(
        "{file} cannot be read (“{said}”); check the permissions, the disk and the path.", file=file, said=said
    )


class _Group(click.Group):
    """The commands; all faults of a table go into a file, where one was asked for."""

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - as click has it
        try:
            return super().invoke(context)
        except TableError as error:
            file, language = context.params["faults"], context.obj.language
            if file is not None:
                from psttm_geo.core.files import write_text  # noqa: PLC0415 - loaded only where faults are written

                write_text(file, "".join(f"{printable(fault.say(language))}\n" for fault in error.faults))
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("psttm-geo"), message="%(prog)s %(version)s")
@click.option("-v", "--verbose", is_flag=True, help="Mostra le operazioni in corso.")
@click.option("--quiet", is_flag=True, help="Non mostra l'avanzamento né le note.")
@click.option("--faults", type=FILE, help="Scrive in questo file tutti gli errori di una tabella, uno per riga.")
@click.pass_context
def command(context: click.Context, /, *, verbose: bool, quiet: bool, **_: Path | None) -> None:
    """Il Piano strategico della Città metropolitana di Milano sulla mappa."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(name)s: %(message)s")
    context.meta["quiet"] = quiet
    sweep()


for _command in (
    *prepare.COMMANDS,
    *build.COMMANDS,
    *diff.COMMANDS,
    *inputs.COMMANDS,
    *fetch.COMMANDS,
    *osm.COMMANDS,
    *access.COMMANDS,
    *synthetic.COMMANDS,
    *monitoring.COMMANDS,
):
    command.add_command(_command)
