"""The Degree of Urbanisation of municipalities: its classes, and what is known of them.

Level 1 has three classes, with the codes that ISTAT and Eurostat give municipalities; level 2 divides the second and
the third further, with the codes of Eurostat's and the JRC's manual. Only level 2 knows what is peri-urban.
"""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import Source
from psttm_geo.schema.code_lists import CLASS_COLUMNS

CITY, TOWN, RURAL = 1, 2, 3

LEVEL_1 = {CITY: gettext("city"), TOWN: gettext("towns and suburbs"), RURAL: gettext("rural areas")}
"""Classes of level 1."""

PERI_URBAN = 21

PERI_URBAN_SCOPE = "periurbano"
"""What rules of scopes and focuses call the municipalities that are suburbs or peri-urban areas."""

LEVEL_2 = {
    30: gettext("city"),
    23: gettext("dense town"),
    22: gettext("semi-dense town"),
    PERI_URBAN: gettext("suburb or peri-urban area"),
    13: gettext("village"),
    12: gettext("dispersed rural area"),
    11: gettext("mostly uninhabited area"),
}
"""Classes of level 2, the densest first."""

LEVEL_1_OF = dict.fromkeys(LEVEL_2, RURAL) | dict.fromkeys((23, 22, PERI_URBAN), TOWN) | {30: CITY}
"""The class of level 1 that each class of level 2 is part of."""

FILE, EXPERIMENTAL = "file", "experimental"
"""What a class rests on: ISTAT's or Eurostat's table as the office gave it, or this package's own computation."""

MANUAL = "Eurostat/JRC, Applying the Degree of Urbanisation, 2021 edition (doi:10.2785/706535)"

METHOD = gettext(
    "EXPERIMENTAL, not an official classification: Degree of Urbanisation, level 2, computed by "
    "psttm-geo on the 1 km grid (EPSG:3035) by the rules of the manual {manual}; residents of "
    "the municipalities around are spread evenly over each of them",
    manual=MANUAL,
)
"""How classes are computed, to be written beside every figure that rests on them."""


@dataclass(frozen=True)
class Urbanisation:
    """What is known of the Degree of Urbanisation of the territory's municipalities.

    Attributes
    ----------
    classes
        ``municipality_code`` and the columns of :data:`CLASS_COLUMNS`: the class of level 1 and of level 2 (Int64, NA
        where not known) and what they rest on (:data:`FILE`, :data:`EXPERIMENTAL`; None where no class is known). A
        municipality that is not listed has no known class.
    experimental
        Whether they are this package's own computation.
    source
        Where they come from.
    notices
        What was read otherwise than written, is missing or doubtful, for the user.
    """

    classes: pd.DataFrame
    experimental: bool
    source: Source
    notices: tuple[Text, ...] = ()


def class_table(codes: pd.Series, level_1: pd.Series, level_2: pd.Series, basis: str) -> pd.DataFrame:
    """Return classes as :attr:`Urbanisation.classes` has them, sorted by municipality.

    Parameters
    ----------
    codes
        Of municipalities, six characters.
    level_1, level_2
        Their classes, NA where not known; the class of level 1 may be left to that of level 2.
    basis
        What they rest on.
    """
    fine = pd.Series(level_2.to_numpy(), dtype="Int64")
    coarse = pd.Series(level_1.to_numpy(), dtype="Int64").fillna(fine.map(LEVEL_1_OF).astype("Int64"))
    columns = (coarse, fine, pd.Series(basis, index=coarse.index, dtype=object).where(coarse.notna(), None))
    table = pd.DataFrame(dict(zip(CLASS_COLUMNS, columns, strict=True)))
    table.insert(0, "municipality_code", pd.Series(codes.to_list(), dtype=object))
    return table.sort_values("municipality_code").reset_index(drop=True)
