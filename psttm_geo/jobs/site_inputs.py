"""What the best places for services are looked for among, and what counts."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.access.improvements import Candidates, Demand, list_demand
from psttm_geo.access.scenario_file import read_degrees
from psttm_geo.access.snapping import Places
from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, TravelTimes
from psttm_geo.access.unit_reach import QUARTER_HOUR_MIN, reported_profiles, walkers_of
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import Fault, TableError, UnknownNameError
from psttm_geo.core.messages import NOTHING, Text, gettext, list_some, ngettext
from psttm_geo.core.spreadsheets import cell_fault, parse_identifier, parse_number, read_rows, read_table
from psttm_geo.jobs.access_model import AccessModel
from psttm_geo.jobs.requests import BEYOND_QUARTER, HEXAGONS, RESIDENTS
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.dwellings import municipality_at
from psttm_geo.territory.features import inspect_features

Floats = npt.NDArray[np.float64]

BANDS = {band.removeprefix("residents_").replace("over", "piu"): band for band in AGE_BANDS}
"""Age bands, by the names that tables give them."""

OUTSIDE, OFF_STREETS = "fuori_territorio", "fuori_strade"
"""Why a candidate cannot be chosen."""

_TABLES = (".csv", ".xlsx")

_DECIMALS = 7
"""Of degrees: a centimetre."""

_SHOWN = 5


@dataclass(frozen=True)
class ListedCandidates:
    """Where services could be.

    Attributes
    ----------
    table
        ``candidate`` (hexagon, service, or row of a file), ``service_name``, ``lon`` and ``lat`` (EPSG:4326), and a
        point in EPSG:32632.
    on_streets
        The same, as they are walked to.
    excluded
        Those that cannot be chosen, with ``exclusion``: :data:`OUTSIDE` or :data:`OFF_STREETS`.
    notices
        What the user should know.
    """

    table: gpd.GeoDataFrame
    on_streets: Candidates
    excluded: gpd.GeoDataFrame
    notices: tuple[Text, ...]


def list_candidates(model: AccessModel, wanted: str) -> ListedCandidates:
    """List the candidates for services.

    Parameters
    ----------
    model
        Streets, services and units.
    wanted
        As :attr:`psttm_geo.jobs.requests.SiteRequest.candidates`.

    Raises
    ------
    InputMissingError, TableError, VectorFileError
        The file does not exist or cannot be used.
    """
    notices: tuple[Text, ...] = ()
    if wanted == HEXAGONS:
        table = _on_streets(model, model.units.hexagons)
    elif wanted in model.services.categories:
        mine = model.services.table[model.services.table["category"] == wanted]
        table = _located(mine["service"], mine["service_name"], shapely.point_on_surface(mine.geometry.to_numpy()))
    elif Path(wanted).suffix.lower() in _TABLES:
        table = _read_table(Path(wanted))
    else:
        table, notices = _read_features(Path(wanted))
    x, y = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    places = model.walking.snap(x, y)
    inside = np.array([code is not None for code in municipality_at(x, y, model.units.municipalities)], bool)
    usable = inside & np.any([of_profile.connected for of_profile in places], axis=0)
    excluded = table.assign(exclusion=np.where(inside, OFF_STREETS, OUTSIDE))[~usable].reset_index(drop=True)
    accesses = tuple(of_profile.take(usable) for of_profile in places)
    count = int(usable.sum())
    return ListedCandidates(
        table[usable].reset_index(drop=True),
        Candidates(accesses, np.arange(count), count),
        excluded,
        (*notices, *_say_excluded(excluded)),
    )


def existing_services(model: AccessModel, category: str) -> tuple[pd.DataFrame, Candidates]:
    """Return the services of a category, and how they are walked to."""
    table = model.services.table
    rows = np.flatnonzero(table["category"] == category)
    entrances = model.services.entrances["service_row"].to_numpy()
    mine = np.isin(entrances, rows)
    accesses = tuple(places.take(mine) for places in model.walking.services)
    listed = table.iloc[rows][["service", "service_name"]].reset_index(drop=True)
    return listed, Candidates(accesses, np.searchsorted(rows, entrances[mine]), len(rows))


def no_candidates(model: AccessModel) -> Candidates:
    """Return no candidates, for services that are only closed."""
    nowhere = tuple(places.take(slice(0, 0)) for places in model.walking.services)
    return Candidates(nowhere, np.zeros(0, np.int64), 0)


def _located(names: Iterable[object], titles: Iterable[object], points: npt.NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Return candidates at points in EPSG:32632, moved to where a scenario that names them would have them."""
    degrees = gpd.GeoSeries(points, crs=METRIC).to_crs(GEOGRAPHIC)
    table = pd.DataFrame(
        {
            "candidate": [str(name) for name in names],
            "service_name": [str(title) for title in titles],
            "lon": degrees.x.round(_DECIMALS),
            "lat": degrees.y.round(_DECIMALS),
        }
    )
    there = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=GEOGRAPHIC).to_crs(METRIC)
    return gpd.GeoDataFrame(table, geometry=there, crs=METRIC)


