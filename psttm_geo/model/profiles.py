"""How people walk: one profile per kind of walker, each with the published source of its speed."""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.errors import Text


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
    steps_speed_m_s
        Along flights of steps; None for a walker who needs a way without steps, obstacles, and streets mapped as not
        passable in a wheelchair.
    crossing_s
        Waiting at each pedestrian crossing, seconds.
    bands
        The age bands of residents that walk so: keys of :data:`psttm_geo.model.layers.AGE_BANDS`.
    reason, source, address
        What the figures rest on.
    """

    identifier: str
    name: Text
    speed_m_s: float
    steps_speed_m_s: float | None
    crossing_s: float
    bands: tuple[str, ...]
    reason: Text
    source: str
    address: str


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
            steps_speed_m_s=float(row["steps_speed_m_s"]) if row["steps_speed_m_s"] else None,
            crossing_s=float(row["crossing_s"]),
            bands=tuple(row["bands"].split()),
            reason=Text(row["reason_it"], row["reason_en"]),
            source=row["source"],
            address=row["address"],
        )
        for row in table.to_dict("records")
    )
