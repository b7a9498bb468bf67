"""The access model: streets, services, residents and units of a territory, read once, ready for travel times."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from psttm_geo.access.indicators import BaseUnits, UnitKind, same_units
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile, build_profiles
from psttm_geo.core.crs import require_plane
from psttm_geo.core.errors import InputMissingError, Text, UnknownNameError, VectorFileError
from psttm_geo.core.numbers import say_number
from psttm_geo.core.provenance import SYNTHETIC, Source
from psttm_geo.jobs.census_areas import read_census
from psttm_geo.jobs.covered import mark_outside, measured_in, say_covered, say_stand_ins, stand_ins
from psttm_geo.jobs.everyday_services import held_registers, merge
from psttm_geo.jobs.load import Territory, load_territory
from psttm_geo.jobs.register_files import read_registers
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import MILANO, OSM_MUNICIPALITIES, load_kept_extract, read_extract
from psttm_geo.jobs.urbanisation import compute_urbanisation, read_urbanisation
from psttm_geo.osm.extract_reader import named_municipalities
from psttm_geo.osm.extract_records import Extract
from psttm_geo.plan.plan_layers import MUNICIPALITY, OWN_UNIT, UNION, WHOLE, ZONE
from psttm_geo.project import Project
from psttm_geo.schema.columns import COLUMNS
from psttm_geo.schema.data_tables import Register
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.services.locations import say_rows
from psttm_geo.services.merge import identify
from psttm_geo.territory.degurba_records import LEVEL_1, LEVEL_2, Urbanisation
from psttm_geo.territory.dwellings import list_beyond, list_dwellings, municipality_at, within_extent
from psttm_geo.territory.hexagons import find_hexagons, hexagon_layer
from psttm_geo.territory.population import place_residents
from psttm_geo.territory.population_records import METHODS, OUTSIDE, Population
from psttm_geo.territory.units import Units, read_units


@dataclass(frozen=True)
class UnitLayer:
    """Units that have a layer of accessibility.

    Attributes
    ----------
    layer
        Its Italian name.
    table
        The columns that name a unit, and its area; one row per unit.
    kind
        The same units for the indicators.
    base
        Position among the bases that they are counted in.
    """

    layer: str
    table: gpd.GeoDataFrame
    kind: UnitKind
    base: int


_RESIDENTS = Text("residenti", "residents")


@dataclass(frozen=True)
class AccessModel:
    """Streets, services, residents and units of a territory, ready for walks.

    Attributes
    ----------
    extract
        As read.
    walking
        Places of residents on the streets.
    services
        ``category``, ``service_name``, ``service`` (identifier in its category) and geometry in EPSG:32632.
    entrances
        Where one gets into them: ``service_row``, ``category``, ``x``, ``y``.
    categories
        Identifier and name, in the order of the table of services.
    essential
        Those that the 15-minute share asks for.
    bases, layers
        What residents are counted in.
    hexagon_of, hexagons
        For each place the position of its hexagon; ``hexagon``, ``municipality_code`` of the municipality that most of
        its residents live in, ``zone`` where that has one, and area.
    municipalities
        ``municipality_code``, ``municipality`` and area; of the plan's territory the layer ``comuni``.
    residents_known
        Whether places hold residents; else buildings or streets stand for them, and only shares and times are known.
    residents_date
        ISO 8601; empty where residents are not known.
    urbanisation
        Classes of the plan's municipalities; None elsewhere.
    sources
        Everything that figures rest on.
    notices
        What the user should know.
    counted
        What people are counted in: residents, or the measures of what stands for them.
    """

    extract: Extract
    walking: WalkingResidents
    services: gpd.GeoDataFrame
    entrances: pd.DataFrame
    categories: Mapping[str, Text]
    essential: frozenset[str]
    bases: tuple[BaseUnits, ...]
    layers: tuple[UnitLayer, ...]
    hexagon_of: npt.NDArray[np.intp]
    hexagons: gpd.GeoDataFrame
    municipalities: gpd.GeoDataFrame
    residents_known: bool
    residents_date: str
    urbanisation: Urbanisation | None
    sources: tuple[Source, ...]
    notices: tuple[Text, ...]
    counted: Text = _RESIDENTS

    @property
    def synthetic(self) -> bool:
        """Whether streets or services are made up."""
        return self.extract.report.synthetic


def load_access_model(
    project: Project, request: AccessRequest, *, territory: Territory | None = None, progress: bool = False
) -> AccessModel:
    """Read everything that walks need.

    Parameters
    ----------
    project
        Opened.
    request
        What is computed.
    territory
        The plan's, where it has been loaded already.
    progress
        Whether to draw a bar on stderr.

    Raises
    ------
    InputMissingError, OsmFileError, BoundaryFileError, TableError, UnknownNameError, CensusFileError
        Something asked for cannot be used.
    CrsError
        The extract is read in another UTM zone.
    EmptyNetworkError
        There is no street to walk on in the territory.
    WorkspaceError, OutputError
        The workspace is damaged or cannot be written.
    """
    register = project.register
    profiles = choose_profiles(register, request.profiles)
    extract = read_extract(
        project, request.osm, territory=request.territory, services=request.services, progress=progress
    )
    require_plane(extract.network.crs, request.osm.name)
    if request.territory != MILANO:
        return _read_other_territory(request, extract, profiles)
    known = territory or load_territory(project, computed=False)
    return _read_plan_territory(project, request, known, extract, profiles)


def choose_profiles(register: Register, wanted: Sequence[str]) -> tuple[Profile, ...]:
    """Return the profiles asked for; by default those that an age band walks as.

    Raises
    ------
    UnknownNameError
        There is no such profile.
    """
    profiles = {profile.identifier: profile for profile in build_profiles(register.tables["profiles.csv"])}
    unknown = [name for name in wanted if name not in profiles]
    if unknown:
        known = ", ".join(profiles)
        raise UnknownNameError(
            Text(
                f"Profilo {', '.join(unknown)} sconosciuto; quelli disponibili sono: {known}.",
                f"Unknown profile {', '.join(unknown)}; the profiles are: {known}.",
            )
        )
    if wanted:
        return tuple(profiles[name] for name in dict.fromkeys(wanted))
    return tuple(profile for profile in profiles.values() if profile.bands)


def _read_plan_territory(
    project: Project, request: AccessRequest, territory: Territory, extract: Extract, profiles: Sequence[Profile]
) -> AccessModel:
    municipalities = territory.municipalities
    points, service_sources, register_lines = plan_services(project, extract, territory, request.registers)
    population, census_sources = _place(project, request.census, extract, municipalities)
    classes = _choose_classes(project, request, territory, population, extract)
    entrances = entrances_of(points, extract)
    unplaced = _unplaced(population, municipalities)
    place_unit = _positions(population.places["municipality_code"], municipalities["municipality_code"])
    kinds = _plan_kinds(territory)
    split = _class_kinds(classes, municipalities["municipality_code"])
    base = BaseUnits(place_unit, unplaced, (*(layer.kind for layer in kinds), *split))
    units = _read_own_units(request, municipalities)
    layers, bases = _with_own_units(units, population.places, kinds, base)
    hexagon_of, hexagons = _hexagons(population.places, municipalities)
    return AccessModel(
        extract=extract,
        walking=WalkingResidents(extract.network, profiles, population.places, entrances),
        services=points,
        entrances=entrances,
        categories=_category_names(extract),
        essential=_essential(extract),
        bases=bases,
        layers=layers,
        hexagon_of=hexagon_of,
        hexagons=hexagons,
        municipalities=municipalities,
        residents_known=True,
        residents_date=territory.residents_date,
        urbanisation=classes,
        sources=_distinct(
            (*territory.sources, *service_sources, *census_sources, classes.source, extract.report.source)
        ),
        notices=(
            *_synthetic_notice(extract),
            *say_covered(extract, municipalities),
            *_other_notices(territory, classes),
            *register_lines,
            *units.notices,
            *population.notices,
            *_method_lines(population),
        ),
    )


def load_kept_access_model(project: Project, territory: Territory) -> AccessModel:
    """Read what the accessibility of a workspace rests on, without its extract, for all profiles of the tables.

    Units are municipalities and the whole; residents are not split by degree of urbanisation.

    Parameters
    ----------
    project
        Opened.
    territory
        With its results.

    Raises
    ------
    InputMissingError
        There are no results, or the workspace no longer keeps the streets that they rest on.
    TableError, CensusFileError, NetworkFileError
        Something that the workspace holds cannot be used.
    """
    extract = find_kept_extract(project, territory)
    if extract is None or territory.results is None:
        raise InputMissingError(
            Text(
                "La cartella di lavoro non ha più la rete stradale di questi risultati; ripetere psttm-geo access "
                "--osm ESTRATTO.",
                "The workspace no longer holds the street network of these results; repeat psttm-geo access "
                "--osm EXTRACT.",
            )
        )
    profiles = tuple(build_profiles(project.tables["profiles.csv"]))
    services, service_sources, _ = plan_services(project, extract, territory, ())
    entrances = entrances_of(services, extract)
    municipalities = territory.municipalities
    population, census_sources = _place(project, None, extract, municipalities)
    kinds = [kind for kind in _plan_kinds(territory) if kind.kind.kind in (MUNICIPALITY, WHOLE)]
    place_unit = _positions(population.places["municipality_code"], municipalities["municipality_code"])
    hexagon_of, hexagons = _hexagons(population.places, municipalities)
    return AccessModel(
        extract=extract,
        walking=WalkingResidents(extract.network, profiles, population.places, entrances),
        services=services,
        entrances=entrances,
        categories=_category_names(extract),
        essential=frozenset(territory.results.essential),
        bases=(BaseUnits(place_unit, _unplaced(population, municipalities), tuple(kind.kind for kind in kinds)),),
        layers=tuple(kinds),
        hexagon_of=hexagon_of,
        hexagons=hexagons,
        municipalities=municipalities,
        residents_known=True,
        residents_date=territory.residents_date,
        urbanisation=None,
        sources=_distinct((*territory.sources, *service_sources, *census_sources, extract.report.source)),
        notices=(*_synthetic_notice(extract), *population.notices),
    )


def _place(
    project: Project, census: Path | None, extract: Extract, municipalities: gpd.GeoDataFrame
) -> tuple[Population, tuple[Source, ...]]:
    """Return the residents of municipalities on places, and where census sections come from.

    What they might have been placed on and were not, a million places, is forgotten here.
    """
    sections = read_census(project, () if census is None else (census,))
    dwellings = list_dwellings(extract.homes, extract.network, municipalities)
    dwellings = within_extent(dwellings, extract.extent, municipalities)
    population = place_residents(municipalities, sections, dwellings, list_beyond(extract.extent, municipalities))
    places = mark_outside(population.places, extract.extent, municipalities)
    population = dataclasses.replace(population, places=places)
    return population, () if sections is None else (sections.source,)


def find_kept_extract(project: Project, territory: Territory) -> Extract | None:
    """Return the extract that the results of a territory rest on; None where there is none, or no more."""
    results = {} if territory.results is None else territory.results.sources
    rests_on = (source for sources in results.values() for source in sources)
    sums = dict.fromkeys(source.sha256 for source in rests_on if source.identifier == "openstreetmap")
    found = (load_kept_extract(project, sha256) for sha256 in sums)
    return next((extract for extract in found if extract is not None), None)


def _choose_classes(
    project: Project, request: AccessRequest, territory: Territory, population: Population, extract: Extract
) -> Urbanisation:
    """Return the classes of an official table, else compute them anew: those kept may be of other residents."""
    given = read_urbanisation(project, request.degurba)
    if given is not None and not given.experimental:
        return given
    return compute_urbanisation(project, population, territory, streets=extract.report.source)


def _other_notices(territory: Territory, classes: Urbanisation) -> tuple[Text, ...]:
    """Return the territory's notices, with what there is to say of these classes in place of those it holds."""
    held = () if territory.urbanisation is None else territory.urbanisation.notices
    return (*(notice for notice in territory.notices if notice not in held), *classes.notices)


