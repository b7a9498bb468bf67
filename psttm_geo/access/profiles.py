"""How people walk: one profile per kind of walker, each with the published source of its speed."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from psttm_geo.core.messages import Text

BY_DEFAULT = "adulto"
"""Who walks an isochrone where nobody says who: it has one pace, and most residents are of this profile."""


@dataclass(frozen=True)
class Limits:
    """What stops a walker where the map gives a measure; None for no limit, and what is not mapped stops nobody.

    Attributes
    ----------
    kerb_max_cm
        The highest kerb that is passed.
    slope_max_percent, ramp_max_percent
        The steepest street, and the steepest way mapped as a ramp for wheelchairs; flights of steps are not judged.
    width_min_cm
        The narrowest street.
    smoothness_worst
        The last grade of :data:`psttm_geo.schema.code_lists.SMOOTHNESS` that is passed.
    rough
        Whether rough surfaces are passed where no grade is mapped.
    source
        What the limits rest on.
    """

    kerb_max_cm: float | None = None
    slope_max_percent: float | None = None
    ramp_max_percent: float | None = None
    width_min_cm: float | None = None
    smoothness_worst: str | None = None
    rough: bool = True
    source: str = ""


@dataclass(frozen=True)
class Profile:
    """A kind of walker.

    Attributes
    ----------
    identifier
        As in ``profiles.csv`` and in the layers.
    name
        For people.
    speed_m_s
        On the flat, metres per second, more than 0.
    slowest_m_s, fastest_m_s
        Between which the mean of such walkers lies, with a probability of 95 % by what was published.
    steps_speed_m_s
        Along flights of steps; None for a walker in a wheelchair, who needs a way without steps, obstacles, and streets
        mapped as not passable so, and passes what is mapped as passable so.
    crossing_s
        Waiting at each pedestrian crossing, seconds.
    bands
        The age bands of residents that walk so: keys of :data:`psttm_geo.schema.layers.AGE_BANDS`.
    reason, spread_reason, source, address
        What the figures rest on.
    limits
        What stops this walker.
    """

    identifier: str
    name: Text
    speed_m_s: float
    slowest_m_s: float
    fastest_m_s: float
    steps_speed_m_s: float | None
    crossing_s: float
    bands: tuple[str, ...]
    reason: Text
    spread_reason: Text
    source: str
    address: str
    limits: Limits = Limits()


def build_profiles(table: pd.DataFrame) -> tuple[Profile, ...]:
    """Return the profiles of ``profiles.csv``, in its order.

    Parameters
    ----------
    table
        Right by its contract.
    """
    return tuple(
        Profile(
            identifier=row["profile"],
            name=Text(row["name_it"], row["name_en"]),
            speed_m_s=float(row["speed_m_s"]),
            slowest_m_s=float(row["slowest_m_s"]),
            fastest_m_s=float(row["fastest_m_s"]),
            steps_speed_m_s=float(row["steps_speed_m_s"]) if row["steps_speed_m_s"] else None,
            crossing_s=float(row["crossing_s"]),
            bands=tuple(row["bands"].split()),
            reason=Text(row["reason_it"], row["reason_en"]),
            spread_reason=Text(row["spread_reason_it"], row["spread_reason_en"]),
            source=row["source"],
            address=row["address"],
            limits=_read_limits(row),
        )
        for row in table.to_dict("records")
    )


def _read_limits(row: Mapping[Hashable, str]) -> Limits:
    columns = ("kerb_max_cm", "slope_max_percent", "ramp_max_percent", "width_min_cm")
    numbers = {name: float(row[name]) for name in columns if row[name]}
    return Limits(
        **numbers,
        smoothness_worst=row["smoothness_worst"] or None,
        rough=row["rough"] != "no",
        source=row["limits_source"],
    )
