"""What the best places for services are best for."""

from typing import Literal, get_args

Aim = Literal["copertura", "media", "decimo_peggiore", "equita"]

COVERAGE: Aim = "copertura"
"""Most people within a time."""

MEAN: Aim = "media"
"""The least mean time."""

WORST_TENTH: Aim = "decimo_peggiore"
"""The least mean time of the tenth of people who walk longest."""

EQUITY: Aim = "equita"
"""The largest share of people within a time in the zone where it is smallest."""

AIMS: tuple[Aim, ...] = get_args(Aim)
