"""What if services were added, moved or closed: who gains and who loses, without a rebuild."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.access import scenario_file as scenario_source
from psttm_geo.access.scenarios import ADD, CLOSE, Change
from psttm_geo.access.travel_times import TravelTimes
from psttm_geo.access.uncertainty import Walked
from psttm_geo.access.unit_reach import Reach, count_changed, reach_figures, renew_reach, reported_profiles
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import Fault, PlaceError, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import NOTHING, Text, gettext
from psttm_geo.core.numbers import POINT_DECIMALS, say_number, say_share_change
from psttm_geo.core.provenance import Source, mark_lines
from psttm_geo.jobs.access_model import AccessModel, load_access_model
from psttm_geo.jobs.accessibility import Accessibility, Baseline, choose_services, measure_baseline
from psttm_geo.jobs.certainty import Changes, change_ends_of, list_change_ends, measure_change_bounds
from psttm_geo.jobs.far_places import say_alone
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.project import Project

SCENARIO_FILE = "scenario.csv"
"""What a scenario that is no file is called."""


@dataclass(frozen=True)
class Outcome:
    """What a scenario changes.

    Attributes
    ----------
    travel_times
        With the services changed.
    categories
        Those that the scenario touches.
    layers
        By Italian layer name, with the English columns of the contract.
    summary
        Who gains and who loses, in sentences.
    """

    travel_times: TravelTimes
    categories: tuple[str, ...]
    layers: Mapping[str, pd.DataFrame]
    summary: tuple[Text, ...]


def evaluate_scenario(baseline: Baseline, changes: Sequence[Change], request: AccessRequest | None = None) -> Outcome:
    """Hold a scenario against accessibility as it is.

    Parameters
    ----------
    baseline
        Accessibility as it is.
    changes
        The scenario.
    request
        What was asked for: how sure the changes are takes several times as long; None for nothing in particular.

    Raises
    ------
    TableError
        A change names a service that is not there.
    PlaceError
        A service would stand farther from every street than can be walked.
    """
    model = baseline.model
    travel_times = renew_travel_times(model, baseline.travel_times, changes)
    categories = tuple(name for name in model.services.categories if name in {change.category for change in changes})
    bounds = _measure_bounds(baseline, travel_times, changes, categories, request)
    layers: dict[str, list[gpd.GeoDataFrame]] = {}
    summary = []
    for profile in reported_profiles(travel_times):
        before = baseline.reaches[profile]
        after = renew_reach(travel_times, profile, baseline.model.units.all_counts, before, categories)
        changed = _changed(baseline, travel_times, profile, categories)
        for layer in model.units.layers:
            members, mine = layer.kind.members, bounds[layer.base] if bounds else {}
            then, kinds = after[layer.base].of(members), model.units.bases[layer.base].kinds
            ends = list_change_ends(mine, profile, then, layer, kinds, categories)
            table = _compare(model, before[layer.base].of(members), then, categories).assign(**ends)
            counts = {name: members @ values for name, values in changed[layer.base].items()}
            layers.setdefault(layer.layer.replace("accessibilita", "scenario"), []).append(
                _on_units(layer.table, table.assign(**counts, profile=profile))
            )
            if layer.layer == "accessibilita_citta_metropolitana":
                summary += list(_say(model, profile, table, counts, categories, bounded=bool(bounds)))
        table = _compare(model, before[-1], after[-1], categories).assign(**changed[-1], profile=profile)
        layers.setdefault("scenario_esagoni", []).append(_touched(model, table, categories))
    tables: dict[str, pd.DataFrame] = {name: pd.concat(parts, ignore_index=True) for name, parts in layers.items()}
    tables["scenario_servizi"] = _service_layer(model, changes)
    return Outcome(travel_times, categories, tables, (*summary, *say_opened(model, changes)))


def _measure_bounds(
    baseline: Baseline,
    travel_times: TravelTimes,
    changes: Sequence[Change],
    categories: Sequence[str],
    request: AccessRequest | None,
) -> tuple[Changes, ...]:
    """Return between which values what the scenario changes lies, by base; nothing where nobody asked."""
    if request is None or not request.with_bounds:
        return ()
    model = baseline.model
    owner, opened = model.services.entrances["service_row"].to_numpy(), _opened(model, changes)
    closed, count = _find_services(model, changes), len(model.services.table)
    today = choose_services(baseline)
    numbers = count + np.arange(len(opened))
    chosen = model.walking.choose_again(today, travel_times.categories, owner, np.isin(owner, closed), opened, numbers)
    # Whoever closes or moves a service knows that it is there: it has a number of those that are certain.
    known = {
        name: replace(each, services=each.services + count * np.isin(each.services, closed))
        for name, each in today.items()
    }
    before = Walked(baseline.travel_times, known)
    after = Walked(travel_times, chosen)
    return measure_change_bounds(model, before, after, request.found, categories)


def renew_travel_times(model: AccessModel, travel_times: TravelTimes, changes: Sequence[Change]) -> TravelTimes:
    """Walk again where a scenario changes services.

    Raises
    ------
    TableError
        A change names a service that is not there.
    PlaceError
        A service would stand farther from every street than can be walked.
    """
    closed_services = _find_services(model, changes)
    closed = model.services.entrances["service_row"].isin(closed_services).to_numpy()
    return model.walking.walk_again(travel_times, closed, _opened(model, changes))


def what_if(
    project: Project, request: AccessRequest, scenario: Path, *, progress: bool = False
) -> tuple[Accessibility, tuple[Text, ...]]:
    """Compute what a scenario file changes.

    Returns
    -------
    computed
        The layers of the scenario, to be written.
    summary
        Who gains and who loses, in sentences.

    Raises
    ------
    PsttmError
        As :func:`psttm_geo.jobs.access_model.load_access_model`,
        :func:`psttm_geo.access.scenario_file.read_scenario` and :func:`evaluate_scenario`.
    """
    model = load_access_model(project, request, progress=progress)
    changes = scenario_source.read_scenario(scenario, list(model.services.categories))
    outcome = evaluate_scenario(measure_baseline(model), changes, request)
    return deliver(model, outcome, scenario.name, sha256_of(scenario)), outcome.summary


def deliver(model: AccessModel, outcome: Outcome, name: str, sha256: str) -> Accessibility:
    """Return the layers of a scenario to be written, with its file's name and sum among the sources."""
    source = Source("scenario", f"Scenario ({name})", "ente", "", "", "non indicata", "Scenario", sha256)
    return Accessibility(outcome.layers, (*model.sources, source), model.notices, model.synthetic)


