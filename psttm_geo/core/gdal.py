"""GDAL kept to what this package reads with it: files of named formats, nothing that they point to, no network.

A file may say that its data are elsewhere: a VRT whatever its name, a service, an address in a GeoJSON or a GML. None
of that is opened. Whoever reads a vector file goes through this module, never through pyogrio or geopandas directly.
"""

import json
import mmap
import re
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyogrio
from pyogrio._ogr import _register_drivers

from psttm_geo.core.errors import MissingPackageError, VectorFileError
from psttm_geo.core.messages import gettext

DRIVERS = ("ESRI Shapefile", "GPKG", "GeoJSON", "FlatGeobuf", "LIBKML", "KML", "GML", "OpenFileGDB")
"""The formats that are read."""

_AT_HOME = {
    "GML_DOWNLOAD_SCHEMA": "NO",  # nor the description of its fields that a GML names
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/",  # no file is called so: nothing is opened behind /vsicurl/ and its kind
    "GDAL_HTTP_PROXY": "none://",  # a way that libcurl does not know: it gives up before it opens a socket
    "GDAL_HTTPS_PROXY": "none://",
}
"""What GDAL is told once for all."""

_BINARY = (b"SQLite format 3\0", b"fgb", b"\0\0\x27\x0a", b"PK", b"<")
"""How files begin that hold no JSON: GeoPackage, FlatGeobuf, Shapefile, zip, XML."""

_HEAD_BYTES = 1024

_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]", re.IGNORECASE)

_NAMES = (re.compile(rb"crs", re.IGNORECASE), re.compile(rb"url|link", re.IGNORECASE))

_lock = threading.Lock()
_done = threading.Event()


def confine() -> None:
    """Take from GDAL, for this process, every format but :data:`DRIVERS`, and its ways to the network.

    Raises
    ------
    MissingPackageError
        This version of pyogrio does not allow it.
    """
    with _lock:
        if _done.is_set():
            return
        pyogrio.set_gdal_config_options({**_AT_HOME, "GDAL_SKIP": ",".join(_others())})
        _register_drivers()  # anew, without those to be skipped
        if _others():
            raise MissingPackageError(
                gettext(
                    "pyogrio {version} does not let formats be left out; install the version of requirements.lock.",
                    version=pyogrio.__version__,
                )
            )
        _done.set()


def _others() -> list[str]:
    return [name for name in pyogrio.list_drivers() if name not in DRIVERS]


def dataset_of(path: Path, member: str = "") -> str:
    """Return what GDAL opens: a file, or a file in a zip.

    Parameters
    ----------
    path
        The file, or the zip.
    member
        Its name in the zip.

    Raises
    ------
    VectorFileError
        It is a GeoJSON that names its CRS by an address, which GDAL would ask.
    """
    if member:
        with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
            head = packed.read(_HEAD_BYTES)
            asks = _may_be_json(head) and _names_address(head + packed.read())
    else:
        asks = path.is_file() and _file_names_address(path)
    if asks:
        raise VectorFileError(path, _ADDRESS)
    return f"/vsizip/{{{path.resolve()}}}/{member}" if member else str(path.absolute())


_ADDRESS = gettext(
    "names its CRS by an address on the network, which is not asked, or is no valid GeoJSON; export it again from QGIS."
)


def _file_names_address(path: Path) -> bool:
    with path.open("rb") as file:
        if not _may_be_json(file.read(_HEAD_BYTES)):
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _names_address(content)


def _may_be_json(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(head) and not start.startswith(_BINARY) and not head.startswith(_BINARY)


def _names_address(content: bytes | mmap.mmap) -> bool:
    """Tell whether a JSON has a CRS of the kinds ``link`` or ``url``, wherever it stands.

    Only a text in which these words may stand is parsed; one that is no JSON then counts as if it had one.
    """
    if not _ESCAPED_LETTER.search(content) and not all(name.search(content) for name in _NAMES):
        return False
    try:
        json.loads(bytes(content).decode("utf-8-sig", "replace"), object_pairs_hook=_look_at)
    except (ValueError, RecursionError):
        return True
    return False


_LINK = object()
"""What an object of JSON becomes here that is a link; any other becomes nothing."""


def _look_at(pairs: Sequence[tuple[str, object]]) -> object:
    """Look at the members of an object, whose names GDAL reads in any case; stop at a CRS that is a link."""
    if any(name.lower() == "crs" and value is _LINK for name, value in pairs):
        raise ValueError
    types = (str(value).lower() for name, value in pairs if name.lower() == "type")
    return _LINK if any(kind in ("link", "url") for kind in types) else None


def list_layers(dataset: str) -> list[str]:
    """Return the names of the layers of a dataset."""
    confine()
    return [str(name) for name in pyogrio.list_layers(dataset)[:, 0]]


def read_info(dataset: str, layer: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as pyogrio has them
    """Return what a layer says of itself, as :func:`pyogrio.read_info` does."""
    confine()
    info: dict[str, Any] = pyogrio.read_info(dataset, layer=layer, **options)
    return info


def read_dataframe(dataset: str | Path, **options: Any) -> Any:  # noqa: ANN401 - as pyogrio has them; a table with shapes or without
    """Return the features of a layer, as :func:`pyogrio.read_dataframe` does."""
    confine()
    return pyogrio.read_dataframe(dataset, **options)
