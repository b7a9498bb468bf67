"""The coordinate reference systems of the package: one to measure in, one to show in, two to deliver in."""

import re
from typing import TYPE_CHECKING

from psttm_geo.core.errors import CrsError
from psttm_geo.core.messages import NOTHING, gettext, same

if TYPE_CHECKING:
    import geopandas as gpd

METRIC = "EPSG:32632"
"""WGS 84 / UTM zone 32N, the system of ISTAT's boundaries; metres."""

GEOGRAPHIC = "EPSG:4326"
"""WGS 84 longitude and latitude, the system of web maps and GeoJSON; degrees."""

NATIONAL = "EPSG:7791"
"""RDN2008 / UTM zone 32N with the east first, what new data of Italian administrations refer to; metres."""

DELIVERED = (METRIC, NATIONAL)
"""What layers are delivered in; the first by default."""

_NORTH_FIRST = "EPSG:6707"
"""The same system as :data:`NATIONAL`, with the axes in the other order: programs mix them up."""

_UTM = re.compile(r"EPSG:32[67]([0-9]{2})")
"""A zone of WGS 84 / UTM, north or south."""

SQUARE_METRES_PER_KM2 = 1_000_000


def require_metric(layer: "gpd.GeoDataFrame", name: str) -> None:
    """Refuse a layer that is not in :data:`METRIC`, so that lengths and areas are true metres.

    Parameters
    ----------
    layer
        Any layer; not changed, never reprojected here.
    name
        What to call the layer in the message.

    Raises
    ------
    CrsError
        The layer has no CRS or another one.
    """
    if layer.crs is None or layer.crs != METRIC:
        found = "nessuno" if layer.crs is None else layer.crs.to_string()
        raise CrsError(
            gettext(
                "“{name}”: found CRS {found}, expected {metric}; reproject the layer.",
                name=name,
                found=found,
                metric=METRIC,
            )
        )


def require_plane(found: str, name: str) -> None:
    """Refuse streets on another plane than :data:`METRIC`, on which residents, services and results lie.

    Parameters
    ----------
    found
        The system of the streets.
    name
        What to call them in the message: the extract, where it is known.

    Raises
    ------
    CrsError
        It is another one.
    """
    if found == METRIC:
        return
    zone = _UTM.fullmatch(found)
    where = gettext("in UTM zone {zone}", zone=zone[1]) if zone else gettext("elsewhere")
    raise CrsError(
        gettext(
            "{name}: the street network is {where} ({found}), expected in {metric}: results are computed in UTM zone "
            "32 north only, between 6° and 12° of eastern longitude; give an extract or a territory of that zone.",
            name=name,
            where=where,
            found=found,
            metric=METRIC,
        )
    )


def find_delivered(written: str) -> str:
    """Return the system of :data:`DELIVERED` that somebody means by ``7791``, ``EPSG:7791`` or ``epsg:7791``.

    Raises
    ------
    CrsError
        Layers are not delivered in it.
    """
    asked = written.strip().upper()
    asked = asked if asked.startswith("EPSG:") else f"EPSG:{asked}"
    if asked not in DELIVERED:
        hint = gettext("; {asked} is {national} with the north before the east: use {national}")
        raise CrsError(
            gettext(
                "Coordinate reference system “{written}”: expected {known}{hint}.",
                written=written,
                known=gettext(" or ").join(map(same, DELIVERED)),
                hint=hint.fill(asked=asked, national=NATIONAL) if asked == _NORTH_FIRST else NOTHING,
            )
        )
    return asked
