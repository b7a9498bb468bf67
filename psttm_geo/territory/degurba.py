"""The Degree of Urbanisation, level 2, on the 1 km grid: an experimental computation where no official class is given.

Rules are those of the manual [1]_ in its edition of 2021, as three public descriptions give them that agree:
Eurostat's own program for the grid of level 2 [2]_, an implementation that quotes the manual [3]_, and the reference of
the package flexurba, which keeps the rules of 2021 beside later ones [4]_. The revision of July 2024 is not followed
(semi-dense clusters of 900 inhabitants per km2 and 2,500 inhabitants, other shares that make a municipality a town or a
suburb), nor what the JRC's own data add: filling of every hole below 15 km2, cells counted as dense because they are
built up. A cell is taken to be 1 km2 of land.

References
----------
.. [1] Eurostat, JRC and others, *Applying the Degree of Urbanisation: a methodological manual to define cities, towns
   and rural areas for international comparisons*, 2021 edition, doi:10.2785/706535.
.. [2] Eurostat, jgiscotools, ``gisco_processes.gridvizprep.DegUrba``.
.. [3] S. Goebel, degurba-postcode-areas, ``code/functions.R``.
.. [4] C. Van Migerode, flexurba 0.2.3, ``DoU_classify_grid`` and ``DoU_classify_units(rules_from_2021 = TRUE)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.core.crs import SQUARE_METRES_PER_KM2, require_metric
from psttm_geo.core.messages import NOTHING, Text, gettext, list_some, same
from psttm_geo.schema.answers import Verdict
from psttm_geo.schema.code_lists import CLASS_COLUMNS
from psttm_geo.territory.degurba_records import LEVEL_1, LEVEL_1_OF, LEVEL_2, PERI_URBAN, TOWN, Urbanisation
from psttm_geo.territory.population import apportion

GRID_CRS = "EPSG:3035"
"""ETRS89-LAEA, the system of the European grid: every cell has the same area."""

CELL_M = 1_000

CENTRE, DENSE, SEMI_DENSE, SUBURBAN, RURAL_CLUSTER, LOW, VERY_LOW = 30, 23, 22, 21, 13, 12, 11
"""Classes of cells, level 2; those of municipalities have the same codes."""

DENSE_PER_KM2 = 1_500
"""Of every cell of an urban centre before gaps are filled, and of a dense urban cluster."""

CLUSTER_PER_KM2 = 300
"""Of every cell of an urban cluster, and of a rural cluster."""

LOW_PER_KM2 = 50
"""From here on a rural cell outside clusters is of low density, below it of very low density."""

CENTRE_RESIDENTS = 50_000

CLUSTER_RESIDENTS = 5_000
"""Of an urban cluster, dense, semi-dense or neither."""

RURAL_CLUSTER_RESIDENTS = 500

MAJORITY = 5
"""Of the eight cells around it that belong to the same urban centre, from which a cell is taken into it."""

APART_CELLS = 3
"""Semi-dense clusters are more than 2 km away from centres and dense clusters, "measured as outside a buffer of three
grid cells"; taken from cell centre to cell centre, a buffer of 3 km, so that three cells away is still inside."""

KNOWN_SHARE = 0.9
"""Of a cell's area that lies in municipalities whose residents are known; below it the cell is at the edge of them.
Outlines of two years or sources leave slivers between neighbours, never a tenth of a cell."""

_SIDES = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)

_CORNERS = np.ones((3, 3), bool)

_AROUND = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column]

_SHOWN = 10

_Cells = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ResidentGrid:
    """Residents on the cells of the 1 km grid.

    Attributes
    ----------
    residents
        Of each cell; rows from south to north, columns from west to east, one cell more than needed on every side.
    known
        Which cells lie in municipalities whose residents are known; the others may have more than it seems.
    parts
        Who lives where: ``municipality_code``, ``row``, ``column``, ``residents`` (multiples of 1/1024).
    spread
        Municipalities whose residents have no place and are spread evenly over it.
    """

    residents: _Cells
    known: npt.NDArray[np.bool_]
    parts: pd.DataFrame
    spread: tuple[str, ...]


