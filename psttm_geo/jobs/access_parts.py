"""The parts of an access model, each kept under what it rests on: a change of one input renews only what rests on it.

| part | holds | rests on |
|---|---|---|
| ``streets``, ``grid`` | what finds the nearest street, and what isochrones are drawn on | the extract |
| ``services`` | services and their entrances | the extract, registers, tables |
| ``places`` | places of residents, and hexagons | the extract, census, residents, boundaries, tables |
| ``units`` | what residents are counted in, and notices of the territory | places, inputs of the workspace, own units |
| ``times`` | both on streets, and the time from each place to each category | services, places, profiles |

What is kept and what was just computed are read alike, so that figures cannot differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.indicators import BaseUnits, UnitKind
from psttm_geo.access.isochrones import StreetGrid
from psttm_geo.access.snapping import StreetIndex
from psttm_geo.core.crs import METRIC
from psttm_geo.core.kept_model import Model, require_count, require_offsets, require_within
from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source
from psttm_geo.jobs.counted_units import CountedUnits, Hexagons, UnitLayer
from psttm_geo.jobs.keeping import Keeping, kept_or_computed, key_of
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.project import Project
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.population_records import Population

_COUNTS = ("residents", *AGE_BANDS, "to_end_m", "spread_m")


FORMATS = {"streets": 1, "grid": 1, "services": 2, "places": 2, "units": 1, "times": 1}
"""Of each part; raised when what it holds, or how it is computed, changes."""


def part_key(kind: str, *rests_on: object) -> str:
    """Return the key of a part, of this version of the package: see :func:`psttm_geo.jobs.keeping.key_of`."""
    return key_of(version("psttm-geo"), FORMATS[kind], *rests_on)


def open_streets(project: Project, network: WalkNetwork, key: str) -> StreetIndex:
    """Return what finds the nearest street of an extract's network, made once.

    Parameters
    ----------
    project
        Opened.
    network
        Of the extract.
    key
        Of the extract: :func:`psttm_geo.jobs.streets.extract_key`.
    """
    keeping = Keeping("streets", StreetIndex.kept, lambda model: StreetIndex(network, model))
    return kept_or_computed(project, keeping, part_key("streets", key), lambda: StreetIndex(network))


def open_grid(project: Project, network: WalkNetwork, key: str) -> StreetGrid:
    """Return what isochrones of an extract's network are drawn on, made once; parameters as :func:`open_streets`."""
    keeping = Keeping("grid", StreetGrid.kept, lambda model: StreetGrid(network, model))
    return kept_or_computed(project, keeping, part_key("grid", key), lambda: StreetGrid(network))


def pack_texts(texts: Sequence[Text]) -> list[list[str]]:
    """Return sentences as JSON can write them."""
    return [list(text) for text in texts]


def unpack_texts(told: Sequence[Sequence[str]]) -> tuple[Text, ...]:
    """Return what :func:`pack_texts` was given."""
    return tuple(Text(*text) for text in told)


def pack_sources(sources: Sequence[Source]) -> list[dict[str, str]]:
    """Return sources as JSON can write them."""
    return [asdict(source) for source in sources]


def unpack_sources(told: Sequence[Mapping[str, str]]) -> tuple[Source, ...]:
    """Return what :func:`pack_sources` was given."""
    return tuple(Source(**source) for source in told)


def pack_places(population: Population, hexagons: Hexagons, told: Mapping[str, Any]) -> Model:
    """Return places of residents as they are kept.

    Parameters
    ----------
    population
        With ``outside``, ``to_end_m`` and ``spread_m`` of each place.
    hexagons
        The position of the hexagon of each place, and the hexagons.
    told
        What else is to be kept with them.
    """
    places = population.places
    code_of, codes = pd.factorize(places["municipality_code"])
    method_of, methods = pd.factorize(places["method"])
    arrays = {
        **{name: places[name].to_numpy(dtype=float) for name in _COUNTS},
        "outside": places["outside"].to_numpy(dtype=bool),
        "x": places.geometry.x.to_numpy(),
        "y": places.geometry.y.to_numpy(),
        "municipality": code_of.astype(np.int32),
        "method": method_of.astype(np.int8),
        "hexagon": hexagons[0].astype(np.int64),
    }
    names = {"codes": list(map(str, codes)), "methods": list(map(str, methods))}
    return Model(arrays, {"hexagons": hexagons[1]}, {**told, **names})


def check_places(model: Model) -> Model:
    """Return a model of places whose arrays fit each other; raise IndexError of another."""
    arrays = model.arrays
    for name in (*_COUNTS, "outside", "x", "y", "municipality", "method", "hexagon"):
        require_count(name, arrays[name], len(arrays["x"]))
    require_within("municipality", arrays["municipality"], len(model.told["codes"]))
    require_within("method", arrays["method"], len(model.told["methods"]))
    require_within("hexagon", arrays["hexagon"], len(model.tables["hexagons"]), least=-1)
    return model


