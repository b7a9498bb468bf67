"""Where next: the best places for services of a category, and who gains from them."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.aims import AIMS, COVERAGE, EQUITY, MEAN, WORST_TENTH, Aim
from psttm_geo.access.scenario_file import scenario_sum, scenario_text
from psttm_geo.access.scenarios import ACTIONS, ADD, CLOSE, MOVE, Change, Scenario
from psttm_geo.access.siting import Problem, Question, Siting, find_sites, worst_walk
from psttm_geo.access.street_times import limit_deciseconds
from psttm_geo.access.travel_times import BY_AGE, TravelTimes
from psttm_geo.access.unit_reach import FARTHEST_MIN, reported_profiles, sum_by_unit, walkers_of
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import LimitError, UnknownNameError
from psttm_geo.core.files import write_text
from psttm_geo.core.messages import Text, gettext, ngettext
from psttm_geo.core.numbers import say_number, say_percent
from psttm_geo.core.provenance import mark_lines
from psttm_geo.jobs.access_model import AccessModel, load_access_model
from psttm_geo.jobs.accessibility import Accessibility, Baseline, measure_baseline
from psttm_geo.jobs.requests import AccessRequest, SiteRequest
from psttm_geo.jobs.site_inputs import (
    BANDS,
    ListedCandidates,
    Weighted,
    existing_services,
    list_candidates,
    no_candidates,
    weigh,
)
from psttm_geo.jobs.what_if import SCENARIO_FILE, deliver, evaluate_scenario, renew_travel_times
from psttm_geo.project import Project

Floats = npt.NDArray[np.float64]

MINUTES: Mapping[Aim, int] = {COVERAGE: 15, MEAN: 30, EQUITY: 15}
"""Of aims where nobody says otherwise; that of the worst tenth rests on how far it walks."""

_WORST_MINUTES = (30, 60, FARTHEST_MIN)
"""Limits for the worst tenth: the first one above what nine tenths do not exceed."""

_ZONES = "accessibilita_zone"

_ALL_AGES = "totale"


@dataclass(frozen=True)
class Sites:
    """The best places, and who gains from them.

    Attributes
    ----------
    request
        What was asked, the minutes filled in.
    siting
        The answer.
    changes
        The scenario that it makes.
    sites
        Rows of the layer ``siti``.
    people
        Rows of the table ``siti_residenti``.
    candidates
        Where services could be; None where some are closed.
    travel_times
        With the services changed.
    summary
        In sentences.
    notices
        What the user should know.
    """

    request: SiteRequest
    siting: Siting
    changes: Scenario
    sites: gpd.GeoDataFrame
    people: pd.DataFrame
    candidates: ListedCandidates | None
    travel_times: TravelTimes
    summary: tuple[Text, ...]
    notices: tuple[Text, ...]


def site(
    project: Project, request: AccessRequest, wanted: SiteRequest, *, progress: bool = False
) -> tuple[Accessibility, Sites]:
    """Find the best places for services of a category.

    Returns
    -------
    computed
        The layers of the places and of the scenario that they make, to be written.
    sites
        The places, and what there is to say of them.

    Raises
    ------
    PsttmError
        As :func:`psttm_geo.jobs.access_model.load_access_model` and :func:`find_best_sites`.
    """
    baseline = measure_baseline(load_access_model(project, request, progress=progress))
    found = find_best_sites(baseline.model, baseline.travel_times, wanted)
    return deliver_sites(baseline, found), found


def deliver_sites(baseline: Baseline, found: Sites) -> Accessibility:
    """Return the layers of the best places and of the scenario that they make, to be written."""
    outcome = evaluate_scenario(baseline, found.changes)
    layers = {"siti": found.sites, "siti_residenti": found.people, **(outcome.layers if found.changes else {})}
    if found.candidates is not None and len(found.candidates.excluded):
        layers["siti_esclusi"] = found.candidates.excluded
    delivered = deliver(
        baseline.model, dataclasses.replace(outcome, layers=layers), SCENARIO_FILE, scenario_sum(found.changes)
    )
    return dataclasses.replace(delivered, notices=(*delivered.notices, *found.notices))


def write_site_scenario(output: Path, found: Sites) -> Path:
    """Write the scenario that the best places make beside the file that holds them; return its path.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = output.with_suffix(".scenario.csv")
    write_text(path, scenario_text(found.changes))
    return path


