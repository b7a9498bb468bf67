"""The text of a table, whatever its encoding, and its rows, whatever parts its cells."""

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.messages import gettext
from psttm_geo.core.names import INVISIBLE

Rows = list[tuple[int, list[str]]]
"""Each row with its line in the file, the first is 1."""

DELIMITERS = ";,\t|"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What some programs put before a text, and the encoding it tells."""

_FOREIGN = (
    (b"%PDF", gettext("is a PDF")),
    (b"{\\rtf", gettext("is an RTF document")),
    (b"SQLite format 3", gettext("is a GeoPackage or another database")),
    (b"<", gettext("is an HTML page or an XML file")),
)
"""How files that are no tables begin, after blanks, and what they are."""

_WINDOWS = "cp1252"

_USUAL = "àèéìòùÀÈÉÌÒÙ’“”«»°€–"  # noqa: RUF001 - the signs themselves are looked for

_USUAL_OF = {
    _WINDOWS: frozenset(_USUAL + "\xa0áíóúÁÍÓÚäëïöüâêîôûçñÄËÏÖÜÂÊÎÔÛÇÑßå‘—…•·º§²³½¼¾±×´©®™ª¨£"),  # noqa: RUF001 - the signs themselves
    "cp850": frozenset(_USUAL),
    "mac_roman": frozenset(_USUAL),
}
"""Letters beyond ASCII by which encodings of one byte a letter are told: of Windows, DOS and old Macintosh."""

_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]")
"""Several bytes that are one letter of UTF-8, else a single byte."""

_WESTERN = ((0xA0, 0x17F), (0x2000, 0x2FFF), (0xFB00, 0x10FFFF))
"""Ranges of letters and signs that Western texts are written with."""

_LAST_ASCII = 0x7F

_UNREADABLE = "\N{REPLACEMENT CHARACTER}"

_SAMPLE_ROWS = 200

_SAMPLE_LETTERS = 1_000_000

_END = "\x02 end of the table \x03"
"""A line put below a text: where quotes are open it becomes part of a cell."""


def decode(path: Path, data: bytes) -> str:
    """Return the text of a file.

    UTF-8 with or without marks, UTF-16 and UTF-32 with a mark, UTF-16 without one, code pages of Windows, DOS and
    Macintosh. Bytes of Windows within UTF-8 are read as what they are, each alone.

    Raises
    ------
    TableError
        It is no text.
    """
    _require_text(path, data)
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _unmarked(data)
    if b"\0" in data and encoding == "utf-8":
        raise TableError.of(path.name, data[: data.index(b"\0")].count(b"\n") + 1, _BINARY)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise TableError.of(path.name, None, _TRUNCATED) from error
        text = _decode_mixed(path, data)
    return text.lstrip("\ufeff")


_BINARY = gettext("is no text (it contains null bytes); export the table as CSV or XLSX.")

_TRUNCATED = gettext("its UTF-16 text is truncated or damaged; export it again, as CSV UTF-8.")


def _require_text(path: Path, data: bytes) -> None:
    head = data[:1000].removeprefix(codecs.BOM_UTF8).lstrip()
    found = next((what for start, what in _FOREIGN if head.startswith(start)), None)
    if found is not None:
        raise TableError.of(path.name, None, gettext("{found}, no table; give a CSV or an XLSX.", found=found))


def _unmarked(data: bytes) -> str:
    """Return UTF-16 where every other byte of a Western text is null, else UTF-8."""
    sample = data[: 2 * _SAMPLE_ROWS]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 4
    if even > most and odd == 0:
        return "utf-16-be"
    return "utf-16-le" if odd > most and even == 0 else "utf-8"


def _decode_mixed(path: Path, data: bytes) -> str:
    """Decode what is not all UTF-8: each letter of UTF-8 that is one as such, every other byte as of a code page."""
    letters = bytes(sorted({byte for byte in data if byte > _LAST_ASCII}))
    fitting = (page for page, usual in _USUAL_OF.items() if set(letters.decode(page, "replace")) <= usual)
    page = next(fitting, _WINDOWS)
    text = data.decode(page) if page != _WINDOWS else _SEQUENCE.sub(lambda of: _letter(of[0]).encode(), data).decode()
    strange = [line for line, written in enumerate(io.StringIO(text), start=1) if _UNREADABLE in written]
    if strange:
        raise TableError([Fault(path.name, line, _NO_LETTER) for line in strange])
    return text


_NO_LETTER = gettext("a byte is no letter, neither of UTF-8 nor of Windows; save the file again, as CSV UTF-8.")


def _letter(found: bytes) -> str:
    """Return a sequence of UTF-8 as its letter if that is one of a Western text, else its bytes as of Windows."""
    letter = found.decode(errors="replace")
    western = len(letter) == 1 and any(first <= ord(letter) <= last for first, last in _WESTERN)
    return letter if western and letter != _UNREADABLE else found.decode(_WINDOWS, "replace")


def split_rows(path: Path, text: str, score: Callable[[Rows], tuple[int, ...]]) -> Rows:
    """Return the rows of a text.

    Parameters
    ----------
    path
        For messages.
    text
        Of a CSV; a first line such as ``sep=;`` names what parts its cells, unless another sign shows more columns.
    score
        Of the first rows as one sign parts them: how many columns they show, then what else tells the right sign.

    Raises
    ------
    TableError
        Quotes are never closed, or swallow rows.
    """
    named = _NAMED_DELIMITER.match(text)
    body = text[named.end() :] if named else text
    scores = {sign: score(_sample(path, body[:_SAMPLE_LETTERS], sign)) for sign in DELIMITERS}
    best = max(scores, key=lambda sign: scores[sign])
    if named and score(_sample(path, body[:_SAMPLE_LETTERS], named[1]))[0] >= scores[best][0]:
        best = named[1]
    rows = _parse(path, body, best)
    within = [] if scores[best][0] or named else _rows_within(path, rows, score)
    return within or [(line + bool(named), cells) for line, cells in rows]


def _rows_within(path: Path, rows: Rows, score: Callable[[Rows], tuple[int, ...]]) -> Rows:
    """Return the rows of a table whose every line is one quoted cell, none if it is no such table."""
    if any(len(cells) > 1 or "\n" in "".join(cells) for _, cells in rows):
        return []
    inner = "\n".join("".join(cells) for _, cells in rows)
    scores = {sign: score(_sample(path, inner[:_SAMPLE_LETTERS], sign)) for sign in DELIMITERS}
    best = max(scores, key=lambda sign: scores[sign])
    return _parse(path, inner, best) if scores[best][0] else []


_NAMED_DELIMITER = re.compile(r"""\s*"?sep=([^\w\s"']|\t)"?[^\S\r\n]*(?:\r\n|\r|\n)""", re.IGNORECASE)


