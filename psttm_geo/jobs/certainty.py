"""How sure the accessibility of a territory is: how many services are missing, and the bands that follow."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.alternatives import Choice
from psttm_geo.access.indicators import ALL_AGES, Band, Bands, UnitKind
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE, FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.access.uncertainty import Found, Walked, measure_bands, measure_changes
from psttm_geo.access.unit_reach import Reach, divide, share_of
from psttm_geo.core.messages import COMMA, Text, gettext, same
from psttm_geo.core.numbers import say_percent
from psttm_geo.jobs.access_model import AccessModel
from psttm_geo.jobs.counted_units import UnitLayer
from psttm_geo.services.completeness import ESTIMATED, NONE, SINGLE, STATED, UNKNOWN, estimate_missing


@dataclass(frozen=True)
class Certainty:
    """How sure figures are.

    Attributes
    ----------
    bands
        Of each of the bases of the units.
    services
        The layer ``completezza_servizi``: how many services of each category are known.
    notices
        What the user should know.
    """

    bands: tuple[Bands, ...]
    services: pd.DataFrame
    notices: tuple[Text, ...]


def measure_certainty(
    model: AccessModel, travel_times: TravelTimes, choices: Mapping[str, Choice], stated: float | None
) -> Certainty:
    """Measure how sure the figures of all units but hexagons are.

    Parameters
    ----------
    model
        Whose residents walked.
    travel_times
        To today's services.
    choices
        Of the same residents, by profile.
    stated
        The part of the services that the data are taken to hold where nothing tells; None for not known.
    """
    services = count_services(model, stated)
    found = _found(services)
    bands = tuple(measure_bands(travel_times, choices, found, base) for base in model.units.bases)
    return Certainty(bands, services, tuple(_say_found(model, services)))


def _found(services: pd.DataFrame) -> dict[str, Found]:
    return {
        str(row["category"]): Found(int(row["services_counted"]), row["missing_ratio"], row["missing_error"])
        for row in services.to_dict("records")
    }


def count_services(model: AccessModel, stated: float | None) -> pd.DataFrame:
    """Return how many services of each category are known: the layer ``completezza_servizi``.

    Parameters
    ----------
    model, stated
        As for :func:`measure_certainty`.

    Returns
    -------
    DataFrame
        The columns of the layer, and ``missing_ratio`` and ``missing_error`` (missing services for each that is known,
        and its standard error; NaN where not known), by category.
    """
    categories = list(model.services.categories)
    lists = estimate_missing(model.services.lists).set_index("category").reindex(categories)
    counted = model.services.table["category"].value_counts().reindex(categories, fill_value=0).to_numpy()
    ratio, error = (lists[name].to_numpy(dtype=float) for name in ("missing_ratio", "missing_error"))
    basis = np.where(np.isnan(ratio), UNKNOWN if stated is None else STATED, ESTIMATED)
    if stated is not None:
        error = np.where(np.isnan(ratio), 0.0, error)
        ratio = np.where(np.isnan(ratio), (1 - stated) / stated, ratio)
    ratio = np.where(counted > 0, ratio, np.nan)
    basis = np.select([counted == 0, counted == 1], [NONE, SINGLE], basis)
    counts = {name: lists[name].astype("Int64").to_numpy() for name in ("osm", "register", "both")}
    return pd.DataFrame(
        {
            "category": categories,
            "services_counted": counted,
            "services_mapped": counts["osm"],
            "services_registered": counts["register"],
            "services_in_both": counts["both"],
            "services_estimated": lists["estimated"].to_numpy(dtype=float),
            "found_share": 1 / (1 + ratio),
            "found_error": error / (1 + ratio) ** 2,
            "found_basis": basis,
            "missing_ratio": ratio,
            "missing_error": error,
        }
    )


def _say_found(model: AccessModel, services: pd.DataFrame) -> list[Text]:
    """Say what the part of the services that is known rests on, a line per kind."""

    def listed(basis: str, shown: Callable[[str, float], Text]) -> Text | None:
        rows = services[services["found_basis"] == basis]
        names = [shown(str(name), share) for name, share in zip(rows["category"], rows["found_share"], strict=True)]
        return COMMA.join(names) if names else None

    def name(category: str, _: float) -> Text:
        return model.services.categories[category]

    def with_share(category: str, share: float) -> Text:
        return same("{name} {share}").fill(name=model.services.categories[category], share=say_percent(share))

    said = []
    if found := listed(ESTIMATED, with_share):
        said.append(
            gettext("Services that the data hold, estimated from OpenStreetMap and registers: {found}.", found=found)
        )
    if found := listed(STATED, name):
        share = say_percent(services.loc[services["found_basis"] == STATED, "found_share"].iloc[0])
        said.append(
            gettext(
                "The data are taken to hold {share} of the services, as stated, of {found}.", share=share, found=found
            )
        )
    if found := listed(UNKNOWN, name):
        said.append(
            gettext(
                "How many services are missing from the data is not known for {found}: their shares have a low value "
                "only, their minutes a high one only; --found states which part the data hold.",
                found=found,
            )
        )
    if found := listed(SINGLE, name):
        said.append(
            gettext(
                "Categories that rest on one service, whose figures have no low and high values: {found}.", found=found
            )
        )
    return said


def list_ends(
    bands: Bands, profile: str, reach: Reach, layer: UnitLayer, kinds: Sequence[UnitKind]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns of a layer of accessibility that say how sure its figures of all essential categories are.

    Parameters
    ----------
    bands
        Of the base that the layer's units are counted in; empty where they were not measured.
    profile
        Who walks.
    reach
        Of the layer's units.
    layer
        Of accessibility.
    kinds
        Of the base.
    """
    nothing = np.full(len(reach.residents), np.nan)
    measured = bands.get(((profile, ALL_AGES), FARTHEST_ESSENTIAL))
    band = Band(nothing, nothing, nothing, nothing)
    if measured is not None:
        band = measured.take(_place_of(layer, kinds, len(nothing)))
    shares = (share_of(end, reach.spoken_of, reach.connected) for end in (band.within_low, band.within_high))
    inside = np.where(np.isnan(reach.spoken_of), np.nan, reach.connected)
    minutes = (divide(end, inside) / DECISECONDS_PER_MINUTE for end in (band.sum_low, band.sum_high))
    return dict(zip(ENDS, (*shares, *minutes), strict=True))