def lay_grid(municipalities: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None) -> ResidentGrid:
    """Count residents on the cells of the 1 km grid.

    Residents without a place are spread evenly over the municipality: nothing that is known of the ring of neighbours
    reaches over all of it.

    Parameters
    ----------
    municipalities
        Of the territory and of the ring around it: ``municipality_code``, ``residents`` (whole numbers) and geometry in
        EPSG:32632; at least one.
    places
        Places that residents live on, as :attr:`psttm_geo.territory.population_records.Population.places`, of any of
        the
        municipalities; None for none.

    Raises
    ------
    CrsError
        `municipalities` or `places` are not metric.
    """
    require_metric(municipalities, "comuni")
    pieces = _cut(municipalities)
    placed = _locate(places)
    lacking = ~municipalities["municipality_code"].isin(placed["municipality_code"]) & (municipalities["residents"] > 0)
    spread = _spread(pieces[lacking.to_numpy()[pieces["group"]]], municipalities["residents"])
    spread.insert(0, "municipality_code", municipalities["municipality_code"].to_numpy()[spread.pop("group")])
    parts = pd.concat([part for part in (placed, spread) if not part.empty] or [placed], ignore_index=True)
    everywhere = pd.concat([pieces[["row", "column"]], parts[["row", "column"]]])
    south_west = everywhere.min().to_numpy() - 1
    shape = tuple(everywhere.max().to_numpy() - south_west + 2)
    parts[["row", "column"]] -= south_west
    covered = _add_up(shape, pieces[["row", "column"]] - south_west, pieces["area_km2"])
    return ResidentGrid(
        residents=_add_up(shape, parts, parts["residents"]),
        known=covered >= KNOWN_SHARE,
        parts=parts[["municipality_code", "row", "column", "residents"]],
        spread=tuple(sorted(municipalities.loc[lacking, "municipality_code"])),
    )


def classify_cells(residents: _Cells) -> npt.NDArray[np.int64]:
    """Return the class of level 2 of each cell of a grid.

    Parameters
    ----------
    residents
        Of cells of 1 km2, not negative. What lies beyond is taken to be uninhabited.

    Returns
    -------
    ndarray
        A key of :data:`psttm_geo.territory.degurba_records.LEVEL_2` for each cell.
    """
    centre = _fill_gaps(_groups(residents, residents >= DENSE_PER_KM2, _SIDES, CENTRE_RESIDENTS)) > 0
    cluster = _groups(residents, residents >= CLUSTER_PER_KM2, _CORNERS, CLUSTER_RESIDENTS) > 0
    cluster &= ~centre
    dense = _groups(residents, cluster & (residents >= DENSE_PER_KM2), _SIDES, CLUSTER_RESIDENTS) > 0
    semi_dense = _far_groups(_groups(residents, cluster & ~dense, _CORNERS, CLUSTER_RESIDENTS), centre | dense)
    rural = ~centre & ~cluster
    village = _groups(residents, rural & (residents >= CLUSTER_PER_KM2), _CORNERS, RURAL_CLUSTER_RESIDENTS) > 0
    choices = (centre, dense, semi_dense, cluster, village, residents >= LOW_PER_KM2)
    codes = (CENTRE, DENSE, SEMI_DENSE, SUBURBAN, RURAL_CLUSTER, LOW)
    return np.select(choices, codes, VERY_LOW).astype(np.int64)


def classify_municipalities(grid: ResidentGrid) -> pd.DataFrame:
    """Classify municipalities by the cells that their residents live on.

    A city has at least half of its residents in urban centres; a rural area more than half in rural cells; what is
    neither is a dense or semi-dense town where more live in such clusters than in suburban cells, else a suburb. A
    rural area is what most of its rural residents live in. Where two are equal, the denser is taken.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``level_1``, ``level_2`` and ``at_edge``: whether the class would be another one
        if cities stood right beyond the edge of what is known. One row per municipality that somebody lives in, sorted.
    """
    level_2 = _classify_units(grid.parts, classify_cells(grid.residents))
    beyond = np.where(grid.known, grid.residents, CENTRE_RESIDENTS).astype(float)
    open_ended = _classify_units(grid.parts, classify_cells(beyond))
    return pd.DataFrame(
        {
            "municipality_code": level_2.index.to_numpy(dtype=object),
            "level_1": level_2.map(LEVEL_1_OF).to_numpy(),
            "level_2": level_2.to_numpy(),
            "at_edge": (level_2 != open_ended).to_numpy(),
        }
    )


