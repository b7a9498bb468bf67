"""Official registers of services: what one holds once read, and once placed on the territory."""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import Source

Mode = Literal["replaces", "completes"]
"""What a register does to OpenStreetMap's services of its categories: takes their place, or adds to them."""

Outcome = Literal["agrees", "near_border", "by_point", "doubtful", "no_point", "repeated", "elsewhere"]

USABLE = ("agrees", "near_border", "by_point")
"""Outcomes whose point can be walked to; the others count, but have no place."""


@dataclass(frozen=True)
class ServiceRegister:
    """A register of services as its file has it, repaired where there is no doubt.

    Attributes
    ----------
    identifier
        Of the layout (a row of ``registers.csv``), or the name of the office's mapping file.
    source
        Where it comes from.
    mode
        What it does to OpenStreetMap's services.
    covers
        Codes of the municipalities it is complete for; None for all of the territory.
    services
        ``row`` (in the file), ``type`` (as written), ``category`` (None where left out), ``code``, ``name``,
        ``municipality_code`` (declared, six characters, merged municipalities read as their successor; None where
        not stated or not readable) and ``geometry``: a point in EPSG:32632, or None.
    left_out
        ``type``, ``reason_it``, ``reason_en``, ``rows`` (how many): types that are no everyday service.
    issues
        ``row``, ``kind`` (a key of :data:`ISSUES`), ``written`` (what stands in the file): what a person should look
        at.
    notices
        What was repaired without doubt, for the user.
    """

    identifier: str
    source: Source
    mode: Mode
    covers: frozenset[str] | None
    services: gpd.GeoDataFrame
    left_out: pd.DataFrame
    issues: pd.DataFrame
    notices: tuple[Text, ...]


@dataclass(frozen=True)
class PlacedRegister:
    """A register whose services were held against the boundaries.

    Attributes
    ----------
    register
        As read.
    services
        Its services of the territory and of the ring around it, left-out types included: the columns of
        :attr:`ServiceRegister.services`, ``declared_code`` (None where not stated), ``point_code`` (municipality that
        the point lies in, None where none), ``distance_m`` (of the point from the declared municipality, NA where one
        of the two is missing), ``municipality_code`` (where the service counts: the declared one, else the point's),
        ``in_territory`` (of that one) and ``outcome``.
    conflicts
        ``row``, ``code``, ``name``, ``kind`` (a key of :data:`ISSUES`), ``found_it``, ``found_en``: sorted by row,
        only services of the territory, or whose point lies in it, and those of which nobody can tell where they are.
    elsewhere
        How many rows lie beyond the ring and were left out.
    nowhere
        How many rows have neither a municipality that can be read nor a point, and were left out.
    """

    register: ServiceRegister
    services: gpd.GeoDataFrame
    conflicts: pd.DataFrame
    elsewhere: int
    nowhere: int


ISSUES: dict[str, Text] = {
    "near_border": gettext("counts in the declared municipality, at the given point"),
    "doubtful": gettext("counts in the declared municipality; the point is not used until it is corrected"),
    "no_point": gettext("counts in the declared municipality, without a place"),
    "unreadable_point": gettext("read as having no place"),
    "not_a_point": gettext("is no point: read as having no place, give one point"),
    "swapped": gettext("coordinates were swapped: put in order"),
    "unknown_municipality": gettext("counts in the municipality of its point"),
    "nobodys_code": gettext("no municipality has this code: counts in the municipality of its point"),
    "nowhere": gettext("counts nowhere: neither the municipality nor the point can be read"),
    "formula": gettext(
        "a formula or what a failed one left in place of a value: read as a blank cell, paste values into the table"
    ),
    "code_from_name": gettext("read from the municipality's name"),
    "name_differs": gettext("counts in the municipality of the code"),
    "shared_point": gettext("all kept, at the given point"),
    "repeated": gettext("counted once only"),
}
"""Kinds of issues, and what was done about each."""