def find_best_sites(model: AccessModel, travel_times: TravelTimes, wanted: SiteRequest) -> Sites:
    """Find the best places for services of a category.

    Parameters
    ----------
    model
        Streets, residents, services and units.
    travel_times
        To the services of today.
    wanted
        What is asked.

    Raises
    ------
    UnknownNameError
        There is no such category, aim, action or weight; a category has no service; there are not so many candidates or
        services.
    LimitError
        The number of services or the time is none that can be; a limit that the worst tenth does not reach.
    InputMissingError, TableError, VectorFileError
        A file of candidates or weights cannot be used.
    """
    _require_known(model, travel_times, wanted)
    weighted = weigh(model, travel_times, wanted.category, wanted.weight)
    request = dataclasses.replace(wanted, minutes=_choose_minutes(weighted, wanted))
    services, existing = existing_services(model, wanted.category)
    candidates = None if wanted.action == CLOSE else list_candidates(model, wanted.candidates)
    _require_enough(wanted, candidates, len(services))
    zone_of, zone_people = count_zones(model, weighted)
    problem = Problem(
        model.walking,
        weighted.demand,
        no_candidates(model) if candidates is None else candidates.on_streets,
        existing,
        zone_of,
        zone_people,
    )
    question = Question(wanted.action, wanted.count, wanted.aim, float(request.minutes or 0), wanted.seconds)
    siting = find_sites(problem, question)
    changes = _list_changes(request, siting, candidates, services) if _helps(request, siting) else ()
    after = renew_travel_times(model, travel_times, changes) if changes else travel_times
    return Sites(
        request=request,
        siting=siting,
        changes=changes,
        sites=_list_sites(request, siting, changes, candidates, model),
        people=_count_people(model, travel_times, after, request),
        candidates=candidates,
        travel_times=after,
        summary=tuple(mark_lines(list(_say(model, weighted, request, siting, changes)), synthetic=model.synthetic)),
        notices=(*weighted.notices, *(() if candidates is None else candidates.notices)),
    )


def _require_known(model: AccessModel, travel_times: TravelTimes, wanted: SiteRequest) -> None:
    for named, known, what in (
        (wanted.category, list(model.services.categories), gettext("category")),
        (wanted.aim, list(AIMS), gettext("aim")),
        (wanted.action, list(ACTIONS), gettext("action")),
    ):
        if named not in known:
            listed = ", ".join(known)
            raise UnknownNameError(
                gettext("Unknown {what} “{named}”; expected one of: {listed}.", what=what, named=named, listed=listed)
            )
    if wanted.category in travel_times.absent:
        name = model.services.categories[wanted.category]
        raise UnknownNameError(
            gettext("No service of the category {names}; give another extract or a register.", names=name)
        )
    if wanted.count < 1:
        raise LimitError(
            gettext("Number of services {count}: expected a whole number from 1; correct it.", count=wanted.count)
        )
    if not 0 <= wanted.seconds < math.inf:
        raise LimitError(gettext("Seconds {seconds:g}: expected a number from 0; correct it.", seconds=wanted.seconds))


def _require_enough(wanted: SiteRequest, candidates: ListedCandidates | None, services: int) -> None:
    if candidates is not None and wanted.count > candidates.on_streets.count:
        raise LimitError(
            gettext(
                "Number of services {count}: there are {there} candidates in the territory and on streets; ask for no "
                "more, or give other candidates.",
                count=wanted.count,
                there=candidates.on_streets.count,
            )
        )
    if wanted.action != ADD and wanted.count >= services + (wanted.action == MOVE):
        raise LimitError(
            gettext(
                "Number of services {count}: there are {there} of the category; ask for fewer.",
                count=wanted.count,
                there=services,
            )
        )


