"""What long work says to whoever has begun it: how far it is, what to know, what came of it, why it failed.

A process whose environment holds :data:`VARIABLE` says it as events, one JSON object a line on standard output; any
other one speaks to people.
"""

import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from psttm_geo.core.errors import printable
from psttm_geo.core.messages import Text

VARIABLE = "PSTTM_EVENTS"
"""Set by the application for the commands that it runs, and by nobody else."""


@dataclass(frozen=True)
class Progress:
    """How far a part of the work is.

    Attributes
    ----------
    done, total
        In units; the total is None where nobody knows it.
    unit
        ``B`` for bytes.
    note
        Whom one waits for and how long, the same in both languages; may be empty.
    """

    done: float
    total: float | None
    unit: str = "it"
    note: str = ""


@dataclass(frozen=True)
class Notice:
    """A sentence for the user.

    Attributes
    ----------
    text
        What it says.
    lasting
        Whether it matters still when the work is done.
    """

    text: Text
    lasting: bool = True


@dataclass(frozen=True)
class Result:
    """What came of the work.

    Attributes
    ----------
    values
        As ``--json`` prints them.
    """

    values: Any


@dataclass(frozen=True)
class Error:
    """Why nothing came of the work.

    Attributes
    ----------
    text
        What was found and what to do.
    """

    text: Text


Event = Progress | Notice | Result | Error


def wanted() -> bool:
    """Tell whether this process is to say events."""
    return VARIABLE in os.environ


def report(event: Event) -> bool:
    """Say an event, if events are wanted; return whether they are."""
    if not wanted():
        return False
    line = json.dumps({"event": type(event).__name__, **vars(event)})
    sys.stdout.buffer.write(f"{line}\n".encode())  # in one piece: bars are moved by a thread of their own too
    sys.stdout.buffer.flush()
    return True


def read(line: bytes) -> Event | None:
    """Return the event that a line is; None for any other line."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match told:
        case {
            "event": "Progress",
            "done": int() | float() as done,
            "total": int() | float() | None as total,
            "unit": str(unit),
            "note": str(note),
        }:
            return Progress(done, total, unit, printable(note))
        case {"event": "Notice", "text": [str(it), str(en)], "lasting": bool(lasting)}:
            return Notice(Text(printable(it), printable(en)), lasting)
        case {"event": "Result", "values": dict(values)}:
            return Result(values)
        case {"event": "Error", "text": [str(it), str(en)]}:
            return Error(Text(printable(it), printable(en)))
    return None
