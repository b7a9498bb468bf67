"""The municipalities of the territory and of the ring around it."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source


@dataclass(frozen=True)
class Boundaries:
    """Municipal boundaries as read from one source.

    Attributes
    ----------
    municipalities
        Columns ``municipality_code``, ``municipality`` and geometry in EPSG:32632, valid (multi)polygons sorted by
        code; ``cadastral_code`` too where the source has it.
    source
        Where they come from.
    notices
        What was repaired or is odd, for the user.
    """

    municipalities: gpd.GeoDataFrame
    source: Source
    notices: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Residents:
    """Residents by municipality, sex and single year of age.

    Attributes
    ----------
    counts
        Columns ``municipality_code``, ``age`` (0-100, 100 is "100 and over"), ``males``, ``females``.
    date
        The day they were counted, ISO 8601.
    source
        Where they come from.
    provisional
        Whether the publisher calls them an estimate.
    notices
        What was repaired or is odd, for the user.
    """

    counts: pd.DataFrame
    date: str
    source: Source
    provisional: bool = False
    notices: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What the package starts from with no download.

    Attributes
    ----------
    boundaries
        The municipalities of the territory.
    ring
        The same columns for the municipalities around it, and ``province``.
    residents
        Of both.
    """

    boundaries: Boundaries
    ring: gpd.GeoDataFrame
    residents: Residents
