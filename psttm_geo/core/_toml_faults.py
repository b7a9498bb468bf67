"""Why a TOML file that an office filled in cannot be read, said in its own words."""

import re

from psttm_geo.core.errors import quote
from psttm_geo.core.messages import Text, gettext

_PLACE = re.compile(r"\(at line (\d+), column \d+\)")

_TWICE = re.compile(r"overwrite|twice|already|duplicate|immutable", re.IGNORECASE)
"""How the parser calls keys and sections that stand there again."""

_WINDOWS = "cp1252"

_LONGEST_LINE = 60


def explain(data: bytes, error: Exception) -> tuple[int, Text]:
    """Return the line that cannot be read, and what is wrong with it and what to do.

    Parameters
    ----------
    data
        The bytes of the file.
    error
        What reading them raised: that they are no TOML, or no UTF-8.
    """
    if isinstance(error, UnicodeDecodeError):
        row = error.object[: error.start].count(b"\n") + 1
        return row, _not_utf8(_line_of(data, row, _WINDOWS))
    place = _PLACE.search(str(error))
    row = int(place[1]) if place else _last_filled(data)
    line = _line_of(data, row, "utf-8-sig")
    return row, _repeated(line) if _TWICE.search(str(error)) else _unreadable(line)


def _line_of(data: bytes, row: int, encoding: str) -> str:
    lines = data.split(b"\n")
    line = quote(lines[row - 1].decode(encoding, "replace")) if row <= len(lines) else ""
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _last_filled(data: bytes) -> int:
    return data.rstrip().count(b"\n") + 1


def _not_utf8(line: str) -> Text:
    return gettext("is not readable as TOML (“{line}” is not in UTF-8); save the file with encoding UTF-8.", line=line)


def _repeated(line: str) -> Text:
    return gettext(
        "is not readable as TOML (“{line}” repeats a key or a section that is there already); leave one only.",
        line=line,
    )


def _unreadable(line: str) -> Text:
    return gettext(
        'is not readable as TOML (“{line}”), expected a line such as key = "text", its quotes opened '
        "and closed; correct it.",
        line=line,
    )