def _on_streets(model: AccessModel, hexagons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return hexagons as the points of streets that are nearest to their middle, their middle where none is near."""
    middles = hexagons.geometry.centroid
    x, y = middles.x.to_numpy(), middles.y.to_numpy()
    places = model.walking.snap(x, y)[0]
    points = np.asarray(shapely.points(x, y), dtype=object)
    points[places.connected] = points_of(model.extract.network, places.take(places.connected))
    return _located(hexagons["hexagon"], [""] * len(hexagons), points)


def points_of(network: WalkNetwork, places: Places) -> npt.NDArray[np.object_]:
    """Return where connected places are on their streets, as points in the CRS of the network."""
    begins, ends = network.geometry_offsets[places.edge], network.geometry_offsets[places.edge + 1]
    sizes = (ends - begins).astype(np.int64)
    owner = np.repeat(np.arange(len(places)), sizes)
    positions = np.repeat(begins - (sizes.cumsum() - sizes), sizes) + np.arange(sizes.sum())
    lines = shapely.linestrings(network.geometry_x[positions], network.geometry_y[positions], indices=owner)
    return np.asarray(shapely.line_interpolate_point(lines, places.fraction, normalized=True), dtype=object)


def _read_features(path: Path) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Read candidates from a vector file; what is no point stands for a point inside."""
    features = inspect_features(path)
    shapes = features.table.geometry.to_numpy()
    points = np.where(
        shapely.get_type_id(shapes) == shapely.GeometryType.POINT, shapes, shapely.point_on_surface(shapes)
    )
    table = _located(range(1, len(points) + 1), features.table["name"], points)
    return table, features.notices


def _read_table(path: Path) -> gpd.GeoDataFrame:
    """Read candidates from a table with the columns ``nome``, ``lon`` and ``lat``."""
    rows = read_rows(path, ("nome", "lon", "lat"))
    _require_columns(path, rows, ("lon", "lat"))
    faults: list[Fault] = []
    places = []
    for row, cells in zip(rows.index, rows.to_dict("records"), strict=True):
        written = {str(name): str(value).strip() for name, value in cells.items()}
        places.append([read_degrees(path, int(str(row)), written, name, faults) for name in ("lon", "lat")])
    if faults:
        raise TableError(faults, rows=len(rows))
    lon, lat = np.array(places, float).reshape(-1, 2).T
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=GEOGRAPHIC).to_crs(METRIC)
    titles = rows["nome"] if "nome" in rows.columns else [""] * len(rows)
    return _located(rows.index, titles, points.to_numpy())


def _require_columns(path: Path, rows: pd.DataFrame, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in rows.columns]
    if missing:
        text = gettext(
            "columns {listed} are missing; expected {expected}, found {found}.",
            listed=", ".join(missing),
            expected=", ".join(names),
            found=", ".join(rows.columns),
        )
        raise TableError.of(path.name, None, text)


