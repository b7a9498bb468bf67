"""What can go wrong, and how it is said to people.

Every error carries its sentence in Italian and in English; :mod:`psttm_geo.cli` and :mod:`psttm_geo.app` choose
the language of each; of those that nobody catches, the library does (:attr:`PsttmError.language`).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from psttm_geo.core.messages import LANGUAGES, Language, Text, gettext, ngettext, same


def quote(found: str) -> str:
    """Return what a file or a library said so that it fits into a sentence: one line, printable, not too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in found).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}…"


_LONGEST_QUOTE = 160


def printable(said: str) -> str:
    """Return a text without what a terminal obeys or a name hides, numbers in their place; JSON stays the same JSON.

    That is: controls but for tabs and line ends, marks that turn the direction of writing, and what stands for the
    bytes of a name that is in no encoding.
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", said)


_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Fault(NamedTuple):
    """One thing wrong in a table.

    Attributes
    ----------
    file, row
        Where it stands; the row as a text editor counts (the header is line 1), None for the whole file.
    text
        What was found, what to do.
    about
        The file that the fault is about, when it is told in the row of another one.
    """

    file: str
    row: int | None
    text: Text
    about: str | None = None

    def say(self, language: Language) -> str:
        """Return the fault as one line."""
        where = self.file
        if self.row is not None:
            where += f", {'riga' if language == 'it' else 'line'} {self.row}"
        return f"{where}: {self.text.say(language)}"


MOST_FAULTS = 100
"""Faults that are listed one by one; nobody reads more of them at once."""


def list_faults(faults: Sequence[Fault], language: Language, every: str) -> list[str]:
    """Return a line for each of the first :data:`MOST_FAULTS` faults, and one that counts the rest.

    Parameters
    ----------
    faults, language
        What is listed, and how.
    every
        The option that gives all of them.
    """
    lines = [fault.say(language) for fault in faults[:MOST_FAULTS]]
    rest = len(faults) - len(lines)
    if rest:
        told = ngettext("... and one more fault: {every}", "... and {count} more faults: {every}", rest, every=every)
        lines.append(told.say(language))
    return lines


class PsttmError(Exception):
    """Anything this package refuses to do, with a sentence for the person who asked.

    Parameters
    ----------
    text
        What was found, what was expected and what to do.

    Attributes
    ----------
    language
        Of ``str(error)``, one for all errors of a process.
    """

    language: Language = "it"

    def __init__(self, text: Text) -> None:
        super().__init__(text.it)
        self.text = text

    def __str__(self) -> str:
        return self.text.say(self.language)


class InputMissingError(PsttmError, FileNotFoundError):
    """A file or folder named by the user does not exist."""


class BoundaryFileError(PsttmError, ValueError):
    """A file of boundaries cannot be used."""


class VectorFileError(BoundaryFileError):
    """A vector file of the office cannot be used.

    Parameters
    ----------
    path
        The file, as the user named it.
    reason
        What was found, what was expected and what to do, to follow the name of the file.
    """

    def __init__(self, path: Path, reason: Text) -> None:
        super().__init__(same("{path}: {reason}").fill(path=path, reason=reason))
        self.reason = reason


class ResidentsFileError(PsttmError, ValueError):
    """A file of residents cannot be used."""


class CensusFileError(PsttmError, ValueError):
    """A file of census sections cannot be used."""


class CrsError(PsttmError, ValueError):
    """A layer is in another coordinate reference system than the one required."""


class LayerContractError(PsttmError, ValueError):
    """A table does not hold the columns or keys of the layer it should become."""


class OsmFileError(PsttmError, ValueError):
    """A file of OpenStreetMap data cannot be used."""


class NetworkFileError(PsttmError, ValueError):
    """A saved network, or what was kept of an extract, cannot be used."""


class EmptyNetworkError(PsttmError, ValueError):
    """A network has no street that can be walked."""


class LimitError(PsttmError, ValueError):
    """A time limit is no time that can be walked, or a share is none."""


class PlaceError(PsttmError, ValueError):
    """A place is where nobody walks."""


class ProfileError(PsttmError, ValueError):
    """A profile of walkers cannot walk."""


class DeliveryError(PsttmError, ValueError):
    """Two deliveries cannot be compared."""


class OutputError(PsttmError, OSError):
    """An output cannot be written; whatever stood there before is untouched."""


class DownloadError(PsttmError, ConnectionError):
    """Something could not be downloaded."""


class UnknownNameError(PsttmError, LookupError):
    """An edition, layer or municipality that does not exist was asked for."""


class BusyError(PsttmError, RuntimeError):
    """Something long is being done already, and only one such thing is done at a time."""


class WorkspaceError(PsttmError, ValueError):
    """The workspace is damaged or holds a file that changed after it was registered."""


class MissingPackageError(PsttmError, ImportError):
    """An optional package is needed for what was asked."""


class TableError(PsttmError, ValueError):
    """One or more tables break their contract.

    Parameters
    ----------
    faults
        All faults found, at least one.
    rows
        How many rows the table has, where they were all looked at: those without a fault are told too.
    """

    def __init__(self, faults: Sequence[Fault], *, rows: int | None = None) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        found = ngettext("found {count} fault in the tables", "found {count} faults in the tables", count)
        if rows is not None:
            bad = len({fault.row for fault in self.faults})
            found = gettext(
                "{found} (rows with faults {bad}, without {good}, in all {rows})",
                found=found,
                bad=bad,
                good=rows - bad,
                rows=rows,
            )
        listed = {
            language: "\n".join(f"  {line}" for line in list_faults(self.faults, language, "--faults FILE"))
            for language in LANGUAGES
        }
        super().__init__(same("{found}:\n{listed}").fill(found=found, listed=Text(**listed)))

    @classmethod
    def of(cls, file: str, row: int | None, text: Text) -> "TableError":
        """Return the error of a single fault; parameters as :class:`Fault`."""
        return cls([Fault(file, row, text)])


class EmptyTableError(TableError):
    """A table has no row of data."""
