"""Accessibility on foot: the layers of the 15-minute city, computed, kept in the workspace and delivered."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from psttm_geo.access.alternatives import Choice
from psttm_geo.access.gaps import Gaps, find_gaps, list_gaps, rank_gaps
from psttm_geo.access.indicators import MINUTES, Bands, as_categories, list_indicators
from psttm_geo.access.results import RESTS_ON, Results
from psttm_geo.access.snapping import FARTHEST_M
from psttm_geo.access.travel_times import TravelTimes
from psttm_geo.access.unit_reach import Reach, measure_reach, reach_table, reported_profiles
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import COMMA, NOTHING, Text, gettext
from psttm_geo.core.numbers import say_number, say_percent
from psttm_geo.core.progress_bar import progress_bar
from psttm_geo.core.provenance import Source, mark_lines
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.workspace import Kind
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.geopackage import write_geopackage
from psttm_geo.delivery.value_lists import list_codes
from psttm_geo.jobs.access_model import AccessModel, load_access_model
from psttm_geo.jobs.access_observations import observe_access
from psttm_geo.jobs.certainty import list_ends, measure_certainty
from psttm_geo.jobs.choices import measure_catchments, measure_choices
from psttm_geo.jobs.deliveries import list_sources
from psttm_geo.jobs.far_places import say_residents_alone, say_services_alone
from psttm_geo.jobs.load import registered_publisher
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import MILANO
from psttm_geo.jobs.urbanisation import save_urbanisation
from psttm_geo.plan.editions import build_plans
from psttm_geo.project import Project
from psttm_geo.territory.degurba_records import Urbanisation

_COUNTS = (
    "residents",
    "residents_outside",
    "residents_near_end",
    "residents_unconnected",
    "residents_isolated",
    "residents_unplaced",
    "residents_beyond",
)
"""Columns that say nothing where residents are not known."""


@dataclass(frozen=True)
class Accessibility:
    """What was computed.

    Attributes
    ----------
    layers
        By Italian layer name, with the English columns of the contract.
    sources
        Of all of them.
    notices
        What the user should know.
    synthetic
        Whether streets or services are made up.
    urbanisation
        Classes of municipalities that indicators are split by; None for none.
    essential
        Categories that the 15-minute share asks for.
    computed_on
        The day of the computation, ISO 8601.
    """

    layers: Mapping[str, pd.DataFrame]
    sources: tuple[Source, ...]
    notices: tuple[Text, ...]
    synthetic: bool
    urbanisation: Urbanisation | None = None
    essential: tuple[str, ...] = ()
    computed_on: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    @property
    def summary(self) -> tuple[Text, ...]:
        """The 15-minute share of the whole by profile, or why it is not known."""
        whole = self.layers["accessibilita_citta_metropolitana"]
        return mark_lines([_say_whole(row) for row in whole.to_dict("records")], synthetic=self.synthetic)


def _say_whole(row: Mapping[Hashable, Any]) -> Text:
    share, minutes = row["share_all_15"], row["minutes_all"]
    unknown = NOTHING
    if row["share_unknown"] > 0:
        percent = say_percent(row["share_unknown"])
        unknown = gettext(
            "; of those who live elsewhere or far from streets ({percent}) nothing is known", percent=percent
        )
    if math.isnan(share):
        return gettext(
            "{profile}: share of those who reach all essential categories within 15 minutes not known{unknown}",
            profile=row["profile"],
            unknown=unknown,
        )
    reached, walked = say_percent(share), say_number(minutes, 1)
    return gettext(
        "{profile}: all essential categories within 15 minutes {reached}; {walked} minutes on "
        "average to the farthest{unknown}",
        profile=row["profile"],
        reached=reached,
        walked=walked,
        unknown=unknown,
    )


@dataclass(frozen=True)
class Baseline:
    """Accessibility as it is, measured once.

    Attributes
    ----------
    model
        The access model.
    travel_times
        From its residents to today's services.
    reaches
        What is counted in each of its units, by profile that is reported.
    """

    model: AccessModel
    travel_times: TravelTimes
    reaches: Mapping[str, Sequence[Reach]]


def measure_baseline(model: AccessModel) -> Baseline:
    """Measure accessibility as it is."""
    travel_times = model.travel_times
    profiles = reported_profiles(travel_times)
    counts = model.units.all_counts
    return Baseline(
        model, travel_times, {profile: measure_reach(travel_times, profile, counts) for profile in profiles}
    )


def compute_access(project: Project, request: AccessRequest, *, progress: bool = False) -> Accessibility:
    """Compute every accessibility layer of a territory.

    Parameters
    ----------
    project
        Opened.
    request
        What is computed.
    progress
        Whether to draw a bar on stderr.

    Raises
    ------
    PsttmError
        As :func:`psttm_geo.jobs.access_model.load_access_model`.
    """
    with progress_bar("access", 3, drawn=progress) as bar:
        model = load_access_model(project, request, progress=progress)
        bar.update()
        baseline = measure_baseline(model)
        bar.update()
        computed = measure_access(baseline, request)
        bar.update()
    return computed


def measure_access(baseline: Baseline, request: AccessRequest | None = None) -> Accessibility:
    """Return every accessibility layer, with what the user should know.

    Parameters
    ----------
    baseline
        As :func:`measure_baseline` returns it.
    request
        What was asked for; None for nothing in particular.
    """
    model, travel_times = baseline.model, baseline.travel_times
    choice = request is not None and request.choice
    with_bounds = request is not None and request.with_bounds
    choices = choose_services(baseline) if with_bounds or choice else {}
    certainty = measure_certainty(model, travel_times, choices, request.found) if request and with_bounds else None
    bands = None if certainty is None else certainty.bands
    layers = measure_layers(baseline, bands)
    if certainty is not None:
        layers["completezza_servizi"] = certainty.services
    indicators = list_indicators(
        travel_times, model.units.bases, minutes=request.minutes if request else MINUTES, bands=bands
    )
    if choice:
        more = measure_choices(model, travel_times, choices)
        indicators = as_categories(pd.concat([indicators, more], ignore_index=True))
        layers["bacini_servizi"] = measure_catchments(model, travel_times, choices)
    layers["indicatori"] = _known_only(model, indicators).assign(residents_date=model.people.date)
    notices = (
        *model.notices,
        *(() if certainty is None else certainty.notices),
        *say_absent(model, travel_times),
        *say_off_streets(model),
        *say_services_alone(_count_alone(model)),
        *say_residents_alone(layers["accessibilita_citta_metropolitana"]["residents_isolated"].max()),
        *say_near_end(layers["accessibilita_citta_metropolitana"]),
    )
    essential = tuple(name for name in model.services.categories if name in model.services.essential)
    return Accessibility(layers, model.sources, notices, model.synthetic, model.people.urbanisation, essential)


def choose_services(baseline: Baseline) -> dict[str, Choice]:
    """Find the nearest services of each category from every place, by profile."""
    owner = baseline.model.services.entrances["service_row"].to_numpy()
    return baseline.model.walking.choose(baseline.travel_times.categories, owner)


def measure_layers(baseline: Baseline, bands: Sequence[Bands] | None = None) -> dict[str, pd.DataFrame]:
    """Return the layers for mapping: units, hexagons and gaps.

    Parameters
    ----------
    baseline
        As :func:`measure_baseline` returns it.
    bands
        Of each of the bases; None where they were not measured.
    """
    model, travel_times = baseline.model, baseline.travel_times
    categories = list(model.services.categories)
    hexagons = model.units.hexagons
    parts: dict[str, list[gpd.GeoDataFrame]] = {}
    of_hexagons: dict[str, Gaps] = {}
    of_municipalities: dict[str, Gaps] = {}
    for profile, (*reaches, reach) in baseline.reaches.items():
        for layer in model.units.layers:
            mine, base = reaches[layer.base].of(layer.kind.members), model.units.bases[layer.base]
            ends = list_ends({} if bands is None else bands[layer.base], profile, mine, layer, base.kinds)
            table = reach_table(mine, categories, travel_times.essential).assign(**ends)
            parts.setdefault(layer.layer, []).append(_joined(layer.table, table, profile))
        table = reach_table(reach, categories, travel_times.essential)
        parts.setdefault("accessibilita_esagoni", []).append(_joined(hexagons[["hexagon", "geometry"]], table, profile))
        of_hexagons[profile] = find_gaps(reach, len(categories))
        of_municipalities[profile] = find_gaps(reaches[0], len(categories))
    layers: dict[str, pd.DataFrame] = {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}
    layers["carenze"] = list_gaps(of_hexagons, hexagons, categories)
    codes = model.units.municipalities[["municipality_code"]]
    layers["carenze_comuni"] = rank_gaps(list_gaps(of_municipalities, codes, categories))
    return {name: _without_counts(model, table) for name, table in layers.items()}


def _joined(units: gpd.GeoDataFrame, table: pd.DataFrame, profile: str) -> gpd.GeoDataFrame:
    joined = pd.concat([units.reset_index(drop=True), table.assign(profile=profile)], axis=1)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=units.crs)


def _without_counts(model: AccessModel, table: pd.DataFrame) -> pd.DataFrame:
    """Blank numbers of residents where buildings stand for them."""
    if model.people.known:
        return table
    return table.assign(**{name: float("nan") for name in _COUNTS if name in table.columns})


def _known_only(model: AccessModel, indicators: pd.DataFrame) -> pd.DataFrame:
    if model.people.known:
        return indicators
    counted = indicators["access_indicator"].astype(str).str.startswith("residenti")
    weighted = indicators["method"].cat.rename_categories(lambda method: f"{_STAND_INS}: {method}")
    return indicators.assign(method=weighted)[~counted].reset_index(drop=True)


_STAND_INS = "superficie degli edifici abitabili, o lunghezza delle strade, al posto dei residenti"
"""What methods begin with where residents are not known."""


def say_absent(model: AccessModel, travel_times: TravelTimes) -> tuple[Text, ...]:
    """Say which categories have no service, and that figures about them are unknown."""
    if not travel_times.absent:
        return ()
    names = [model.services.categories[name] for name in model.services.categories if name in travel_times.absent]
    listed = COMMA.join(names)
    whole = bool(travel_times.absent & travel_times.essential)
    rest = gettext(" and with them the share of those who reach all") if whole else NOTHING
    return (
        gettext(
            "Categories without a single service in the data: {listed}; their figures stay unknown{rest}.",
            listed=listed,
            rest=rest,
        ),
    )


def say_off_streets(model: AccessModel) -> tuple[Text, ...]:
    """Say how many services are so far from every street that nobody reaches them."""
    reached = np.any([places.connected for places in model.walking.services], axis=0)
    off = len(model.services.table) - model.services.entrances.loc[reached, "service_row"].nunique()
    if not off:
        return ()
    return (
        gettext(
            "Services more than {farthest_m:.0f} m from every walkable street, which cannot be reached: {off}.",
            farthest_m=FARTHEST_M,
            off=off,
        ),
    )


def _count_alone(model: AccessModel) -> int:
    """Count the services that are on streets, but on none that leads somewhere, whoever walks."""
    rows = model.services.entrances["service_row"].to_numpy()
    pairs = list(zip(model.walking.graphs, model.walking.services, strict=True))
    on_streets = np.any([places.connected for _, places in pairs], axis=0)
    leading = np.any([places.connected & graph.leading[places.edge] for graph, places in pairs], axis=0)
    return len(np.setdiff1d(rows[on_streets], rows[leading]))


def say_near_end(whole: pd.DataFrame) -> tuple[Text, ...]:
    """Say how many residents, at most of all profiles, may have a nearer service beyond the end of the extract.

    Parameters
    ----------
    whole
        The layer of the whole territory.
    """
    people = whole["residents_near_end"].max()
    if not people > 0:
        return ()
    said = say_number(people, 0)
    return (gettext("Residents near the end of the extract, whose times are upper bounds: {said}.", said=said),)


def save_access(project: Project, request: AccessRequest, computed: Accessibility) -> bool:
    """Keep the accessibility of the plan's territory in the workspace, for builds and the application.

    Its shares are observations of the goals that they measure, too.

    Returns
    -------
    bool
        False for another territory: nothing is kept then.

    Raises
    ------
    OutputError
        The workspace cannot be written.
    """
    if request.territory != MILANO:
        return False
    if computed.urbanisation is not None and computed.urbanisation.experimental:
        save_urbanisation(project, computed.urbanisation)
    save_results(project, "access", computed, sums_given(request))
    observe_access(project, computed, sums_given(request))
    return True


def sums_given(request: AccessRequest) -> dict[str, str]:
    """Return the sums of files that are used in place of the workspace's, by kind."""
    given = {"census": request.census, "degurba": request.degurba}
    own = {kind: sha256_of(path) for kind, path in given.items() if path is not None}
    if request.registers:
        own["registers"] = " ".join(sha256_of(path) for path in request.registers)
    return own