def _say_excluded(excluded: gpd.GeoDataFrame) -> tuple[Text, ...]:
    said = {
        OUTSIDE: gettext("outside the territory"),
        OFF_STREETS: gettext("more than 250 m from every street that can be walked"),
    }
    lines = []
    for reason, where in said.items():
        mine = excluded[excluded["exclusion"] == reason]
        if len(mine):
            names = (mine["candidate"] + " " + mine["service_name"]).str.strip().tolist()
            listed = list_some(names, _SHOWN)
            lines.append(
                ngettext(
                    "{count} candidate {where}, left out: {listed}.",
                    "{count} candidates {where}, left out: {listed}.",
                    len(mine),
                    where=where,
                    listed=listed,
                )
            )
    return tuple(lines)


@dataclass(frozen=True)
class Weighted:
    """Who counts how much.

    Attributes
    ----------
    demand
        Those who walk, by place and pace.
    all_weights
        Of every place, those who cannot walk to a street included.
    notices
        What the user should know.
    """

    demand: Demand
    all_weights: Floats
    notices: tuple[Text, ...]


def weigh(model: AccessModel, travel_times: TravelTimes, category: str, weight: str | Mapping[str, float]) -> Weighted:
    """Return who counts for the places of a category.

    Parameters
    ----------
    model, travel_times
        Who walks, and how far today.
    category
        With at least one service.
    weight
        As :attr:`psttm_geo.jobs.requests.SiteRequest.weight`.

    Raises
    ------
    UnknownNameError
        The weight is none that is known, or ages are asked for where they are not known.
    TableError
        Own weights are negative, missing, all nothing, or of units that are not there; all faults are listed.
    """
    profile = reported_profiles(travel_times)[0]
    walkers = dict(walkers_of(travel_times, profile))
    notices: tuple[Text, ...] = ()
    if not isinstance(weight, str) or Path(weight).suffix.lower() in _TABLES:
        factor, notices = _own_factor(model, travel_times, weight)
        walkers = {own: people * factor for own, people in walkers.items()}
    elif weight in BANDS:
        walkers = _of_band(travel_times, profile, BANDS[weight])
    elif weight not in (RESIDENTS, BEYOND_QUARTER):
        listed = ", ".join((RESIDENTS, BEYOND_QUARTER, *BANDS))
        raise UnknownNameError(
            gettext(
                "Unknown weight “{weight}”; expected one of {listed}, or a CSV or XLSX with the columns unita and "
                "peso.",
                weight=weight,
                listed=listed,
            )
        )
    times = {own: travel_times.times_to(own, category) for own in walkers}
    if weight == BEYOND_QUARTER:
        late = QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE
        walkers = {own: np.where(_known(times[own]) > late, people, 0.0) for own, people in walkers.items()}
    inside = ~travel_times.places["outside"].to_numpy()
    whole = np.sum([people * inside for people in walkers.values()], axis=0)
    parts = {
        own: (people * inside * travel_times.connected[own], _known(times[own])) for own, people in walkers.items()
    }
    demand = list_demand(_by_graph(model, parts))
    if not len(demand):
        raise UnknownNameError(
            gettext("Nobody counts with the weight “{weight}”; choose another one.", weight=_named(weight))
        )
    return Weighted(demand, whole, notices)


def _known(times: npt.NDArray[np.uint16] | None) -> npt.NDArray[np.uint16]:
    if times is None:
        raise UnknownNameError(gettext("No service of the category is known; give another extract or a register."))
    return times


def _named(weight: str | Mapping[str, float]) -> str:
    return weight if isinstance(weight, str) else "peso"


def _of_band(travel_times: TravelTimes, profile: str, band: str) -> dict[str, Floats]:
    """Return the residents of an age band, walking as it does."""
    people = travel_times.places[band].to_numpy(dtype=float)
    if not people.any():
        raise UnknownNameError(
            gettext("Ages are not known in this territory; choose the weight residenti or oltre_15.")
        )
    own = next((one.identifier for one in travel_times.profiles if band in one.bands), profile)
    return {own if profile == BY_AGE else profile: people}


