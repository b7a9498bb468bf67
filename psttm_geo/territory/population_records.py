"""Residents in space: census sections as read, and places that residents are put on."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import Source


@dataclass(frozen=True)
class Sections:
    """Census sections of the territory.

    Attributes
    ----------
    sections
        ``municipality_code``, ``section`` (13 characters: municipality and number), ``residents``, with
        :attr:`by_age` the columns of :data:`psttm_geo.schema.layers.AGE_BANDS` too, and polygons in EPSG:32632; all
        whole numbers, sections without residents included.
    by_age
        Whether residents are known by age band.
    year
        The census.
    source
        Where they come from.
    notices
        What was repaired or is odd, for the user.
    """

    sections: gpd.GeoDataFrame
    by_age: bool
    year: int
    source: Source
    notices: tuple[Text, ...]


@dataclass(frozen=True)
class Population:
    """Residents put on places.

    Attributes
    ----------
    places
        ``municipality_code``, ``residents`` and the columns of :data:`psttm_geo.schema.layers.AGE_BANDS` (multiples of
        1/1024 of a person, so that sums are exact in whatever order), ``method`` (a key of :data:`METHODS`),
        ``section`` (None where none), ``spread_m`` (how far from there somebody may live along either axis, a standard
        deviation) and points in EPSG:32632; only places that somebody lives on. Those of :data:`OUTSIDE` stand all over
        the part of a municipality that nothing is known of.
    methods
        One row per municipality: ``municipality_code``, ``municipality``, ``method``, ``residents`` (to be placed),
        ``counted`` (on its sections before scaling, NA without), ``places`` (how many).
    notices
        What is odd, for the user.
    """

    places: gpd.GeoDataFrame
    methods: pd.DataFrame
    notices: tuple[Text, ...]


OUTSIDE = "outside"
"""Method of residents who live where no dwellings are known of."""

METHODS: dict[str, Text] = {
    "sections_by_age": gettext("census sections by age, scaled to the municipality's residents by age band"),
    "sections": gettext("census sections, scaled to the municipality's residents; age bands as in the municipality"),
    "buildings": gettext(
        "the municipality's residents spread over OpenStreetMap's residential buildings, by ground area"
    ),
    "residential_streets": gettext(
        "the municipality's residents spread over OpenStreetMap's residential streets, by length"
    ),
    "streets": gettext("the municipality's residents spread over all of OpenStreetMap's streets, by length"),
    OUTSIDE: gettext("the municipality's residents outside the extract of OpenStreetMap: nothing is known of them"),
    "nowhere": gettext("the municipality's residents have no place: it has neither sections nor streets"),
}
"""How residents were put on places, to be written beside every figure that rests on it."""

STAND_INS: dict[str, Text] = {
    "buildings": gettext("residential buildings, by ground area"),
    "residential_streets": gettext("stretches of residential streets, by length (too few buildings are mapped)"),
    "streets": gettext("stretches of all streets, by length (too few buildings and residential streets are mapped)"),
}
"""What stands for residents where they are not known, by method."""