def _find_services(model: AccessModel, changes: Sequence[Change]) -> list[int]:
    """Return the rows of the services that are moved or closed."""
    keys = pd.MultiIndex.from_arrays([model.services.table["category"], model.services.table["service"]])
    rows, faults = [], []
    for number, change in enumerate(changes, start=1):
        if change.action == ADD:
            continue
        found = np.flatnonzero(keys == (change.category, change.service))
        if not len(found):
            faults.append(
                Fault(
                    "scenario",
                    None,
                    gettext(
                        "change {number}: no service “{service}” in the category {category}; take the identifier "
                        "from the layer servizi.",
                        number=number,
                        service=change.service,
                        category=change.category,
                    ),
                )
            )
        rows += found.tolist()
    if faults:
        raise TableError(faults)
    return rows


def _located(changes: Sequence[Change]) -> gpd.GeoSeries:
    """Return where changes put services, in EPSG:32632; None for those that are closed."""
    points = [
        None if change.lon is None or change.lat is None else shapely.Point(change.lon, change.lat)
        for change in changes
    ]
    return gpd.GeoSeries(points, crs=GEOGRAPHIC).to_crs(METRIC)


def _opened(model: AccessModel, changes: Sequence[Change]) -> pd.DataFrame:
    """Return the entrances of services that are added or moved.

    Raises
    ------
    PlaceError
        One is too far from every street.
    """
    points = _located(changes)
    there = points.notna().to_numpy()
    opened: pd.DataFrame = pd.DataFrame(
        {
            "category": [change.category for change in changes],
            "x": shapely.get_x(points.to_numpy()),
            "y": shapely.get_y(points.to_numpy()),
        }
    ).loc[there]
    streets = model.walking.streets
    away = streets.snap(opened["x"].to_numpy(dtype=float), opened["y"].to_numpy(dtype=float))
    if not away.connected.all():
        number = int(np.flatnonzero(there)[~away.connected][0]) + 1
        change = changes[number - 1]
        raise PlaceError(
            gettext(
                "Change {number} ({category}, lon {lon}, lat {lat}): more than 250 m from every street of "
                "the network; move the point.",
                number=number,
                category=change.category,
                lon=change.lon,
                lat=change.lat,
            )
        )
    return opened.reset_index(drop=True)


def say_opened(model: AccessModel, changes: Sequence[Change]) -> tuple[Text, ...]:
    """Say which services that are added or moved stay on a piece of network that leads nowhere, whoever walks."""
    points = _located(changes)
    x, y = shapely.get_x(points.to_numpy()), shapely.get_y(points.to_numpy())
    snapped = model.walking.snap(x, y)
    alone = np.all(
        [
            places.connected & ~graph.leading[places.edge]
            for graph, places in zip(model.walking.graphs, snapped, strict=True)
        ],
        axis=0,
    )
    graph, places = model.walking.graphs[0], snapped[0]
    return tuple(
        notice
        for position, change in enumerate(changes)
        if alone[position]
        for notice in say_alone(
            f"{position + 1} ({change.category})", places.take(slice(position, position + 1)), graph
        )
    )


