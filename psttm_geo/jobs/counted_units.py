"""What residents are counted in: municipalities, zones, unions, classes, own units, hexagons."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.indicators import BaseUnits, UnitKind, same_units
from psttm_geo.core.errors import VectorFileError
from psttm_geo.core.messages import gettext
from psttm_geo.jobs.load import Territory
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import OSM_MUNICIPALITIES
from psttm_geo.plan.plan_layers import MUNICIPALITY, OWN_UNIT, UNION, WHOLE, ZONE
from psttm_geo.schema.columns import COLUMNS
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.degurba_records import LEVEL_1, LEVEL_2, Urbanisation
from psttm_geo.territory.dwellings import municipality_at
from psttm_geo.territory.hexagons import find_hexagons, hexagon_layer
from psttm_geo.territory.population_records import OUTSIDE
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


@dataclass(frozen=True)
class CountedUnits:
    """What the residents of a territory are counted in.

    Attributes
    ----------
    bases, layers
        Units, each of one base; those that have a layer of accessibility.
    hexagon_of, hexagons
        For each place the position of its hexagon; ``hexagon``, ``municipality_code`` of the municipality that most of
        its residents live in, ``zone`` where that has one, and area.
    municipalities
        ``municipality_code``, ``municipality`` and area, and of the plan's territory ``zone``.
    """

    bases: tuple[BaseUnits, ...]
    layers: tuple[UnitLayer, ...]
    hexagon_of: npt.NDArray[np.intp]
    hexagons: gpd.GeoDataFrame
    municipalities: gpd.GeoDataFrame

    @property
    def all_counts(self) -> list[tuple[npt.NDArray[np.intp], pd.DataFrame]]:
        """For each base, and last for hexagons: the unit of each place, and the residents of units without a place."""
        nobody = pd.DataFrame(0.0, index=range(len(self.hexagons)), columns=list(AGE_BANDS))
        return [*((base.place_unit, base.unplaced) for base in self.bases), (self.hexagon_of, nobody)]


Hexagons = tuple[npt.NDArray[np.intp], gpd.GeoDataFrame]
"""The position of the hexagon of each place, -1 for none, and all hexagons, as in :class:`CountedUnits`."""


def plan_units(
    territory: Territory, places: gpd.GeoDataFrame, hexagons: Hexagons, classes: Urbanisation, own: Units
) -> CountedUnits:
    """Return the units of the plan's territory, split by degree of urbanisation too, with the office's own."""
    split = _class_kinds(classes, territory.municipalities["municipality_code"])
    return _count_plan(territory, places, hexagons, (_plan_kinds(territory), split), own)


def kept_units(territory: Territory, places: pd.DataFrame, hexagons: Hexagons) -> CountedUnits:
    """Return the municipalities of the plan's territory, and the whole."""
    kinds = [kind for kind in _plan_kinds(territory) if kind.kind.kind in (MUNICIPALITY, WHOLE)]
    return _count_plan(territory, places, hexagons, (kinds, []), None)


def _count_plan(
    territory: Territory,
    places: pd.DataFrame,
    hexagons: Hexagons,
    kinds: tuple[list[UnitLayer], list[UnitKind]],
    own: Units | None,
) -> CountedUnits:
    municipalities = territory.municipalities
    named = municipalities[["municipality_code", "municipality", "zone", "geometry"]]
    return _count_in(named, places, _unplaced(places, municipalities), kinds, own, hexagons)


def other_units(
    request: AccessRequest, municipalities: gpd.GeoDataFrame, places: gpd.GeoDataFrame, own: Units
) -> CountedUnits:
    """Return the units of another territory, whose residents are not known."""
    nobody = pd.DataFrame(0.0, index=range(len(municipalities)), columns=list(AGE_BANDS))
    kinds = _other_kinds(request, municipalities)
    return _count_in(municipalities, places, nobody, (kinds, []), own, find_hexagons_of(places, municipalities))


def _count_in(
    municipalities: gpd.GeoDataFrame,
    places: pd.DataFrame,
    unplaced: pd.DataFrame,
    kinds: tuple[list[UnitLayer], list[UnitKind]],
    own: Units | None,
    hexagons: Hexagons,
) -> CountedUnits:
    layers, split = kinds
    place_unit = _positions(places["municipality_code"], municipalities["municipality_code"])
    base = BaseUnits(place_unit, unplaced, (*(layer.kind for layer in layers), *split))
    bases: tuple[BaseUnits, ...] = (base,)
    if own is not None and not own.table.empty:
        added, own_base = _own_units(own, gpd.GeoDataFrame(places))
        layers, bases = [*layers, added], (base, own_base)
    return CountedUnits(bases, tuple(layers), *hexagons, municipalities)


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
    kind: str, names: tuple[str, ...], members: Sequence[set[str]], codes: pd.Series, editions: tuple[str, ...] = ()
) -> UnitKind:
    from scipy.sparse import csr_array  # noqa: PLC0415 - a quarter of a second that isochrones do without

    matrix = csr_array(np.array([codes.isin(list(group)).to_numpy(dtype=float) for group in members]))
    return UnitKind(kind, names, editions or ("",) * len(names), matrix)


def read_own_units(request: AccessRequest, municipalities: gpd.GeoDataFrame) -> Units:
    """Read the office's own units; none where none are asked for, refused where all of them lie elsewhere."""
    if request.units is None:
        return Units(gpd.GeoDataFrame({"own_unit": []}, geometry=[], crs=municipalities.crs), ())
    read = read_units(request.units, request.name_field)
    if not read.table.sindex.query(municipalities.geometry, predicate="intersects").size:
        raise VectorFileError(request.units, _UNITS_ELSEWHERE)
    return read


_UNITS_ELSEWHERE = gettext("no unit lies in the territory; give the units of this territory, or correct the CRS.")


def _own_units(read: Units, places: gpd.GeoDataFrame) -> tuple[UnitLayer, BaseUnits]:
    units = read.table
    kind = same_units(OWN_UNIT, tuple(units["own_unit"]))
    points = places.geometry
    codes = municipality_at(points.x.to_numpy(), points.y.to_numpy(), units.assign(municipality_code=units["own_unit"]))
    nobody = pd.DataFrame(0.0, index=range(len(units)), columns=list(AGE_BANDS))
    own = BaseUnits(_positions(pd.Series(codes), units["own_unit"]), nobody, (kind,))
    return UnitLayer("accessibilita_unita", units, kind, 1), own


def find_hexagons_of(places: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame) -> Hexagons:
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


def _unplaced(places: pd.DataFrame, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the residents of each municipality that have no place, by age band."""
    bands = list(AGE_BANDS)
    placed = places.groupby("municipality_code")[bands].sum()
    official = municipalities.set_index("municipality_code")[bands].astype(float)
    unplaced: pd.DataFrame = official - placed.reindex(official.index).fillna(0.0)
    return unplaced.reset_index(drop=True)
