"""Where the municipalities are in a file of boundaries.

ISTAT names the layer ``Com<ddmmyyyy>[_g][_WGS84].shp`` (``_g`` is the generalised version) and keeps it in folders
whose names vary by year; the system is EPSG:32632 in spite of "WGS84" in the name. An office may have the same fields
in a file of its own, of any name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from psttm_geo.core import vector_files
from psttm_geo.core.errors import BoundaryFileError, InputMissingError, VectorFileError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import COMMA, NOTHING, Text, gettext
from psttm_geo.territory.osm_boundaries import OSM_SUFFIXES

NEEDED = ("COD_PROV", "PRO_COM_T", "COMUNE")
"""ISTAT's fields that municipalities are read from."""

_LAYER = re.compile(
    r"com(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})(?P<generalised>_g)?(?:_\w+)?\.shp", re.IGNORECASE
)

_LARGER_UNITS = re.compile(r"(?:prov(?:cm)?|reg|ripgeo)\d{8}\w*", re.IGNORECASE)
"""ISTAT's layers of provinces, regions and parts of Italy, which stand beside that of municipalities."""

_COMPANIONS = (".shx", ".dbf", ".prj")


@dataclass(frozen=True)
class Found:
    """The municipal layer of a file.

    Attributes
    ----------
    layer
        To be read.
    fields
        Its fields by their names in upper case.
    reference_date
        The day of the boundaries, by the name of the layer; empty where it does not say.
    generalised
        By the name of the layer; None where it does not say.
    by_istat
        Whether it is ISTAT's own Shapefile, whose system is known.
    sha256
        Of the file.
    notices
        Which layer was read, where there are others.
    """

    layer: vector_files.Layer
    fields: dict[str, str]
    reference_date: str
    generalised: bool | None
    by_istat: bool
    sha256: str
    notices: tuple[Text, ...]


def find_layer(path: Path) -> Found:
    """Find the municipal layer in ISTAT's zip or folder, or in a vector file with ISTAT's fields.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    BoundaryFileError
        There is none, or more than one.
    """
    if not path.exists():
        raise InputMissingError(
            gettext(
                "{path} does not exist; check its name (ISTAT's zip of boundaries, the folder it was "
                "unpacked to, or a vector file with the same fields).",
                path=path,
            )
        )
    if path.name.lower().endswith(OSM_SUFFIXES):
        raise VectorFileError(path, _OF_THE_MAP)
    members = vector_files.list_members(path)
    _require_inside(path, members)
    if not any(_LAYER.fullmatch(PurePosixPath(name).name) for name in members):
        return _find_other(path)
    name = _choose_layer(path, members)
    (layer,) = vector_files.list_layers(path, only=name)
    return _describe(path, layer, by_istat=True)


_OF_THE_MAP = gettext("is an extract of OpenStreetMap; to use its boundaries: psttm-geo build --boundaries FILE.")

_NO_MUNICIPALITIES = gettext(
    "holds no municipal layer (expected a file such as Com01012023_g_WGS84.shp); download the "
    "boundaries of the administrative units from ISTAT."
)


def _find_other(path: Path) -> Found:
    """Find a layer that has ISTAT's fields, whatever its name."""
    layers = [layer for layer in vector_files.list_layers(path) if not _LARGER_UNITS.fullmatch(layer.name)]
    if not layers:
        raise VectorFileError(path, _NO_MUNICIPALITIES)
    layer, notices = vector_files.choose_layer(path, layers, lambda one: one.spatial and not _missing(one))
    return _describe(path, layer or layers[0], notices)


def _missing(layer: vector_files.Layer) -> list[str]:
    upper = {field.upper() for field in layer.fields}
    return [field for field in NEEDED if field not in upper]


def _describe(
    path: Path, layer: vector_files.Layer, notices: tuple[Text, ...] = (), *, by_istat: bool = False
) -> Found:
    missing = ", ".join(_missing(layer))
    if missing:
        found = ", ".join(layer.fields) or "—"
        raise VectorFileError(
            path,
            gettext(
                "layer {name} lacks the fields {missing} (found {found}); use the boundaries that ISTAT publishes.",
                name=layer.name,
                missing=missing,
                found=found,
            ),
        )
    if not layer.spatial:
        raise VectorFileError(path, vector_files.NOWHERE)
    named = _LAYER.fullmatch(f"{layer.name}.shp")
    dataset = Path(layer.dataset)
    return Found(
        layer=layer,
        fields={field.upper(): field for field in layer.fields},
        reference_date="" if named is None else f"{named['year']}-{named['month']}-{named['day']}",
        generalised=None if named is None else named["generalised"] is not None,
        by_istat=by_istat,
        sha256=sha256_of(dataset if dataset.is_file() else path) if path.is_dir() else sha256_of(path),
        notices=notices,
    )


def _require_inside(path: Path, members: Iterable[str]) -> None:
    for member in members:
        parts = PurePosixPath(member.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match(r"[A-Za-z]:", member):
            raise BoundaryFileError(
                gettext(
                    "{path} holds “{member}”, which points outside the zip: not ISTAT's file; download it again.",
                    path=path,
                    member=member,
                )
            )


def _choose_layer(path: Path, members: list[str]) -> str:
    """Return the municipal layer among file names; ISTAT's WGS84 copy wins over one without the suffix."""
    layers = [name for name in members if _LAYER.fullmatch(PurePosixPath(name).name)]
    layers.sort(key=lambda name: ("wgs84" not in name.lower(), name))
    _require_one(path, layers)
    stem = layers[0].removesuffix(PurePosixPath(layers[0]).suffix)
    present = {name.lower() for name in members}
    missing = [suffix for suffix in _COMPANIONS if f"{stem}{suffix}".lower() not in present]
    if missing:
        raise BoundaryFileError(
            gettext(
                "{path}: beside {layer} {listed} is missing{hint}; take ISTAT's complete zip.",
                path=path,
                layer=PurePosixPath(layers[0]).name,
                listed=", ".join(missing),
                hint=gettext(" (the CRS is not declared)") if ".prj" in missing else NOTHING,
            )
        )
    return layers[0]


def _require_one(path: Path, layers: Iterable[str]) -> None:
    """Refuse layers of several days, or of both versions: which one is meant is not for us to choose."""
    named = (_LAYER.fullmatch(PurePosixPath(layer).name) for layer in layers)
    found = sorted(
        {
            (f"{one['year']}-{one['month']}-{one['day']}", one["generalised"] is not None)
            for one in named
            if one is not None
        }
    )
    if len(found) > 1:
        listed = COMMA.join(
            gettext("{day} generalised", day=day) if coarse else gettext("{day} detailed", day=day)
            for day, coarse in found
        )
        raise BoundaryFileError(
            gettext(
                "{path} holds several municipal layers ({listed}); give the folder or the zip of one.",
                path=path,
                listed=listed,
            )
        )
