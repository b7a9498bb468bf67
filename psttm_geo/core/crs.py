"""The coordinate reference systems of the package: one to measure in, one to show in, two to deliver in."""

import re
from typing import TYPE_CHECKING

from psttm_geo.core.errors import CrsError, Text

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
            Text(
                it=f"«{name}»: sistema di riferimento trovato {found}, atteso {METRIC}; riproiettare il layer.",
                en=f"“{name}”: found CRS {found}, expected {METRIC}; reproject the layer.",
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
    where = Text(f"nel fuso UTM {zone[1]}", f"in UTM zone {zone[1]}") if zone else Text("altrove", "elsewhere")
    raise CrsError(
        Text(
            f"{name}: la rete stradale è {where.it} ({found}), attesa in {METRIC}: i calcoli si fanno solo nella zona "
            "UTM 32 nord, fra 6° e 12° di longitudine est; indicare un estratto o un territorio di quella zona.",
            f"{name}: the street network is {where.en} ({found}), expected in {METRIC}: results are computed in UTM "
            "zone 32 north only, between 6° and 12° of eastern longitude; give an extract or a territory of that zone.",
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
        known = " o ".join(DELIVERED), " or ".join(DELIVERED)
        swapped = asked == _NORTH_FIRST
        raise CrsError(
            Text(
                it=f"Sistema di riferimento «{written}»: atteso {known[0]}"
                + (f"; {asked} è {NATIONAL} con il nord prima dell'est: usare {NATIONAL}." if swapped else "."),
                en=f"Coordinate reference system “{written}”: expected {known[1]}"
                + (f"; {asked} is {NATIONAL} with the north before the east: use {NATIONAL}." if swapped else "."),
            )
        )
    return asked
