"""What libraries raise on files that are damaged, and the one way in which it becomes a sentence.

Each tuple names what one library is known to raise on bytes that nobody would write on purpose; no more than the calls
of that library stands inside of :func:`refusing`, so that a mistake of ours is never taken for a damaged file.
"""

import contextlib
import lzma
import sqlite3
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import shapely

from psttm_geo.core.errors import PsttmError

OF_VECTORS = (
    RuntimeError,  # pyogrio's own and pyproj's
    ValueError,  # texts that are in no encoding, dates that are none, numbers of rows below zero
    OverflowError,
    MemoryError,  # a header that promises more features than there is room for
    UnboundLocalError,  # pyogrio's, of a CRS that cannot be written
    shapely.errors.ShapelyError,  # a shape that is no shape
)
"""GDAL by pyogrio, PROJ by pyproj, GEOS by shapely."""

OF_ZIPS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,  # a directory that ends too soon
    EOFError,
    OSError,  # a place before the start of the file
    RuntimeError,  # a password; a way of packing that Python does not know
    ValueError,  # a name in no encoding
    OverflowError,
)
"""zipfile, and what unpacks for it."""

OF_TOML = (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError)
"""tomllib: no TOML, no UTF-8, brackets inside of brackets without end."""

OF_SQLITE = (sqlite3.Error, *OF_VECTORS)
"""sqlite3, which GeoPackages are read with beside GDAL; texts that are no UTF-8 and values of another type."""

OF_PROJECTS = (*OF_ZIPS, TypeError, KeyError)
"""Projects of QGIS, which GeoPackages hold as a zip in hexadecimal text: no text, no such digits, no such member."""

OF_WORKBOOKS = (Exception,)
"""openpyxl, which lets through whatever its parts raise: zipfile, XML parsers, look-ups of parts that are not there,
sums with texts in place of numbers. It reads rows only when they are asked for, so that our code runs between."""

OF_ARRAYS = (pa.ArrowException, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, TypeError, KeyError)
"""NumPy's archives, the Parquet tables and the JSON in them, which this package has written."""


@contextlib.contextmanager
def refusing(errors: tuple[type[Exception], ...], refuse: Callable[[Exception], PsttmError]) -> Iterator[None]:
    """Turn what a library raises on a damaged file into a sentence.

    Parameters
    ----------
    errors
        Of the library, one of the tuples of this module.
    refuse
        Gives the sentence for what was raised.

    Raises
    ------
    PsttmError
        As `refuse` says, or as it was raised inside.
    """
    try:
        yield
    except PsttmError:
        raise
    except errors as error:
        raise refuse(error) from error


_ANY_BYTES = 64 << 20

MOST_TIMES = 100
"""Tables and maps pack tenfold, seldom thirtyfold; what was made to be large packs a thousandfold."""


def most_unpacked(packed: int) -> int:
    """Return to how many bytes packed ones may unpack: a few of them can be made to hold any amount."""
    return max(_ANY_BYTES, MOST_TIMES * packed)


def is_inflated_zip(archive: zipfile.ZipFile) -> bool:
    """Tell whether a zip holds more than :func:`most_unpacked`, by the sizes it declares: more is never read of it."""
    return sum(member.file_size for member in archive.infolist()) > most_unpacked(archive.start_dir)