def plan_services(
    project: Project, extract: Extract, territory: Territory, registers: Sequence[Path]
) -> tuple[gpd.GeoDataFrame, tuple[Source, ...], tuple[Text, ...]]:
    """Return the services of an extract and of registers as one, their sources, and how registers were counted.

    Parameters
    ----------
    project
        Opened.
    extract
        As read.
    territory
        The plan's.
    registers
        Files.

    Returns
    -------
    services
        As :attr:`psttm_geo.services.merge.MergedServices.services`, with ``service`` (identifier in its category)
        and ``service_name``.
    sources
        Of the map and of each register.
    lines
        What became of the rows of each register.

    Raises
    ------
    TableError, InputMissingError
        A register cannot be used.
    """
    placed = read_registers(project, registers) if registers else held_registers(project, territory.municipalities)
    merged, sources = merge(extract.mapped, placed, territory.municipalities)
    services = merged.services
    named = services.assign(service=identify(services), service_name=services["name"].fillna(""))
    return named, sources, tuple(say_rows(register) for register in placed)


def mapped_services(extract: Extract) -> gpd.GeoDataFrame:
    """Return the services of an extract alone, with the columns that :func:`entrances_of` wants."""
    services = extract.services
    return services.assign(
        service=services["osm_type"].astype(str) + services["osm_id"].astype(str),
        service_name=services["name"],
        osm_row=np.arange(len(services)),
        municipality_code=None,
    )