def _place_of(layer: UnitLayer, kinds: Sequence[UnitKind], count: int) -> slice:
    """Return where the units of a layer stand among those of all kinds."""
    first = sum(len(kind.names) for kind in itertools.takewhile(lambda kind: kind.kind != layer.kind.kind, kinds))
    return slice(first, first + count)


ENDS = ("share_all_15_low", "share_all_15_high", "minutes_all_low", "minutes_all_high")
"""Columns of :func:`list_ends`."""


Changes = Mapping[tuple[str, str], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]
"""By profile and category, between which numbers of residents a change lies, of units of all kinds."""


def measure_change_bounds(
    model: AccessModel, before: Walked, after: Walked, stated: float | None, categories: Sequence[str]
) -> tuple[Changes, ...]:
    """Measure how sure it is what a scenario changes, for each of the bases of the units.

    Parameters
    ----------
    model, stated
        As for :func:`measure_certainty`.
    before, after
        Residents who walked to today's services and to those of the scenario.
    categories
        That the scenario touches.
    """
    found, services = _found(count_services(model, stated)), len(model.services.table)
    return tuple(measure_changes(before, after, found, categories, base, services) for base in model.units.bases)


def list_change_ends(
    changes: Changes, profile: str, reach: Reach, layer: UnitLayer, kinds: Sequence[UnitKind], categories: Sequence[str]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns of a layer of a scenario that say how sure its changes of shares are; NaN where not measured.

    Parameters
    ----------
    changes
        Of the base that the layer's units are counted in; empty where they were not measured.
    profile, reach, layer, kinds
        As for :func:`list_ends`.
    categories
        That the scenario touches.
    """
    nothing = np.full(len(reach.residents), np.nan)
    columns = {}
    for category, names in {
        FARTHEST_ESSENTIAL: CHANGE_ENDS,
        **{name: change_ends_of(name) for name in categories},
    }.items():
        ends = changes.get((profile, category))
        for place, name in enumerate(names):
            end = nothing if ends is None else ends[place][_place_of(layer, kinds, len(nothing))]
            columns[name] = share_of(end, reach.spoken_of, reach.connected)
    return columns


CHANGE_ENDS = ("change_share_all_15_low", "change_share_all_15_high")
"""Columns of :func:`list_change_ends` for all essential categories."""


def change_ends_of(category: str) -> tuple[str, str]:
    """Return the columns of :func:`list_change_ends` for a category."""
    return f"change_low_15_{category}", f"change_high_15_{category}"