def _sample(path: Path, text: str, delimiter: str) -> Rows:
    rows: Rows = []
    with contextlib.suppress(TableError):  # what is wrong is told of the delimiter that is chosen
        rows.extend(itertools.islice(_records(path, text, delimiter), _SAMPLE_ROWS))
    return [(line, cells) for line, cells in rows if cells != [_END]]


def _parse(path: Path, text: str, delimiter: str) -> Rows:
    rows = list(_records(path, text, delimiter))
    last_line, last = rows.pop()
    if last != [_END]:
        raise _never_closed(path, last_line)
    ((width, _),) = Counter(len(cells) for _, cells in rows).most_common(1)
    swallowed = [line for line, cells in rows if width > 1 and _swallows(cells, delimiter, width)]
    if swallowed:
        raise TableError([Fault(path.name, line, _SWALLOWED) for line in swallowed])
    return rows


_SWALLOWED = gettext("quotes opened in this row swallow other rows; close or double them.")


def _swallows(cells: list[str], delimiter: str, width: int) -> bool:
    """Return whether a cell of several lines holds lines that look like whole rows."""
    later = (line for cell in cells if delimiter in cell for line in cell.splitlines()[1:])
    return any(line.count(delimiter) >= width - 1 for line in later)


def _records(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    lines = itertools.chain(io.StringIO(text, newline=""), ["\n", _END])
    reader = csv.reader(lines, delimiter=delimiter)
    tidied = _Tidied()
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _never_closed(path, line) from error
        if cells is None:
            return
        yield line, [tidied[cell] for cell in cells]
        line = reader.line_num + 1


class _Tidied(dict[str, str]):
    """Cells as :func:`tidy_cell` gives them; those that are alike share one text."""

    def __missing__(self, cell: str) -> str:
        tidy = self[cell] = tidy_cell(cell)
        return tidy


def _never_closed(path: Path, line: int) -> TableError:
    return TableError.of(path.name, line, gettext("text too long or quotes never closed; correct the cell."))


_CONSTANT = re.compile(r'="((?:[^"]|"")*)"')
"""A text that a spreadsheet was made to keep as one: ="015146"."""


def tidy_cell(text: str) -> str:
    """Return a cell as a person sees it: without outer blanks, invisible marks and a formula that is only a text."""
    seen = INVISIBLE.sub("", text).strip() if not text.isascii() else text.strip()
    if seen.startswith('="'):
        constant = _CONSTANT.fullmatch(seen)
        return constant[1].replace('""', '"').strip() if constant else seen
    return seen