def _read_other_territory(request: AccessRequest, extract: Extract, profiles: Sequence[Profile]) -> AccessModel:
    """Read a territory whose residents nobody has told: buildings stand for them, else streets."""
    municipalities, named = _other_municipalities(request, extract)
    places = mark_outside(stand_ins(municipalities, extract), extract.extent, municipalities)
    place_unit = _positions(places["municipality_code"], municipalities["municipality_code"])
    nobody = pd.DataFrame(0.0, index=range(len(municipalities)), columns=list(AGE_BANDS))
    kinds = _other_kinds(request, municipalities)
    base = BaseUnits(place_unit, nobody, tuple(layer.kind for layer in kinds))
    units = _read_own_units(request, municipalities)
    layers, bases = _with_own_units(units, places, kinds, base)
    hexagon_of, hexagons = _hexagons(places, municipalities)
    services = mapped_services(extract)
    entrances = entrances_of(services, extract)
    unknown = Text(
        "Residenti non noti in questo territorio: quote e minuti sono pesati con la superficie degli edifici "
        "abitabili, o con la lunghezza delle strade dove mancano.",
        "Residents are not known in this territory: shares and minutes are weighted by the ground area of buildings to "
        "live in, or by the length of streets where there are none.",
    )
    return AccessModel(
        extract=extract,
        walking=WalkingResidents(extract.network, profiles, places, entrances),
        services=services,
        entrances=entrances,
        categories=_category_names(extract),
        essential=_essential(extract),
        bases=bases,
        layers=layers,
        hexagon_of=hexagon_of,
        hexagons=hexagons,
        municipalities=municipalities,
        residents_known=False,
        residents_date="",
        urbanisation=None,
        sources=(extract.report.source,),
        notices=(
            *_synthetic_notice(extract),
            *say_covered(extract, municipalities),
            unknown,
            *named,
            *units.notices,
            *say_stand_ins(places),
        ),
        counted=measured_in(places),
    )


