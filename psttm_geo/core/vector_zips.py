"""Zips of vector files: what is in them, and whether it is whole."""

import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath

from psttm_geo.core.errors import VectorFileError
from psttm_geo.core.messages import gettext, same
from psttm_geo.core.reading import OF_ZIPS, is_inflated_zip, refusing

SUFFIXES = (".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml", ".kmz", ".gml")
"""How vector files end that are looked for in a zip or a folder."""


SHOWN = 10
"""Layers or rows that a sentence names."""


_NEEDED = (".shx", ".dbf")
"""Without them a Shapefile has no index, or no fields."""


NO_CONTAINER = (".kmz", ".xlsx", ".xlsm", ".ods")
"""Zips that are one file to whoever uses them."""


def is_zip(path: Path) -> bool:
    """Return whether a file is a zip of other files: by its name, or by its content whatever its name."""
    suffix = path.suffix.lower()
    return suffix == ".zip" or (suffix not in NO_CONTAINER and path.is_file() and zipfile.is_zipfile(path))


def zip_names(path: Path) -> list[str]:
    """Return the names of what a zip holds.

    Raises
    ------
    VectorFileError
        It is damaged, or unpacks to far more than its size.
    """
    with refusing(OF_ZIPS, lambda _: VectorFileError(path, _NO_ZIP)), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if is_inflated_zip(archive):
            raise VectorFileError(path, _INFLATED)
    if any(member.flag_bits & 1 for member in members):
        raise VectorFileError(path, _ENCRYPTED)
    return [member.filename for member in members if not member.is_dir()]


def require_undamaged(path: Path, name: str) -> None:
    """Read a file in a zip, and those that go with it, to the end."""
    stem = name.rpartition(".")[0]
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member.rpartition(".")[0] == stem:
                with refusing(OF_ZIPS, partial(_damaged_member, path, member)), archive.open(member) as file:
                    while file.read(_BLOCK_BYTES):
                        pass


def _damaged_member(path: Path, member: str, _: Exception) -> VectorFileError:
    return VectorFileError(
        path, gettext("“{member}” is damaged; make the zip again or download it again.", member=member)
    )


_BLOCK_BYTES = 1 << 20

_ENCRYPTED = gettext("is a zip protected by a password; unpack it and give the folder.")


_INFLATED = gettext("unpacks to more than a hundred times its size, as no map does; unpack it and give the folder.")


_NO_ZIP = gettext("is not a readable zip or is truncated; make it again or download it again.")


def vector_members(path: Path, names: list[str]) -> list[str]:
    """Return the vector files among names; those that systems leave in zips are none."""
    own = [name for name in names if "__MACOSX" not in name and not PurePosixPath(name).name.startswith(".")]
    found = [name for name in own if name.lower().endswith(SUFFIXES)]
    if found:
        return found
    listed = same(", ".join(own[:SHOWN])) if own else gettext("no file")
    raise VectorFileError(
        path,
        gettext(
            "holds no vector file (found: {listed}; expected .shp, .gpkg, .geojson or .kml); add it or give another "
            "file.",
            listed=listed,
        ),
    )


def require_companions(path: Path, name: str, present: Iterable[str]) -> None:
    """Refuse a Shapefile without the files that it cannot be read without."""
    there = {one.lower() for one in present}
    stem = name.rpartition(".")[0].lower()
    missing = ", ".join(suffix for suffix in _NEEDED if f"{stem}{suffix}" not in there)
    if missing:
        shown = PurePosixPath(name).name
        raise VectorFileError(
            path,
            gettext(
                "{missing} is missing beside {shown}; a Shapefile is .shp, .shx, .dbf and .prj: copy all of them.",
                missing=missing,
                shown=shown,
            ),
        )
