"""The parts of an access model of the plan's territory: opened where they are kept, else computed and kept."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.access.isochrones import StreetGrid
from psttm_geo.access.kept_times import KeptTimes, pack_times
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import TravelTimes
from psttm_geo.core.files import sha256_of
from psttm_geo.core.kept_model import Model
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.numbers import say_number
from psttm_geo.core.workspace import Kind
from psttm_geo.jobs.access_parts import (
    check_places,
    check_units,
    counts_of,
    hexagons_of,
    open_grid,
    open_streets,
    pack_places,
    pack_sources,
    pack_texts,
    pack_units,
    part_key,
    places_of,
    unpack_sources,
    unpack_texts,
)
from psttm_geo.jobs.census_areas import read_census
from psttm_geo.jobs.counted_units import find_hexagons_of, plan_units, read_own_units
from psttm_geo.jobs.covered import mark_outside, say_covered
from psttm_geo.jobs.everyday_services import categories_of
from psttm_geo.jobs.keeping import Keeping, kept_or_computed, sums_of
from psttm_geo.jobs.known_services import KnownServices, entrances_of, plan_services
from psttm_geo.jobs.load import Territory, load_territory
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import extract_key
from psttm_geo.jobs.urbanisation import compute_urbanisation, read_urbanisation
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import REGISTER
from psttm_geo.services import registers as registers_source
from psttm_geo.territory.degurba_records import Urbanisation
from psttm_geo.territory.dwellings import list_beyond, list_dwellings, within_extent
from psttm_geo.territory.population import place_residents
from psttm_geo.territory.population_records import METHODS, Population

_PLACED_BY: tuple[Kind, ...] = ("boundaries", "residents")
"""Inputs of the workspace that say who lives where."""

_TOLD_OF: tuple[Kind, ...] = ("projects", "attribution", "osm")
"""Those that the notices of a territory speak of."""


class PlanParts:
    """What an access model of the plan's territory is put together from.

    Parameters
    ----------
    project
        Opened.
    request
        What is computed; None for what the workspace holds.
    extract
        As read.
    territory
        Where it has been read already.
    """

    def __init__(
        self, project: Project, request: AccessRequest | None, extract: Extract, territory: Territory | None
    ) -> None:
        self.project, self.extract = project, extract
        self._request = request or AccessRequest(Path(extract.report.file))
        self._given = territory
        self._net = extract_key(project, extract.report.sha256, services=self._request.services)

    @cached_property
    def places(self) -> Model:
        """Places of residents, as :func:`psttm_geo.jobs.access_parts.pack_places`."""
        return self._part("places", self._places_key, self._place, check_places)

    @cached_property
    def units(self) -> Model:
        """What residents are counted in, and notices: as :func:`psttm_geo.jobs.access_parts.pack_units`."""
        return self._part("units", self._units_key, self._count, partial(check_units, places=self.places))

    @cached_property
    def services(self) -> Model:
        """``services``, their ``entrances``, ``lists``, sources, and what became of the rows of registers."""
        return self._part("services", self._services_key, self._serve, lambda model: model)

    @cached_property
    def known_services(self) -> KnownServices:
        """The same with the categories of the extract."""
        table, entrances, lists = (self.services.tables[name] for name in ("services", "entrances", "lists"))
        return KnownServices.of(gpd.GeoDataFrame(table), self.extract, entrances, lists)

    def walk(self, profiles: Sequence[Profile], services: KnownServices) -> tuple[WalkingResidents, TravelTimes]:
        """Return residents and services on the streets of some profiles, and the times between them."""
        network, categories = self.extract.network, list(services.categories)
        streets = open_streets(self.project, network, self._net)
        ready = partial(WalkingResidents, network, profiles, entrances=services.entrances, streets=streets)
        read = partial(
            KeptTimes,
            edges=network.edge_count,
            homes=len(self.places.arrays["x"]),
            services=len(services.entrances),
            categories=len(categories),
        )
        walked: list[WalkingResidents] = []

        def compute() -> KeptTimes:
            walking = ready(places=places_of(self.places))
            walked.append(walking)
            times_ds = walking.walk(categories, services.essential).times_ds
            return read(pack_times(walking.graphs, walking.homes, walking.services, times_ds))

        names = [profile.identifier for profile in profiles]
        key = part_key("times", self._places_key, self._services_key, names)
        kept = kept_or_computed(self.project, Keeping("times", lambda kept: kept.model, read), key, compute)
        walking = walked[0] if walked else ready(places=counts_of(self.places), kept=kept)
        return walking, walking.recall(kept.times_ds, categories, services.essential)

    def open_grid(self) -> StreetGrid:
        """Return what isochrones are drawn on."""
        return open_grid(self.project, self.extract.network, self._net)

    @cached_property
    def _territory(self) -> Territory:
        return self._given or load_territory(self.project, computed=False, everyday=False)

    def _part(self, kind: str, key: str, compute: Callable[[], Model], check: Callable[[Model], Model]) -> Model:
        return kept_or_computed(self.project, Keeping(kind, lambda model: model, check), key, compute)

    @cached_property
    def _tables(self) -> str:
        """The sum of the register of the data folder, which has those of all tables."""
        return sha256_of(self.project.folder / REGISTER)

    @cached_property
    def _places_key(self) -> str:
        census = self._request.census
        placed_on = self._inputs("census") if census is None else sums_of([census])
        return part_key("places", self._net, self._tables, self._inputs(*_PLACED_BY), placed_on)

    @cached_property
    def _units_key(self) -> str:
        request = self._request
        given = read_urbanisation(self.project, request.degurba)
        official = [] if given is None or given.experimental else [given.source.sha256, given.source.added_on]
        own = [] if request.units is None else [sums_of([request.units]), request.name_field]
        asked = [self._given is not None, request.degurba is not None]
        return part_key("units", self._places_key, self._inputs(*_TOLD_OF), official, own, asked)

    @cached_property
    def _services_key(self) -> str:
        return part_key("services", self._net, self._tables, self._inputs("boundaries"), self._registers())

    def _registers(self) -> list[list[str]]:
        """Return the sums of the registers in force."""
        files = self._request.registers
        if not files:
            return self._inputs("registers")
        gazetteer, categories = self.project.gazetteer, categories_of(self.project.tables)
        return sums_of([part for file in files for part in registers_source.members_of(file, gazetteer, categories)])

    def _inputs(self, *kinds: Kind) -> list[list[str]]:
        """Return what tells registered inputs from others, the day included, which their sources state."""
        inputs = self.project.workspace.inputs
        held = [inputs[kind] for kind in kinds if kind in inputs]
        return [[entry.kind, entry.path.name, entry.sha256, entry.added_at] for entry in held]

    def _place(self) -> Model:
        """Put residents on places; what they might have been put on and were not, a million places, is forgotten."""
        extract, municipalities = self.extract, self._territory.municipalities
        census = self._request.census
        sections = read_census(self.project, () if census is None else (census,))
        dwellings = list_dwellings(extract.homes, extract.network, municipalities)
        dwellings = within_extent(dwellings, extract.extent, municipalities)
        beyond = list_beyond(extract.extent, municipalities)
        population = place_residents(municipalities, sections, dwellings, beyond)
        places = mark_outside(population.places, extract.extent, municipalities)
        told = {
            "covered": pack_texts(say_covered(extract, municipalities)),
            "notices": pack_texts(population.notices),
            "methods_said": pack_texts(_method_lines(population)),
            "sources": pack_sources(() if sections is None else (sections.source,)),
        }
        population = dataclasses.replace(population, places=places)
        return pack_places(population, find_hexagons_of(places, municipalities), told)

    def _count(self) -> Model:
        """Return the units, and what there is to say of the territory."""
        territory, places = self._territory, places_of(self.places)
        own = read_own_units(self._request, territory.municipalities)
        classes = self._choose_classes(places)
        units = plan_units(territory, places, hexagons_of(self.places), classes, own)
        told = {
            "residents_date": territory.residents_date,
            "sources": pack_sources(territory.sources),
            "notices": pack_texts(_other_notices(territory, classes)),
            "own": pack_texts(own.notices),
            "experimental": classes.experimental,
            "class_source": pack_sources([classes.source]),
            "class_notices": pack_texts(classes.notices),
        }
        return pack_units(units, told, {"classes": classes.classes})

    def _choose_classes(self, places: gpd.GeoDataFrame) -> Urbanisation:
        """Return the classes of an official table, else compute them anew: those kept may be of other residents."""
        given = read_urbanisation(self.project, self._request.degurba)
        if given is not None and not given.experimental:
            return given
        population = Population(places, pd.DataFrame(), ())
        return compute_urbanisation(self.project, population, self._territory, streets=self.extract.report.source)

    def _serve(self) -> Model:
        """Put the services of the map and of registers together."""
        municipalities = gpd.GeoDataFrame(self.units.tables["municipalities"])
        table, sources, lines, lists = plan_services(
            self.project, self.extract, municipalities, self._request.registers
        )
        told = {"sources": pack_sources(sources), "lines": pack_texts(lines)}
        kept = table[["category", "service_name", "service", "geometry"]]
        tables = {"services": kept, "entrances": entrances_of(table, self.extract), "lists": lists}
        return Model({}, tables, told)


def unpack_classes(units: Model) -> Urbanisation:
    """Return the classes of municipalities that units are split by."""
    told = units.told
    (source,) = unpack_sources(told["class_source"])
    return Urbanisation(units.tables["classes"], told["experimental"], source, unpack_texts(told["class_notices"]))


def _other_notices(territory: Territory, classes: Urbanisation) -> tuple[Text, ...]:
    """Return the territory's notices, with what there is to say of these classes in place of those it holds."""
    held = () if territory.urbanisation is None else territory.urbanisation.notices
    return (*(notice for notice in territory.notices if notice not in held), *classes.notices)


def _method_lines(population: Population) -> tuple[Text, ...]:
    """Say how residents were put on places, a line per method."""
    counted = population.methods.groupby("method", sort=False)["residents"].agg(["size", "sum"])
    said = [
        (METHODS[str(name)], row["size"], say_number(row["sum"], 0)) for name, row in counted.to_dict("index").items()
    ]
    return tuple(
        gettext("{method}: municipalities {count}, residents {people}", method=method, count=count, people=people)
        for method, count, people in said
    )