def _other_municipalities(request: AccessRequest, extract: Extract) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Return what stands for municipalities in another territory, and where its names come from."""
    if request.territory != OSM_MUNICIPALITIES:
        units, notices = read_units(Path(request.territory), request.name_field)
        return units.assign(municipality_code=units["own_unit"], municipality=units["own_unit"]), notices
    whole = named_municipalities(extract.boundaries)
    if whole.empty:
        raise InputMissingError(
            Text(
                f"{request.osm} non contiene nessun comune completo e con nome; indicare il territorio con un file "
                "vettoriale.",
                f"{request.osm} holds no complete, named municipality; give the territory as a vector file.",
            )
        )
    codes = whole["ref_istat"].where(
        whole["ref_istat"] != "", whole["osm_type"].astype(str) + whole["osm_id"].astype(str)
    )
    return gpd.GeoDataFrame(
        {"municipality_code": codes, "municipality": whole["name"]}, geometry=whole.geometry, crs=whole.crs
    ).reset_index(drop=True), ()


def _plan_kinds(territory: Territory) -> list[UnitLayer]:
    municipalities = territory.municipalities
    codes = municipalities["municipality_code"]
    kinds = [
        UnitLayer(
            "accessibilita_comuni",
            municipalities[["municipality_code", "municipality", "geometry"]],
            same_units(MUNICIPALITY, tuple(codes)),
            0,
        ),
        UnitLayer(
            "accessibilita_zone",
            territory.zones[["zone", "geometry"]],
            _grouped(
                ZONE,
                tuple(territory.zones["zone"]),
                [set(codes[municipalities["zone"] == zone]) for zone in territory.zones["zone"]],
                codes,
            ),
            0,
        ),
    ]
    unions = territory.unions
    if len(unions):
        joined = territory.memberships
        members = [
            set(joined.loc[(joined["edition"] == edition) & (joined["union"] == union), "municipality_code"])
            for edition, union in zip(unions["edition"], unions["union"], strict=True)
        ]
        kind = _grouped(UNION, tuple(unions["union"]), members, codes, tuple(unions["edition"]))
        kinds.append(UnitLayer("accessibilita_unioni", unions[["edition", "union", "geometry"]], kind, 0))
    whole = territory.whole[["geometry"]].assign(unit=WHOLE)
    kinds.append(
        UnitLayer("accessibilita_citta_metropolitana", whole, _grouped(WHOLE, (WHOLE,), [set(codes)], codes), 0)
    )
    return kinds


def _class_kinds(classes: Urbanisation, codes: pd.Series) -> list[UnitKind]:
    """Return the municipalities of each class together, level 1 and level 2, as far as classes are known."""
    marked = f" ({_EXPERIMENTAL})" if classes.experimental else ""
    kinds = []
    for column, names in (("urbanisation", LEVEL_1), ("urbanisation_2", LEVEL_2)):
        class_of = classes.classes.set_index("municipality_code")[column]
        members = {text.it + marked: set(class_of.index[class_of == code]) for code, text in names.items()}
        found = {name: group for name, group in members.items() if group}
        if found:
            kinds.append(_grouped(COLUMNS[column].field, tuple(found), list(found.values()), codes))
    return kinds


_EXPERIMENTAL = "sperimentale"
"""Stands in the name of classes that this package computed itself."""


def _other_kinds(request: AccessRequest, municipalities: gpd.GeoDataFrame) -> list[UnitLayer]:
    codes = municipalities["municipality_code"]
    whole = gpd.GeoDataFrame({"unit": [WHOLE]}, geometry=[municipalities.union_all()], crs=municipalities.crs)
    everything = UnitLayer(
        "accessibilita_citta_metropolitana", whole, _grouped(WHOLE, (WHOLE,), [set(codes)], codes), 0
    )
    if request.territory == OSM_MUNICIPALITIES:
        table = municipalities[["municipality_code", "municipality", "geometry"]]
        return [UnitLayer("accessibilita_comuni", table, same_units(MUNICIPALITY, tuple(codes)), 0), everything]
    table = municipalities[["own_unit", "geometry"]]
    return [UnitLayer("accessibilita_unita", table, same_units(OWN_UNIT, tuple(codes)), 0), everything]


def _grouped(
    kind: str,
    names: tuple[str, ...],
    members: Sequence[set[str]],
    codes: pd.Series,
    editions: tuple[str, ...] = (),
) -> UnitKind:
    matrix = csr_array(np.array([codes.isin(list(group)).to_numpy(dtype=float) for group in members]))
    return UnitKind(kind, names, editions or ("",) * len(names), matrix)


def _read_own_units(request: AccessRequest, municipalities: gpd.GeoDataFrame) -> Units:
    """Read the office's own units; none where none are asked for, refused where all of them lie elsewhere."""
    if request.units is None:
        return Units(gpd.GeoDataFrame({"own_unit": []}, geometry=[], crs=municipalities.crs), ())
    read = read_units(request.units, request.name_field)
    if not read.table.sindex.query(municipalities.geometry, predicate="intersects").size:
        raise VectorFileError(request.units, _UNITS_ELSEWHERE)
    return read