def say_grid(grid: ResidentGrid, classes: pd.DataFrame, names: pd.Series) -> tuple[Text, ...]:
    """Say which residents were spread evenly, and whose class depends on who lives beyond the edge.

    Parameters
    ----------
    grid
        That the classes rest on.
    classes
        As :func:`classify_municipalities` returns them.
    names
        Of the territory's municipalities, by code; of the others only the number is said.
    """
    spread = [names[code] for code in grid.spread if code in names.index]
    around = len(grid.spread) - len(spread)
    lines = []
    if grid.spread:
        listed = _listed(spread)
        lines.append(
            gettext(
                "Residents without a place, spread evenly over the municipality: of the territory "
                "{count}{listed}, around it {around}.",
                count=len(spread),
                listed=listed,
                around=around,
            )
        )
    placed = names.index.difference(list(grid.spread))
    edge = classes.loc[classes["at_edge"] & classes["municipality_code"].isin(placed), "municipality_code"]
    if not edge.empty:
        listed = _listed([names[code] for code in edge])
        lines.append(
            gettext(
                "Municipalities whose class depends on who lives beyond the known municipalities: {count}{listed}.",
                count=len(edge),
                listed=listed,
            )
        )
    return tuple(lines)


def join_classes(municipalities: gpd.GeoDataFrame, urbanisation: Urbanisation | None) -> gpd.GeoDataFrame:
    """Add to municipalities the columns of :data:`psttm_geo.schema.code_lists.CLASS_COLUMNS`, NA where not known."""
    if urbanisation is None:
        unknown = pd.Series(pd.NA, index=municipalities.index, dtype="Int64")
        return municipalities.assign(**dict(zip(CLASS_COLUMNS, (unknown, unknown, None), strict=True)))
    return municipalities.merge(urbanisation.classes, on="municipality_code", how="left", validate="1:1")


def find_peri_urban(urbanisation: Urbanisation, codes: Sequence[str]) -> dict[str, Verdict]:
    """Say of each municipality whether it is peri-urban, and why.

    Level 1 alone says no of cities and of rural areas, and nothing of what is between.

    Parameters
    ----------
    urbanisation
        What is known.
    codes
        Of the municipalities asked for.
    """
    known = urbanisation.classes.set_index("municipality_code").reindex(list(codes))
    source = _EXPERIMENTAL if urbanisation.experimental else _GIVEN
    finest = known[CLASS_COLUMNS[1]].fillna(known[CLASS_COLUMNS[0]]).fillna(_UNKNOWN)
    return {code: _peri_urban(found, source) for code, found in zip(codes, finest.tolist(), strict=True)}


_EXPERIMENTAL = gettext("experimental, computed by psttm-geo on the 1 km grid")

_GIVEN = gettext("by the table that the office gave")


_UNKNOWN = 0


def _peri_urban(code: int, source: Text) -> Verdict:
    """Judge by a class of level 2, or of level 1 where that is all that is known: no code is used in both."""
    if code == _UNKNOWN:
        reason = gettext("the Degree of Urbanisation of the municipality is not known")
        return Verdict("non_noto", reason, "missing_input")
    name = LEVEL_1[code] if code in LEVEL_1 else LEVEL_2[code]
    said = gettext("class {code}, {name} ({source})", code=code, name=name, source=source)
    if code == TOWN:
        reason = gettext("{said}, which does not say whether it is peri-urban; level 2 is needed", said=said)
        return Verdict("non_noto", reason, "missing_input")
    return Verdict("si" if code == PERI_URBAN else "no", said, "figure")


def _groups(
    residents: _Cells, chosen: npt.NDArray[np.bool_], contact: npt.NDArray[np.bool_], least: int
) -> npt.NDArray[np.int64]:
    """Give numbers to the groups of contiguous chosen cells that at least so many live in; zero is no such group."""
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and only a computation needs it

    labels, count = ndimage.label(chosen, contact)
    enough = np.bincount(labels.ravel(), residents.ravel(), minlength=count + 1) >= least
    enough[0] = False
    found: npt.NDArray[np.int64] = np.where(enough[labels], labels, 0).astype(np.int64)
    return found