def _choose_minutes(weighted: Weighted, wanted: SiteRequest) -> float:
    """Return the limit asked for, or that of the aim.

    Raises
    ------
    LimitError
        It is no time, or the worst tenth walks longer today.
    """
    if wanted.aim != WORST_TENTH:
        minutes = MINUTES[wanted.aim] if wanted.minutes is None else wanted.minutes
        limit_deciseconds(minutes)
        return minutes
    walked = worst_walk(weighted.demand)
    above = next((limit for limit in _WORST_MINUTES if limit > walked), None)
    chosen = above if wanted.minutes is None else wanted.minutes
    if chosen is None or chosen <= walked:
        raise LimitError(
            gettext(
                "A tenth of those who count walk {walked} minutes or longer today: the mean of the worst tenth "
                "needs a limit above that, at most {longest}; give a longer one or choose another aim.",
                walked=say_number(min(walked, FARTHEST_MIN), 1),
                longest=FARTHEST_MIN,
            )
        )
    limit_deciseconds(chosen)
    return chosen


def count_zones(model: AccessModel, weighted: Weighted) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the zone of each place and who counts in each: zone omogenee, else municipalities."""
    base = model.units.bases[0]
    kind = next((layer.kind for layer in model.units.layers if layer.layer == _ZONES), base.kinds[0])
    members = kind.members.tocoo()
    zone_of_unit = np.full(base.count, -1, np.intp)
    zone_of_unit[members.coords[1]] = members.coords[0]
    zone_of = np.where(base.place_unit >= 0, zone_of_unit[base.place_unit], -1)
    return zone_of, sum_by_unit(zone_of, weighted.all_weights, len(kind.names))


def _helps(request: SiteRequest, siting: Siting) -> bool:
    """Tell whether services had better be moved: the best places without them may be no better than theirs."""
    better = siting.after - siting.before if request.aim in (COVERAGE, EQUITY) else siting.before - siting.after
    return request.action != MOVE or better > 0


def _list_changes(
    request: SiteRequest, siting: Siting, candidates: ListedCandidates | None, services: pd.DataFrame
) -> Scenario:
    """Return the scenario: services added, closed, or moved from where they are missed least."""
    if candidates is None:
        return tuple(
            Change(CLOSE, request.category, services["service"].iloc[one], "", None, None) for one in siting.gone
        )
    chosen = candidates.table.iloc[siting.new]
    places = list(zip(chosen["service_name"], chosen["lon"].astype(float), chosen["lat"].astype(float), strict=True))
    if request.action == ADD:
        return tuple(Change(ADD, request.category, "", name, lon, lat) for name, lon, lat in places)
    leaving = siting.gone[np.argsort(np.abs(siting.costs), kind="stable")][: len(places)]
    return tuple(
        Change(MOVE, request.category, services["service"].iloc[one], name, lon, lat)
        for one, (name, lon, lat) in zip(leaving, places, strict=True)
    )


def _list_sites(
    request: SiteRequest, siting: Siting, changes: Scenario, candidates: ListedCandidates | None, model: AccessModel
) -> gpd.GeoDataFrame:
    table = model.services.table
    today = table[table["category"] == request.category].set_index("service").geometry
    if candidates is None:
        points = today.loc[[change.service for change in changes]].representative_point().to_numpy()
        names, adds = [""] * len(changes), siting.costs
    else:
        chosen = candidates.table.iloc[siting.new]
        count = len(changes)
        points, adds = chosen.geometry.to_numpy()[:count], siting.adds[:count]
        names = chosen["candidate"].tolist()[:count]
    return gpd.GeoDataFrame(
        {
            "number": range(1, len(changes) + 1),
            "action": [change.action for change in changes],
            "category": request.category,
            "service": [change.service for change in changes],
            "service_name": [change.name for change in changes],
            "candidate": names,
            "aim": request.aim,
            "minutes_limit": request.minutes,
            "site_adds": adds,
            "aim_before": siting.before,
            "aim_after": siting.after,
            "aim_bound": siting.bound,
        },
        geometry=points,
        crs=METRIC,
    )


def _count_people(model: AccessModel, before: TravelTimes, after: TravelTimes, request: SiteRequest) -> pd.DataFrame:
    """Return who gains and who loses, by municipality and age band; ages only where they are known."""
    profile = reported_profiles(before)[0]
    bands = {_ALL_AGES: None, **BANDS} if before.places[list(BANDS.values())].to_numpy().any() else {_ALL_AGES: None}
    base = model.units.bases[0]
    towns = model.units.municipalities[["municipality_code", "municipality"]].reset_index(drop=True)
    limit = limit_deciseconds(request.minutes or 0)
    parts = []
    for name, band in bands.items():
        counts = dict.fromkeys(
            ("residents_gained", "residents_lost", "walk_shorter", "walk_longer"), np.zeros(len(before.places))
        )
        for own, people in walkers_of(before, profile):
            mine = _of_band(before, own, people, band, by_age=profile == BY_AGE)
            old, new = before.times_to(own, request.category), after.times_to(own, request.category)
            if old is None or new is None:
                continue
            for column, flags in (
                ("residents_gained", (new <= limit) & (old > limit)),
                ("residents_lost", (new > limit) & (old <= limit)),
                ("walk_shorter", new < old),
                ("walk_longer", new > old),
            ):
                counts[column] = counts[column] + np.where(flags, mine, 0.0)
        summed = {column: sum_by_unit(base.place_unit, values, base.count) for column, values in counts.items()}
        parts.append(towns.assign(age_band=name, minutes_limit=request.minutes, **summed))
    table = pd.concat(parts, ignore_index=True)
    changed = table[["walk_shorter", "walk_longer"]].sum(axis=1) > 0
    found: pd.DataFrame = table[changed].sort_values(["municipality_code", "age_band"]).reset_index(drop=True)
    return found


def _of_band(travel_times: TravelTimes, own: str, people: Floats, band: str | None, *, by_age: bool) -> Floats:
    """Return the residents of an age band who walk as a profile; all of them where no band is named."""
    if band is None:
        return people
    bands = next(one.bands for one in travel_times.profiles if one.identifier == own)
    counted = travel_times.places[band].to_numpy(dtype=float)
    return counted if band in bands or not by_age else np.zeros(len(counted))


def _say(
    model: AccessModel, weighted: Weighted, request: SiteRequest, siting: Siting, changes: Scenario
) -> Iterator[Text]:
    name = model.services.categories[request.category]
    before, after = (_say_value(request, weighted, value) for value in (siting.before, siting.after))
    limit = say_number(request.minutes or 0, 0)
    what = {
        COVERAGE: gettext("within {limit} minutes", limit=limit),
        MEAN: gettext("mean walk (longer ones than {limit} minutes count {limit})", limit=limit),
        WORST_TENTH: gettext(
            "mean walk of the tenth that walks longest (longer walks than {limit} minutes count {limit})", limit=limit
        ),
        EQUITY: gettext("smallest share of a zone within {limit} minutes", limit=limit),
    }[request.aim]
    yield gettext("{name}: {what}, from {before} to {after}", name=name, what=what, before=before, after=after)
    yield _say_proof(request, weighted, siting)
    short = request.count - len(changes)
    if not _helps(request, siting):
        yield gettext("moving them gains nothing: their places of today are as good")
    elif short > 0:
        yield ngettext(
            "{count} place fewer than requested: no other one would add anything",
            "{count} places fewer than requested: no others would add anything",
            short,
        )
    if siting.ties:
        yield ngettext(
            "{count} other choice is as good", "{count} other choices are as good, at least", len(siting.ties)
        )


def _say_proof(request: SiteRequest, weighted: Weighted, siting: Siting) -> Text:
    if siting.gap == 0:
        return gettext("proven: no choice is better")
    bound = _say_value(request, weighted, siting.bound)
    if siting.failed:
        return gettext("the solver gave no answer; no choice is better than {bound}", bound=bound)
    if siting.late:
        return gettext(
            "the best choice found in {seconds:g} seconds; no choice is better than {bound}",
            seconds=request.seconds,
            bound=bound,
        )
    return gettext("the best choice found, not proven; no choice is better than {bound}", bound=bound)


def _say_value(request: SiteRequest, weighted: Weighted, value: float) -> Text:
    if request.aim == EQUITY:
        return say_percent(value)
    if request.aim == COVERAGE:
        whole = float(weighted.all_weights.sum())
        return gettext("{people} ({share})", people=say_number(value, 0), share=say_percent(value / whole))
    return gettext("{minutes} minutes", minutes=say_number(value, _DECIMALS))


_DECIMALS = 2