_UNITS_ELSEWHERE = Text(
    "nessuna unità è nel territorio; indicare le unità di questo territorio, o correggere il sistema di riferimento.",
    "no unit lies in the territory; give the units of this territory, or correct the CRS.",
)


def _with_own_units(
    read: Units, places: gpd.GeoDataFrame, layers: list[UnitLayer], base: BaseUnits
) -> tuple[tuple[UnitLayer, ...], tuple[BaseUnits, ...]]:
    units = read.table
    if units.empty:
        return tuple(layers), (base,)
    kind = same_units(OWN_UNIT, tuple(units["own_unit"]))
    points = places.geometry
    codes = municipality_at(points.x.to_numpy(), points.y.to_numpy(), units.assign(municipality_code=units["own_unit"]))
    nobody = pd.DataFrame(0.0, index=range(len(units)), columns=list(AGE_BANDS))
    own = BaseUnits(_positions(pd.Series(codes), units["own_unit"]), nobody, (kind,))
    return (*layers, UnitLayer("accessibilita_unita", units, kind, 1)), (base, own)


def _hexagons(
    places: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.intp], gpd.GeoDataFrame]:
    """Return the hexagon of each place and all hexagons; places that stand for those beyond an extract have none."""
    located = (places["method"] != OUTSIDE).to_numpy()
    hexagon_of = np.full(len(places), -1, np.intp)
    hexagon_of[located], cells = find_hexagons(places[located])
    people = pd.DataFrame(
        {
            "cell": hexagon_of[located],
            "municipality_code": places["municipality_code"].to_numpy()[located],
            "residents": places["residents"].to_numpy()[located],
        }
    )
    summed = people.groupby(["cell", "municipality_code"])["residents"].sum().reset_index()
    largest = summed.sort_values(["cell", "residents", "municipality_code"], ascending=[True, False, True])
    codes = largest.drop_duplicates("cell").set_index("cell")["municipality_code"].reindex(range(len(cells)))
    zones = municipalities.set_index("municipality_code").get("zone", pd.Series(dtype=object))
    layer = hexagon_layer(cells)
    return hexagon_of, layer.assign(municipality_code=codes.to_numpy(), zone=codes.map(zones).to_numpy())


