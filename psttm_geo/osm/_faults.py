"""What can be wrong with an OSM file or with the disk while it is read, as sentences."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import osmium
import pyarrow as pa

from psttm_geo.core.errors import OsmFileError, OutputError, quote
from psttm_geo.core.messages import NOTHING, Text, gettext

FREE_BYTES = 256 << 20
"""What the scratch folder should have free: the table of locations and the lines of one batch."""

EXPECTED = gettext("give an extract .osm.pbf, .osm, .osm.gz or .osm.bz2")
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
            raise unsupported(path, gettext("the reader says “{said}”", said=said)) from error
        raise damaged_file(path, gettext("the reader says “{said}”", said=said)) from error


def damaged_file(path: Path, reason: Text) -> OsmFileError:
    """Say that a file is broken."""
    return OsmFileError(
        gettext("{path} is truncated or damaged ({reason}); download it again.", path=path, reason=reason)
    )


def unsupported(path: Path, reason: Text) -> OsmFileError:
    """Say that a file uses a part of its format that cannot be read."""
    return OsmFileError(
        gettext(
            "{path} uses a part of its format that is not read here ({reason}); write it again with "
            "another program, for example osmium cat, or give another extract.",
            path=path,
            reason=reason,
        )
    )


def not_osm(path: Path, found: Text | None = None, remedy: Text = EXPECTED) -> OsmFileError:
    """Say that a file is something else, and what, where that is known."""
    named = NOTHING if found is None else gettext(": it is {found}", found=found)
    return OsmFileError(
        gettext(
            "{path} is no OpenStreetMap file that can be read{named}; {remedy}.", path=path, named=named, remedy=remedy
        )
    )


def no_room(folder: Path) -> OutputError:
    """Say that the scratch folder is full."""
    return OutputError(
        gettext(
            "{folder} has no room for temporary files ({free_bytes} MB are needed); free some space or "
            "name another folder with TMPDIR.",
            folder=folder,
            free_bytes=FREE_BYTES >> 20,
        )
    )
