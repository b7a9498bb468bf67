"""A part of a delivery: what is about some editions of the plan and some of its municipalities."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.plan.monitoring_layers import WHOLE_MONITORING
from psttm_geo.plan.plan_layers import MUNICIPALITY, OWN_UNIT, UNION, ZONE
from psttm_geo.plan.statements import WHOLE_STATEMENTS
from psttm_geo.schema.code_lists import GOAL_KEY
from psttm_geo.schema.layers import LAYERS

_Key = tuple[object, ...]

NO = "no"
"""Where a goal certainly does not apply; unknown is not no."""

NEEDED = ("comuni", "appartenenze")
"""Layers that say which zone and unions a municipality belongs to, and where it is."""


@dataclass(frozen=True)
class Part:
    """What is wanted of a delivery.

    Attributes
    ----------
    editions
        Identifiers; empty for all.
    municipality_codes
        None for all; never empty.
    said
        What it is called, in Italian; empty for everything.
    """

    editions: frozenset[str] = frozenset()
    municipality_codes: frozenset[str] | None = None
    said: str = ""


def take_part(layers: Mapping[str, pd.DataFrame], part: Part) -> dict[str, pd.DataFrame]:
    """Return the rows of layers that a part is about.

    Parameters
    ----------
    layers
        By Italian layer name, with English columns; those of :data:`NEEDED` among them where municipalities are asked
        for. All in one system of coordinates.
    part
        What is wanted.

    Returns
    -------
    dict
        Rows keep their index; a layer may have none. Of some municipalities: their rows wherever a layer has
        municipalities; the zones and unions they belong to, whole; the whole territory, to compare with; goals that
        apply in any of them or may; hexagons, own units and isochrones that meet their area; their projects; every
        driver; every source.
    """
    mine = {name: _of_editions(table, part.editions) for name, table in layers.items()}
    if part.municipality_codes is None:
        return mine
    belonging = _Belonging.of(mine, part.municipality_codes)
    return {name: table[belonging.holds(name, table)] for name, table in mine.items()}


def _of_editions(table: pd.DataFrame, editions: Collection[str]) -> pd.DataFrame:
    columns = [name for name in _EDITIONS if name in table.columns]
    if not columns or not editions:
        return table
    named = table[columns]
    # A project of unknown edition may be of any of them; an act may be of none; a link is of two.
    return table[named.isin(editions).any(axis=1) | (named.isna() | (named == "")).all(axis=1)]


_EDITIONS = ("edition", "edition_or_all", "from_edition", "to_edition")


_COMPLETE = (
    *(name for name in LAYERS if name.endswith("citta_metropolitana")),
    "driver",
    *WHOLE_STATEMENTS,
    *WHOLE_MONITORING,
    "completezza_servizi",
    "fonti",
)
"""Layers that every part has whole."""


@dataclass(frozen=True)
class _Belonging:
    """What belongs to some municipalities.

    Attributes
    ----------
    rows
        By the columns that a layer has, the rows that are kept; the first columns that fit a layer decide.
    area
        Of the municipalities.
    """

    rows: Mapping[tuple[str, ...], pd.MultiIndex]
    area: shapely.Geometry

    @classmethod
    def of(cls, layers: Mapping[str, pd.DataFrame], codes: Collection[str]) -> "_Belonging":
        municipalities, memberships = (layers[name] for name in NEEDED)
        here = municipalities[municipalities["municipality_code"].isin(codes)]
        mine = memberships[memberships["municipality_code"].isin(codes)]
        unions = mine.dropna(subset="union")[["edition", "union"]].drop_duplicates()
        zones = list(dict.fromkeys(here["zone"]))
        units: list[_Key] = [(MUNICIPALITY, code) for code in sorted(codes)] + [(ZONE, zone) for zone in zones]
        united: list[_Key] = [(edition, UNION, union) for edition, union in unions.itertuples(index=False)]
        area = shapely.union_all(here.geometry.to_numpy())
        rows: dict[tuple[str, ...], list[_Key]] = {
            ("municipality_code",): [(code,) for code in codes],
            ("edition", "unit_kind", "unit"): [
                (edition, *unit) for edition in mine["edition"].unique() for unit in units
            ]
            + united,
            ("edition_or_all", "unit_kind", "unit"): [("", *unit) for unit in (*units, *_other_units(layers, area))]
            + united,
            ("edition", "union"): list(unions.itertuples(index=False, name=None)),
            ("zone",): [(zone,) for zone in zones],
            ("project",): _projects(layers, codes),
            tuple(GOAL_KEY): _goals(layers, codes),
        }
        return cls(
            {
                columns: pd.MultiIndex.from_tuples(found, names=columns) if found else _none(columns)
                for columns, found in rows.items()
            },
            area,
        )

    def holds(self, name: str, table: pd.DataFrame) -> np.ndarray:
        """Say of each row of a layer whether it is about the municipalities."""
        everything = np.ones(len(table), dtype=bool)
        if name in _COMPLETE:
            return everything
        for columns, chosen in self.rows.items():
            if set(columns) <= set(table.columns):
                return np.asarray(pd.MultiIndex.from_frame(table[list(columns)]).isin(chosen), dtype=bool)
        return _meets(table.geometry.to_numpy(), self.area) if isinstance(table, gpd.GeoDataFrame) else everything


def _none(columns: tuple[str, ...]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[] for _ in columns], names=columns)


def _other_units(layers: Mapping[str, pd.DataFrame], area: shapely.Geometry) -> list[_Key]:
    """Return the own units that meet an area, and units of the whole territory: itself, classes of municipalities."""
    own = layers.get("accessibilita_unita")
    names = own.loc[_meets(own.geometry.to_numpy(), area), "own_unit"].unique() if own is not None else ()
    found: list[_Key] = [(OWN_UNIT, name) for name in names]
    if "indicatori" not in layers:
        return found
    units = layers["indicatori"][["unit_kind", "unit"]].drop_duplicates()
    whole = units[~units["unit_kind"].isin([MUNICIPALITY, ZONE, UNION, OWN_UNIT])]
    return [*found, *whole.itertuples(index=False, name=None)]


def _goals(layers: Mapping[str, pd.DataFrame], codes: Collection[str]) -> list[_Key]:
    """Return the goals that apply in any of the municipalities, or may."""
    if "obiettivi_comuni" not in layers:
        return []
    answers = layers["obiettivi_comuni"]
    wanted = answers["municipality_code"].isin(codes) & (answers["applies"] != NO)
    return list(answers.loc[wanted, GOAL_KEY].drop_duplicates().itertuples(index=False, name=None))


def _projects(layers: Mapping[str, pd.DataFrame], codes: Collection[str]) -> list[_Key]:
    if "progetti_comuni" not in layers:
        return []
    places = layers["progetti_comuni"]
    return [(project,) for project in places.loc[places["municipality_code"].isin(codes), "project"].unique()]


def _meets(shapes: np.ndarray, area: shapely.Geometry) -> np.ndarray:
    """Return which shapes have something in common with an area beyond a border."""
    shapely.prepare(area)
    return shapely.intersects(area, shapes) & ~shapely.touches(area, shapes)