def _positions(wanted: pd.Series, among: pd.Series) -> npt.NDArray[np.intp]:
    return np.asarray(pd.Index(among).get_indexer(pd.Index(wanted)))


def _unplaced(population: Population, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the residents of each municipality that have no place, by age band."""
    bands = list(AGE_BANDS)
    placed = population.places.groupby("municipality_code")[bands].sum()
    official = municipalities.set_index("municipality_code")[bands].astype(float)
    unplaced: pd.DataFrame = official - placed.reindex(official.index).fillna(0.0)
    return unplaced.reset_index(drop=True)


def entrances_of(services: gpd.GeoDataFrame, extract: Extract) -> pd.DataFrame:
    """Return where one gets into services: the entrances mapped, and the point of a register's.

    Returns
    -------
    DataFrame
        ``service_row`` (position among `services`), ``category``, ``x``, ``y`` (EPSG:32632).
    """
    rows = pd.DataFrame({"service_row": np.arange(len(services)), "category": services["category"].to_numpy()})
    osm_row = services["osm_row"].astype("Int64").to_numpy(dtype=float, na_value=np.nan)
    mapped = rows.assign(osm_row=osm_row)[~np.isnan(osm_row)].astype({"osm_row": "int64"})
    found = mapped.merge(
        extract.entrances[["service", "x", "y"]], left_on="osm_row", right_on="service", validate="m:m"
    )
    points = shapely.point_on_surface(services.geometry.to_numpy()[np.isnan(osm_row)])
    alone = rows[np.isnan(osm_row)].assign(x=shapely.get_x(points), y=shapely.get_y(points))
    columns = ["service_row", "category", "x", "y"]
    parts = [part[columns] for part in (found, alone) if not part.empty]
    return pd.concat(parts, ignore_index=True) if parts else rows.assign(x=0.0, y=0.0)[columns]


def _category_names(extract: Extract) -> dict[str, Text]:
    rows = extract.service_tags.drop_duplicates("category").to_dict("records")
    return {row["category"]: Text(row["name_it"], row["name_en"]) for row in rows}


def _essential(extract: Extract) -> frozenset[str]:
    tags = extract.service_tags
    return frozenset(tags.loc[tags["essential"] == "si", "category"])


def _distinct(sources: Sequence[Source]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(sources))


def _synthetic_notice(extract: Extract) -> tuple[Text, ...]:
    if not extract.report.synthetic:
        return ()
    return (
        Text(
            f"{SYNTHETIC.it}: le strade e i servizi mappati sono sintetici: le cifre non descrivono nessun luogo.",
            f"{SYNTHETIC.en}: streets and mapped services are synthetic: the figures describe no place.",
        ),
    )


def _method_lines(population: Population) -> tuple[Text, ...]:
    """Say how residents were put on places, a line per method."""
    counted = population.methods.groupby("method", sort=False)["residents"].agg(["size", "sum"])
    said = [
        (METHODS[str(name)], row["size"], say_number(row["sum"], 0)) for name, row in counted.to_dict("index").items()
    ]
    return tuple(
        Text(
            f"{method.it}: comuni {count}, residenti {people.it}",
            f"{method.en}: municipalities {count}, residents {people.en}",
        )
        for method, count, people in said
    )