def _fill_gaps(centres: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Take cells into the urban centre that most of the cells around them belong to, until there is none left."""
    while True:
        padded = np.pad(centres, 1)
        inner = tuple(slice(1, size - 1) for size in padded.shape)
        around = np.sort([np.roll(padded, shift, (0, 1))[inner] for shift in _AROUND], axis=0)
        candidate = around[MAJORITY - 1]  # sorted, a run of five of eight covers the fifth
        taken = (centres == 0) & (candidate > 0) & ((around == candidate).sum(axis=0) >= MAJORITY)
        if not taken.any():
            return centres
        centres = np.where(taken, candidate, centres)


def _far_groups(groups: npt.NDArray[np.int64], cores: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the cells of the groups that are far from every core with all of their cells."""
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and only a computation needs it

    near = np.zeros(groups.max(initial=0) + 1, dtype=bool)
    if cores.any():
        near[groups[ndimage.distance_transform_edt(~cores) <= APART_CELLS]] = True
    near[0] = True
    far: npt.NDArray[np.bool_] = ~near[groups]
    return far


def _cut(municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut municipalities into their pieces on cells: ``group`` (their position), ``row``, ``column``, ``area_km2``."""
    shapes = shapely.make_valid(municipalities.geometry.to_crs(GRID_CRS).to_numpy())
    west, south, east, north = np.array(gpd.GeoSeries(shapes).total_bounds) // CELL_M
    columns, rows = (part.ravel() for part in np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1)))
    cells = shapely.box(columns * CELL_M, rows * CELL_M, (columns + 1) * CELL_M, (rows + 1) * CELL_M)
    group, cell = shapely.STRtree(cells).query(shapes, predicate="intersects")
    area_km2 = shapely.area(shapely.intersection(shapes[group], cells[cell])) / SQUARE_METRES_PER_KM2
    pieces = {"group": group, "row": rows[cell].astype(int), "column": columns[cell].astype(int), "area_km2": area_km2}
    return pd.DataFrame(pieces).query("area_km2 > 0").sort_values(["group", "row", "column"], ignore_index=True)


def _locate(places: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Return ``municipality_code``, ``row``, ``column``, ``residents`` of places, added up by cell."""
    keys = ["municipality_code", "row", "column"]
    if places is None:
        empty = {"municipality_code": pd.Series(dtype=object), "residents": pd.Series(dtype=float)}
        return pd.DataFrame({**empty, "row": pd.Series(dtype=int), "column": pd.Series(dtype=int)})
    require_metric(places, "residenti")
    points = places.geometry.to_crs(GRID_CRS)
    rows, columns = ((axis.to_numpy() // CELL_M).astype(int) for axis in (points.y, points.x))
    table = pd.DataFrame(places[["municipality_code", "residents"]]).assign(row=rows, column=columns)
    return table.groupby(keys)["residents"].sum().reset_index()


def _spread(pieces: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    """Share the residents of municipalities out over their pieces by area."""
    shares = apportion(residents.to_numpy(), pieces["group"].to_numpy(), pieces["area_km2"].to_numpy())
    return pieces[["group", "row", "column"]].assign(residents=shares)


def _add_up(shape: tuple[int, ...], cells: pd.DataFrame, values: pd.Series) -> _Cells:
    total = np.zeros(shape)
    np.add.at(total, (cells["row"].to_numpy(), cells["column"].to_numpy()), values.to_numpy())
    return total


def _classify_units(parts: pd.DataFrame, cells: npt.NDArray[np.int64]) -> pd.Series:
    """Return the class of level 2 of each municipality, by its code."""
    classes = cells[parts["row"].to_numpy(), parts["column"].to_numpy()]
    living = parts.assign(cell_class=classes).pivot_table(
        index="municipality_code", columns="cell_class", values="residents", aggfunc="sum"
    )
    living = living.reindex(columns=list(LEVEL_2)).fillna(0.0)
    living = living[living.sum(axis=1) > 0]
    half = living.sum(axis=1) / 2
    towns, rural = living[[DENSE, SEMI_DENSE]], living[[RURAL_CLUSTER, LOW, VERY_LOW]]
    found = towns.idxmax(axis=1).mask(living[SUBURBAN] > towns.sum(axis=1), SUBURBAN)
    found = found.mask(rural.sum(axis=1) > half, rural.idxmax(axis=1))
    return found.mask(living[CENTRE] >= half, CENTRE)


def _listed(names: Sequence[str]) -> Text:
    """Return names in brackets, nothing for none."""
    return same(" ({listed})").fill(listed=list_some(names, _SHOWN)) if names else NOTHING
