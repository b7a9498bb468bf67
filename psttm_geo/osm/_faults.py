"""What can be wrong with an OSM file or with the disk while it is read, as sentences."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import osmium
import pyarrow as pa

from psttm_geo.core.errors import OsmFileError, OutputError, Text, quote

FREE_BYTES = 256 << 20
"""What the scratch folder should have free: the table of locations and the lines of one batch."""

EXPECTED = Text(
    "indicare un estratto .osm.pbf, .osm, .osm.gz o .osm.bz2",
    "give an extract .osm.pbf, .osm, .osm.gz or .osm.bz2",
)
"""What to do with a file that is something else."""

BROKEN = (
    RuntimeError,
    ValueError,
    IndexError,
    OverflowError,
    MemoryError,
    osmium.InvalidLocationError,
    pa.ArrowException,
)
"""What libosmium and Arrow raise on content that is no OSM data."""

_UNSUPPORTED = ("not supported", "Can not read file with version")
"""What libosmium says of a sound file that uses a part of the format which it cannot read."""


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Turn what libosmium and Arrow say of a broken file into a sentence."""
    try:
        yield
    except OsmFileError:
        raise
    except BROKEN as error:
        reason = str(error)
        if "No space left" in reason:
            raise no_room(Path(tempfile.gettempdir())) from error
        said = quote(reason)
        if any(said_of in reason for said_of in _UNSUPPORTED):
            raise unsupported(path, Text(f"il lettore dice «{said}»", f"the reader says “{said}”")) from error
        raise damaged_file(path, Text(f"il lettore dice «{said}»", f"the reader says “{said}”")) from error


def damaged_file(path: Path, reason: Text) -> OsmFileError:
    """Say that a file is broken."""
    return OsmFileError(
        Text(
            f"{path} è troncato o danneggiato ({reason.it}); scaricarlo di nuovo.",
            f"{path} is truncated or damaged ({reason.en}); download it again.",
        )
    )


def unsupported(path: Path, reason: Text) -> OsmFileError:
    """Say that a file uses a part of its format that cannot be read."""
    return OsmFileError(
        Text(
            f"{path} usa una parte del formato che qui non si legge ({reason.it}); riscriverlo con un altro "
            "programma, per esempio osmium cat, o indicare un altro estratto.",
            f"{path} uses a part of its format that is not read here ({reason.en}); write it again with another "
            "program, for example osmium cat, or give another extract.",
        )
    )


def not_osm(path: Path, found: Text | None = None, remedy: Text = EXPECTED) -> OsmFileError:
    """Say that a file is something else, and what, where that is known."""
    named = Text("", "") if found is None else Text(f": è {found.it}", f": it is {found.en}")
    return OsmFileError(
        Text(
            f"{path} non è un file di OpenStreetMap che si possa leggere{named.it}; {remedy.it}.",
            f"{path} is no OpenStreetMap file that can be read{named.en}; {remedy.en}.",
        )
    )


def no_room(folder: Path) -> OutputError:
    """Say that the scratch folder is full."""
    return OutputError(
        Text(
            f"In {folder} non c'è posto per i file temporanei (servono {FREE_BYTES >> 20} MB); "
            "liberare spazio o indicare un'altra cartella con TMPDIR.",
            f"{folder} has no room for temporary files ({FREE_BYTES >> 20} MB are needed); "
            "free some space or name another folder with TMPDIR.",
        )
    )