def _by_graph(
    model: AccessModel, parts: Mapping[str, tuple[Floats, npt.NDArray[np.uint16]]]
) -> dict[int, tuple[Floats, npt.NDArray[np.uint16]]]:
    """Return the walkers of profiles by walked network, those of one pace together."""
    found: dict[int, tuple[Floats, npt.NDArray[np.uint16]]] = {}
    graphs, homes = model.walking.graphs, model.walking.homes
    for own, (people, times) in parts.items():
        mine = next(place for place, graph in enumerate(graphs) if graph.profile.identifier == own)
        alike = (
            other
            for other in found
            if homes[other] is homes[mine] and np.array_equal(graphs[other].edge_ds, graphs[mine].edge_ds)
        )
        at = next(alike, mine)
        found[at] = (people + found[at][0], times) if at in found else (people, times)
    return found


def _own_factor(
    model: AccessModel, travel_times: TravelTimes, weight: str | Mapping[str, float]
) -> tuple[Floats, tuple[Text, ...]]:
    """Return what each resident of a place counts for the weight of its unit to be shared among its residents."""
    given = (
        _read_weights(Path(weight)) if isinstance(weight, str) else {str(key): value for key, value in weight.items()}
    )
    file = weight if isinstance(weight, str) else "peso"
    names, unit_of = _units_named(model, file, given)
    weights = np.array([given[name] for name in names], float)
    inside = ~travel_times.places["outside"].to_numpy() & (unit_of >= 0)
    people = travel_times.places["residents"].to_numpy(dtype=float)
    residents = np.bincount(unit_of[inside], people[inside], minlength=len(names))
    lost = [name for name, value, own in zip(names, weights, residents, strict=True) if value > 0 and own == 0]
    each = np.divide(weights, residents, out=np.zeros(len(names)), where=residents > 0)
    factor = np.where(inside, each[unit_of], 0.0)
    notices = (
        gettext(
            "Units with a weight and no residents, which count for nothing: {listed}.", listed=list_some(lost, _SHOWN)
        ),
    )
    return factor, notices if lost else ()


def _units_named(
    model: AccessModel, file: str, given: Mapping[str, float]
) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    """Return the units that weights are of: municipalities, hexagons or own units, and that of each place.

    Raises
    ------
    TableError
        A weight is no number from 0, all are 0, or units have none or are not known.
    """
    hexagons = tuple(model.units.hexagons["hexagon"])
    kinds = [(base.kinds[0].names, base.place_unit) for base in model.units.bases] + [
        (hexagons, model.units.hexagon_of)
    ]
    names, unit_of = max(kinds, key=lambda kind: len(given.keys() & set(kind[0])))
    unknown = [name for name in given if name not in set(names)]
    missing = [name for name in names if name not in given]
    odd = [f"{name} ({value})" for name, value in given.items() if not 0 <= value < math.inf]
    faults = (
        (unknown, gettext("units that are not known: {listed}; write codes of municipalities, hexagons or own units.")),
        (missing, gettext("units without a weight: {listed}; write 0 where nobody counts.")),
        (odd, gettext("weights that are no number from 0: {listed}; correct them.")),
    )
    found = [Fault(file, None, text.fill(listed=list_some(listed, _SHOWN))) for listed, text in faults if listed]
    if not found and not any(given.values()):
        found = [Fault(file, None, gettext("all weights are 0; write at least one that is not."))]
    if found:
        raise TableError(found)
    return names, unit_of


def _read_weights(path: Path) -> dict[str, float]:
    read = read_table(path, ("unita", "peso"), codes=("peso",))
    rows, typed = read.rows, read.decimals.get("peso", frozenset())
    _require_columns(path, rows, ("unita", "peso"))
    given: dict[str, float] = {}
    faults = []
    for row, cells in zip(rows.index, rows.to_dict("records"), strict=True):
        name, written = parse_identifier(str(cells["unita"])), str(cells["peso"]).strip()
        known = written if row in typed else parse_number(written)
        value = math.nan if known is None or "%" in written else float(known)
        problem = NOTHING
        if not 0 <= value < math.inf:
            problem = gettext(
                "“peso” is “{written}”, expected a number from 0, without doubt about its decimals: 1234.5 or 1234,5",
                written=written,
            )
        elif not name or name in given:
            problem = gettext("“unita” is “{name}”, expected a unit that no other row is about", name=name)
        if problem is not NOTHING:
            faults.append(cell_fault(path, int(str(row)), problem))
        given[name] = value
    if faults:
        raise TableError(faults, rows=len(rows))
    return given