def counts_of(places: Model) -> pd.DataFrame:
    """Return who lives at each place, as :attr:`psttm_geo.access.travel_times.TravelTimes.places`."""
    return pd.DataFrame({name: places.arrays[name] for name in (*_COUNTS, "outside")})


def residents_of(places: Model) -> pd.DataFrame:
    """Return places as :attr:`psttm_geo.territory.population_records.Population.places`, no sections and no points."""
    arrays, told = places.arrays, places.told
    named = {
        "municipality_code": pd.array(told["codes"], dtype="str").take(arrays["municipality"]),
        "method": pd.array(told["methods"], dtype="str").take(arrays["method"]),
    }
    return counts_of(places).assign(**named)


def places_of(places: Model) -> gpd.GeoDataFrame:
    """Return the same with their points in EPSG:32632."""
    points = gpd.points_from_xy(places.arrays["x"], places.arrays["y"])
    return gpd.GeoDataFrame(residents_of(places), geometry=points, crs=METRIC)


def hexagons_of(places: Model) -> Hexagons:
    """Return the hexagon of each place, and the hexagons."""
    return places.arrays["hexagon"], gpd.GeoDataFrame(places.tables["hexagons"])


def pack_units(units: CountedUnits, told: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Model:
    """Return what residents are counted in as it is kept, without hexagons, which stand with the places.

    Parameters
    ----------
    units
        Of the plan's territory.
    told, tables
        What else is to be kept with it.
    """
    kinds = [kind for base in units.bases for kind in base.kinds]
    arrays: dict[str, npt.NDArray[Any]] = {}
    kept: dict[str, pd.DataFrame] = {"municipalities": units.municipalities, **tables}
    for number, base in enumerate(units.bases):
        arrays[f"place_unit_{number}"] = base.place_unit.astype(np.int64)
        kept[f"unplaced_{number}"] = base.unplaced
    for number, kind in enumerate(kinds):
        arrays |= {f"{part}_{number}": getattr(kind.members, part) for part in _SPARSE}
    for number, layer in enumerate(units.layers):
        kept[f"layer_{number}"] = layer.table
    position = {id(kind): number for number, kind in enumerate(kinds)}
    layers = [(layer.layer, layer.base, position[id(layer.kind)]) for layer in units.layers]
    bases = [
        [(kind.kind, kind.names, kind.editions, kind.members.shape) for kind in base.kinds] for base in units.bases
    ]
    return Model(arrays, kept, {**told, "layers": layers, "bases": bases})


_SPARSE = ("data", "indices", "indptr")


def check_units(model: Model, places: Model) -> Model:
    """Return a model of units that fits its places; raise IndexError of another."""
    number = 0
    for base, kinds in enumerate(model.told["bases"]):
        place_unit, count = model.arrays[f"place_unit_{base}"], len(model.tables[f"unplaced_{base}"])
        require_count("place_unit", place_unit, len(places.arrays["x"]))
        require_within("place_unit", place_unit, count, least=-1)
        for *_, (rows, columns) in kinds:
            data, indices, starts = (model.arrays[f"{part}_{number}"] for part in _SPARSE)
            require_offsets("members", starts, rows, len(indices))
            require_count("members", data, len(indices))
            require_within("members", indices, min(columns, count))
            number += 1
    return model


def units_of(model: Model, places: Model) -> CountedUnits:
    """Return the units that were kept, of the places that they were made for."""
    kinds: list[UnitKind] = []
    bases = []
    for number, listed in enumerate(model.told["bases"]):
        mine = [_kind_of(model, len(kinds) + position, *entry) for position, entry in enumerate(listed)]
        unplaced = model.tables[f"unplaced_{number}"]
        bases.append(BaseUnits(model.arrays[f"place_unit_{number}"], unplaced, tuple(mine)))
        kinds += mine
    layers = [
        UnitLayer(layer, gpd.GeoDataFrame(model.tables[f"layer_{number}"]), kinds[kind], base)
        for number, (layer, base, kind) in enumerate(model.told["layers"])
    ]
    municipalities = gpd.GeoDataFrame(model.tables["municipalities"])
    return CountedUnits(tuple(bases), tuple(layers), *hexagons_of(places), municipalities)


def _kind_of(
    model: Model, number: int, kind: str, names: Sequence[str], editions: Sequence[str], shape: Sequence[int]
) -> UnitKind:
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second that isochrones do without

    members = csr_array(tuple(model.arrays[f"{part}_{number}"] for part in _SPARSE), shape=tuple(shape))
    return UnitKind(kind, tuple(names), tuple(editions), members)