def _changed(
    baseline: Baseline, travel_times: TravelTimes, profile: str, categories: Sequence[str]
) -> list[dict[str, npt.NDArray[np.float64]]]:
    """Return who gains and who loses by category, in each thing that residents are counted in."""
    found = []
    for place_unit, unplaced in baseline.model.units.all_counts:
        counts: dict[str, npt.NDArray[np.float64]] = {}
        for category in categories:
            gain, loss = count_changed(
                baseline.travel_times, travel_times, profile, category, place_unit, len(unplaced)
            )
            counts |= {f"gainers_{category}": gain, f"losers_{category}": loss}
        found.append(counts)
    return found


def _compare(model: AccessModel, before: Reach, after: Reach, categories: Sequence[str]) -> pd.DataFrame:
    names = list(model.services.categories)
    rows = [*(names.index(category) for category in categories), -1]
    (old_shares, old_minutes), (new_shares, new_minutes) = (reach_figures(reach, rows) for reach in (before, after))
    columns = {
        "residents": before.residents if model.people.known else np.full(len(before.residents), np.nan),
        "before_share_all_15": old_shares[-1],
        "after_share_all_15": new_shares[-1],
        "change_share_all_15": new_shares[-1] - old_shares[-1],
    }
    for row, category in enumerate(categories):
        columns |= {
            f"before_share_15_{category}": old_shares[row],
            f"after_share_15_{category}": new_shares[row],
            f"before_minutes_to_{category}": old_minutes[row],
            f"after_minutes_to_{category}": new_minutes[row],
        }
    return pd.DataFrame(columns)


def _on_units(units: gpd.GeoDataFrame, table: pd.DataFrame) -> gpd.GeoDataFrame:
    joined = pd.concat([units.reset_index(drop=True), table], axis=1)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=units.crs)


def _touched(model: AccessModel, table: pd.DataFrame, categories: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the hexagons in which somebody gains or loses, or in which the share changes."""
    counts = [f"{who}_{category}" for who in ("gainers", "losers") for category in categories]
    touched = (table[counts] > 0).any(axis=1) | (table["change_share_all_15"].fillna(0) != 0)
    layer = _on_units(model.units.hexagons[["hexagon", "geometry"]], table)
    return gpd.GeoDataFrame(layer[touched], geometry="geometry", crs=layer.crs)


def _service_layer(model: AccessModel, changes: Sequence[Change]) -> gpd.GeoDataFrame:
    points = _located(changes).to_numpy()
    keys = pd.MultiIndex.from_arrays([model.services.table["category"], model.services.table["service"]])
    shapes = shapely.point_on_surface(model.services.table.geometry.to_numpy())
    today = {key: shapes[row] for row, key in enumerate(keys)}
    return gpd.GeoDataFrame(
        {
            "number": range(1, len(changes) + 1),
            "action": [change.action for change in changes],
            "category": [change.category for change in changes],
            "service": [change.service for change in changes],
            "service_name": [change.name for change in changes],
        },
        geometry=[
            today[change.category, change.service] if change.action == CLOSE else point
            for change, point in zip(changes, points, strict=True)
        ],
        crs=METRIC,
    )


def _say(
    model: AccessModel,
    profile: str,
    table: pd.DataFrame,
    counts: Mapping[str, npt.NDArray[np.float64]],
    categories: Sequence[str],
    *,
    bounded: bool,
) -> Iterator[Text]:
    people = model.people.name
    for category in categories:
        name = model.services.categories[category]
        gain, loss = (float(counts[f"{who}_{category}"][0]) for who in ("gainers", "losers"))
        shares = [float(table[f"{when}_share_15_{category}"].iloc[0]) for when in ("before", "after")]
        share = say_share_change(*shares)
        gained, lost = (say_number(count, 0) for count in (gain, loss))
        who = gettext(
            "the walk gets shorter for {gained} {people}, longer for {lost}", gained=gained, people=people, lost=lost
        )
        if math.isnan(gain):
            who = gettext("for whom the walk changes is not known")
        low, high = (float(table[end].iloc[0]) for end in change_ends_of(category))
        line = gettext(
            "{profile}, {name}: {who}; within 15 minutes {share}{sure}",
            profile=profile,
            name=name,
            who=who,
            share=share,
            sure=_say_sure(shares[1] - shares[0], low, high) if bounded else NOTHING,
        )
        yield from mark_lines([line], synthetic=model.synthetic)


def _say_sure(change: float, low: float, high: float) -> Text:
    """Say between which values the change of a share lies, and whether it may be none."""
    if math.isnan(change):
        return NOTHING
    if math.isnan(low) or math.isnan(high):
        return gettext(", how surely is not known")
    # What rounds to nothing has no sign.
    points = {"low": round(100 * low, POINT_DECIMALS) + 0.0, "high": round(100 * high, POINT_DECIMALS) + 0.0}
    if not any(points.values()):
        return NOTHING
    ends = {name: say_number(point, POINT_DECIMALS) for name, point in points.items()}
    if low <= 0 <= high:
        return gettext(", a change smaller than its uncertainty (from {low} to {high} percentage points)", **ends)
    return gettext(", a change of {low} to {high} percentage points", **ends)