def save_results(project: Project, kind: Kind, computed: Accessibility, inputs: Mapping[str, str]) -> None:
    """Keep computed layers in the workspace, with the sums of what they rest on.

    Parameters
    ----------
    project
        Opened.
    kind
        What the results are.
    computed
        Layers and sources.
    inputs
        Sums of files that were used in place of the workspace's, by kind.

    Raises
    ------
    OutputError
        The workspace cannot be written.
    """
    results = results_of(project, computed, inputs)
    with scratch_folder() as folder:
        path = folder / f"{kind}.npz"
        results.save(path)
        project.workspace.add(kind, path)


def results_of(project: Project, computed: Accessibility, inputs: Mapping[str, str]) -> Results:
    """Return computed layers with the sums of what they rest on; parameters as for :func:`save_results`."""
    entries = project.workspace.inputs.entries
    held = {str(name): entry.sha256 for name, entry in entries.items() if name in RESTS_ON}
    sources = dict.fromkeys(computed.layers, computed.sources)
    days = dict.fromkeys(computed.layers, computed.computed_on)
    return Results(computed.layers, sources, {**held, **inputs}, computed.essential, days)


def write_access(path: Path, computed: Accessibility, project: Project) -> dict[str, int]:
    """Write accessibility layers alone as GeoPackage, with their sources; return the rows of each layer.

    Raises
    ------
    TableError
        The tables, or the office's description of itself, are not right.
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    tables = project.tables
    sources = dict.fromkeys(computed.layers, computed.sources)
    layers = {**computed.layers, "fonti": list_sources(sources)}
    delivery = Delivery(
        sources=sources,
        codes=list_codes(tables, build_plans(tables, ())),
        publisher=registered_publisher(project),
        computed_on=dict.fromkeys(computed.layers, computed.computed_on),
    )
    write_geopackage(path, layers, date=delivery.date, delivery=delivery)
    return {name: len(table) for name, table in layers.items()}
