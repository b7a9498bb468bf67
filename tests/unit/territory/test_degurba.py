"""Grids whose classes are arithmetic; the rules are those of the manual of 2021."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.core.provenance import Source
from psttm_geo.territory.degurba import (
    GRID_CRS,
    ResidentGrid,
    classify_cells,
    classify_municipalities,
    find_peri_urban,
    join_classes,
    lay_grid,
    say_grid,
)
from psttm_geo.territory.degurba_records import EXPERIMENTAL, FILE, Urbanisation, class_table

Grid = npt.NDArray[np.float64]

SOURCE = Source("x", "tabella", "ente", "", "", "non indicata", "ente", "")


def grid(*blocks: tuple[slice | int, slice | int, float], size: int = 20) -> Grid:
    """Give an empty square of cells with blocks of cells that so many live in each."""
    cells = np.zeros((size, size))
    for rows, columns, residents in blocks:
        cells[rows, columns] = residents
    return cells


def found(classes: npt.NDArray[np.int64], rows: slice | int, columns: slice | int) -> set[int]:
    return set(np.atleast_1d(classes[rows, columns]).ravel().tolist())


FIVE = slice(5, 10)


def test_a_square_of_60000_is_an_urban_centre_and_nobody_lives_around_it() -> None:
    classes = classify_cells(grid((FIVE, FIVE, 2_400)))
    assert found(classes, FIVE, FIVE) == {30}
    assert (classes == 30).sum() == 25
    assert set(classes[classes != 30]) == {11}


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (2_000, 30),  # 50,000 in all
        (1_999, 23),
        (1_500, 23),
        (1_499, 22),
        (300, 22),  # 7,500
        (200, 12),
    ],
)
def test_a_square_alone_is_classed_by_density_and_by_all_who_live_there(each: float, expected: int) -> None:
    assert found(classify_cells(grid((FIVE, FIVE, each))), FIVE, FIVE) == {expected}


def test_dense_cells_that_meet_at_a_corner_make_no_centre_together() -> None:
    apart = classify_cells(grid((slice(5, 10), FIVE, 1_600), (slice(10, 15), slice(10, 15), 1_600)))
    assert found(apart, slice(5, 10), FIVE) == {23}, "40,000 on each side of the corner"
    together = classify_cells(grid((slice(5, 10), FIVE, 1_600), (slice(10, 15), slice(9, 14), 1_600)))
    assert found(together, slice(5, 10), FIVE) == {30}


def test_moderate_cells_that_meet_at_a_corner_make_a_cluster_together() -> None:
    corner = classify_cells(grid((5, FIVE, 600), (6, slice(10, 15), 600)))
    assert found(corner, 5, FIVE) == found(corner, 6, slice(10, 15)) == {22}, "3,000 and 3,000"
    apart = classify_cells(grid((5, FIVE, 600), (7, slice(11, 16), 600)))
    assert found(apart, 5, FIVE) == {13}


def test_dense_cells_that_meet_at_a_corner_make_no_dense_town_together() -> None:
    """Two pairs of 3,000: all of them are a moderate cluster of 6,000, which touches at corners too."""
    corner = classify_cells(grid((5, slice(5, 7), 1_500), (6, slice(7, 9), 1_500)))
    assert found(corner, 5, slice(5, 7)) == found(corner, 6, slice(7, 9)) == {22}
    side = classify_cells(grid((5, slice(5, 7), 1_500), (6, slice(6, 8), 1_500)))
    assert found(side, 5, slice(5, 7)) == found(side, 6, slice(6, 8)) == {23}


def test_a_hole_in_a_centre_is_filled_whoever_lives_there() -> None:
    cells = grid((FIVE, FIVE, 3_000), (7, 7, 0))
    assert found(classify_cells(cells), FIVE, FIVE) == {30}


def test_gaps_are_filled_cell_by_cell_until_none_is_left() -> None:
    """The corner of a square hole has five cells of the centre around it, the cells beside it only then."""
    cells = grid((slice(4, 14), slice(4, 14), 1_500), (slice(7, 10), slice(7, 10), 10))
    assert found(classify_cells(cells), slice(4, 14), slice(4, 14)) == {30}


def test_a_hole_whose_cells_all_see_four_of_the_centre_stays() -> None:
    """Twelve cells, a square without its corners: the JRC's rule of 15 km2 would fill it, the majority does not."""
    cells = grid((slice(4, 14), slice(4, 14), 1_500))
    cells[7:11, 8:10] = cells[8:10, 7:11] = 10
    classes = classify_cells(cells)
    assert (classes[4:14, 4:14] == 11).sum() == 12
    assert (classes == 30).sum() == 88


def test_a_notch_is_smoothed_and_a_straight_side_is_not() -> None:
    classes = classify_cells(grid((FIVE, FIVE, 3_000), (5, 7, 0)))
    assert classes[5, 7] == 30
    assert classes[4, 7] == 11


def test_a_gap_between_two_centres_belongs_to_neither() -> None:
    cells = grid((FIVE, slice(4, 9), 3_000), (FIVE, slice(10, 15), 3_000))
    assert found(classify_cells(cells), FIVE, 9) == {11}, "three cells of each on either side, six in all"


@pytest.mark.parametrize("core", [30_000, 1_500], ids=["urban centre", "dense urban cluster"])
@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        (10, 8, 21),  # one empty cell between
        (10, 7, 21),  # 3 km from centre to centre, 2 km from edge to edge
        (10, 6, 22),  # 4 km
        (8, 8, 21),  # 2.8 km
        (9, 7, 22),  # 3.2 km
        (9, 9, 21),  # they touch at a corner
    ],
)
def test_a_moderate_cluster_is_semi_dense_beyond_three_cells(row: int, column: int, core: float, expected: int) -> None:
    """All of its cells are, or none: its nearest cell, at row 10 and column 10, tells."""
    classes = classify_cells(
        grid((slice(row - 1, row + 1), slice(column - 1, column + 1), core), (slice(10, 14), slice(10, 15), 300))
    )
    assert found(classes, slice(10, 14), slice(10, 15)) == {expected}
    assert classes[row, column] == (30 if core == 30_000 else 23)


def test_what_surrounds_a_dense_town_is_suburban() -> None:
    classes = classify_cells(grid((slice(3, 12), slice(3, 12), 300), (FIVE, FIVE, 1_500)))
    assert found(classes, FIVE, FIVE) == {23}
    assert (classes == 21).sum() == 81 - 25


@pytest.mark.parametrize(
    ("residents", "expected"),
    [
        ([300, 300], 13),
        ([500], 13),
        ([499], 12),  # dense enough, but too few for a village
        ([299, 299], 12),
        ([50], 12),
        ([49.5], 11),
        ([0.5], 11),
        ([2_500, 2_499], 13),
        ([2_500, 2_500], 23),
    ],
)
def test_rural_cells_are_villages_or_classed_by_density(residents: list[float], expected: int) -> None:
    cells = grid()
    cells[5, 5 : 5 + len(residents)] = residents
    assert found(classify_cells(cells), 5, slice(5, 5 + len(residents))) == {expected}


def test_a_village_holds_together_at_corners() -> None:
    cells = grid((5, 5, 300), (6, 6, 300))
    assert classify_cells(cells)[[5, 6], [5, 6]].tolist() == [13, 13]


def test_cells_at_the_border_of_the_grid_are_classed_like_the_others() -> None:
    assert set(classify_cells(np.full((5, 5), 2_400.0)).ravel()) == {30}
    assert set(classify_cells(np.zeros((2, 3))).ravel()) == {11}


KM = 1_000

WEST, SOUTH = 4_290, 2_490
"""Kilometres in EPSG:3035, some way south-west of Milano."""


def area(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Give a rectangle of cells, in kilometres from the corner of the test grid, in EPSG:32632."""
    corners = [(WEST + west) * KM, (SOUTH + south) * KM, (WEST + east) * KM, (SOUTH + north) * KM]
    dense = shapely.segmentize(shapely.box(*corners), KM / 10)
    return gpd.GeoSeries([dense], crs=GRID_CRS).to_crs(METRIC).iloc[0]


def municipalities(**shapes: tuple[int, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    codes = list(shapes)
    return gpd.GeoDataFrame(
        {"municipality_code": codes, "residents": [shapes[code][0] for code in codes]},
        geometry=[area(*shapes[code][1]) for code in codes],
        crs=METRIC,
        index=range(7, 7 + len(codes)),
    )


def places(*rows: tuple[str, float, float, float]) -> gpd.GeoDataFrame:
    codes, residents, xs, ys = zip(*rows, strict=True)
    points = gpd.points_from_xy([(WEST + x) * KM for x in xs], [(SOUTH + y) * KM for y in ys], crs=GRID_CRS)
    return gpd.GeoDataFrame(
        {"municipality_code": codes, "residents": residents}, geometry=points.to_crs(METRIC), crs=METRIC
    )


def test_residents_count_on_the_cell_that_they_live_in() -> None:
    towns = municipalities(a=(30, (0, 0, 2, 1)))
    laid = lay_grid(towns, places(("a", 10, 0.1, 0.9), ("a", 5, 0.9, 0.1), ("a", 15, 1.5, 0.5)))
    assert laid.residents.sum() == 30
    row, column = (int(axis[0]) for axis in np.nonzero(laid.residents))
    assert laid.residents[row, column : column + 2].tolist() == [15, 15]
    assert laid.spread == ()
    assert laid.parts["residents"].to_list() == [15, 15]


def test_residents_without_a_place_are_spread_by_area() -> None:
    laid = lay_grid(municipalities(a=(300, (0, 0, 2, 1)), b=(60, (2, 0, 2.5, 1)), c=(0, (0, 1, 2, 2))), None)
    assert laid.residents.sum() == 360
    assert np.sort(laid.residents[laid.residents > 1]) == pytest.approx([60, 150, 150], abs=0.01)
    assert laid.spread == ("a", "b")
    assert (laid.parts["residents"] * 1024 % 1 == 0).all()


def test_some_have_places_and_the_rest_is_spread() -> None:
    laid = lay_grid(municipalities(a=(10, (0, 0, 1, 1)), b=(20, (1, 0, 2, 1))), places(("a", 10, 0.5, 0.5)))
    assert laid.spread == ("b",)
    assert laid.parts.groupby("municipality_code")["residents"].sum().to_dict() == {"a": 10, "b": 20}


def test_a_place_outside_all_outlines_counts_where_it_is() -> None:
    laid = lay_grid(municipalities(a=(10, (0, 0, 1, 1))), places(("a", 10, 8.5, 0.5)))
    assert laid.residents.sum() == 10
    assert not laid.known[laid.residents > 0].any()


def test_cells_are_known_where_municipalities_cover_them() -> None:
    laid = lay_grid(municipalities(a=(10, (0, 0, 2, 2)), b=(10, (2, 0, 2.5, 2))), None)
    assert laid.known.sum() == 4
    assert not laid.known[0].any(), "a cell more than needed on every side"


def test_the_grid_has_a_cell_more_than_needed_on_every_side() -> None:
    laid = lay_grid(municipalities(a=(10, (0.1, 0.1, 0.9, 0.9))), None)
    assert laid.residents.tolist() == [[0, 0, 0], [0, 10, 0], [0, 0, 0]]
    beside = lay_grid(municipalities(a=(10, (0.1, 0.1, 0.9, 0.9))), places(("a", 10, 1.5, 0.5)))
    assert beside.residents.tolist() == [[0, 0, 0, 0], [0, 0, 10, 0], [0, 0, 0, 0]]


def test_a_single_resident_is_spread_too() -> None:
    laid = lay_grid(municipalities(a=(1, (0, 0, 2, 1)), b=(0, (2, 0, 3, 1))), None)
    assert laid.residents.sum() == 1
    assert laid.spread == ("a",)


@pytest.mark.parametrize(("east", "known"), [(0.85, 0), (0.895, 0), (0.905, 1), (0.95, 1)])
def test_a_cell_is_known_from_nine_tenths_of_it(east: float, known: int) -> None:
    assert lay_grid(municipalities(a=(10, (0, 0, east, 1))), None).known.sum() == known
    middle = east / 2
    halves = municipalities(a=(10, (0, 0, middle, 1)), b=(10, (middle, 0, east, 1)))
    assert lay_grid(halves, None).known.sum() == known, "of one municipality or of several"


def test_layers_in_degrees_are_refused() -> None:
    towns = municipalities(a=(10, (0, 0, 1, 1)))
    with pytest.raises(CrsError):
        lay_grid(towns.to_crs(GEOGRAPHIC), None)
    with pytest.raises(CrsError):
        lay_grid(towns, places(("a", 10, 0.5, 0.5)).to_crs(GEOGRAPHIC))


CENTRE_CELL, DENSE_CELL, SUBURB_CELL, SEMI_CELL, VILLAGE_CELL, LOW_CELL, EMPTY_CELL = (
    (5, 5),
    (5, 30),
    (5, 34),
    (30, 5),
    (30, 15),
    (30, 22),
    (30, 30),
)
"""A cell of each class on the grid below."""


@pytest.fixture(scope="module")
def country() -> Grid:
    cells = np.zeros((40, 40))
    cells[3:8, 3:8] = 2_400
    cells[4:8, 29:33] = 1_500
    cells[4:8, 33:36] = 300
    cells[28:33, 3:8] = 300
    cells[30, 15:17] = 400
    cells[30, 22] = 60
    return cells


def classed(country: Grid, **living: dict[tuple[int, int], float]) -> pd.DataFrame:
    rows = [(code, *cell, residents) for code, cells in living.items() for cell, residents in cells.items()]
    parts = pd.DataFrame(rows, columns=["municipality_code", "row", "column", "residents"])
    laid = ResidentGrid(country, np.ones(country.shape, dtype=bool), parts, ())
    return classify_municipalities(laid).set_index("municipality_code")


def test_the_grid_of_examples_has_every_class(country: Grid) -> None:
    classes = classify_cells(country)
    cells = (CENTRE_CELL, DENSE_CELL, SEMI_CELL, SUBURB_CELL, VILLAGE_CELL, LOW_CELL, EMPTY_CELL)
    assert [classes[cell] for cell in cells] == [30, 23, 22, 21, 13, 12, 11]


@pytest.mark.parametrize(
    ("living", "level_1", "level_2"),
    [
        ({CENTRE_CELL: 50, LOW_CELL: 50}, 1, 30),  # half is enough
        ({CENTRE_CELL: 49, DENSE_CELL: 2, LOW_CELL: 49}, 2, 23),
        ({CENTRE_CELL: 49, LOW_CELL: 51}, 3, 12),
        ({SUBURB_CELL: 50, LOW_CELL: 50}, 2, 21),  # more than half is rural, not half
        ({DENSE_CELL: 30, SEMI_CELL: 25, SUBURB_CELL: 45}, 2, 23),
        ({DENSE_CELL: 25, SEMI_CELL: 30, SUBURB_CELL: 45}, 2, 22),
        ({DENSE_CELL: 25, SEMI_CELL: 20, SUBURB_CELL: 55}, 2, 21),
        ({DENSE_CELL: 25, SEMI_CELL: 25, SUBURB_CELL: 50}, 2, 23),  # where two are equal, the denser
        ({SUBURB_CELL: 40, CENTRE_CELL: 45, DENSE_CELL: 15}, 2, 21),
        ({VILLAGE_CELL: 40, LOW_CELL: 30, EMPTY_CELL: 30}, 3, 13),
        ({VILLAGE_CELL: 30, LOW_CELL: 40, EMPTY_CELL: 30}, 3, 12),
        ({VILLAGE_CELL: 30, LOW_CELL: 30, EMPTY_CELL: 40}, 3, 11),
        ({VILLAGE_CELL: 30, LOW_CELL: 20, EMPTY_CELL: 10, SUBURB_CELL: 40}, 3, 13),
    ],
)
def test_a_municipality_is_classed_by_the_cells_its_people_live_on(
    country: Grid, living: dict[tuple[int, int], float], level_1: int, level_2: int
) -> None:
    classes = classed(country, town=living)
    assert classes.loc["town"].to_list() == [level_1, level_2, False]


def test_municipalities_are_sorted_and_those_without_people_have_no_class(country: Grid) -> None:
    classes = classed(country, b={LOW_CELL: 1 / 1024}, a={CENTRE_CELL: 1}, empty={CENTRE_CELL: 0})
    assert classes.index.to_list() == ["a", "b"]


def test_a_class_that_hangs_on_who_lives_beyond_the_edge_is_told() -> None:
    """40,000 beside the edge may be part of a city; a village ten cells away from it stays one."""
    cells = np.zeros((30, 30))
    cells[10:15, 1:6] = 1_600
    cells[12, 20] = 600
    parts = pd.DataFrame(
        [("edge", 12, 3, 1_600.0), ("inland", 12, 20, 600.0)],
        columns=["municipality_code", "row", "column", "residents"],
    )
    known = np.ones(cells.shape, dtype=bool)
    known[:, 0] = False
    classes = classify_municipalities(ResidentGrid(cells, known, parts, ())).set_index("municipality_code")
    assert classes["level_2"].to_dict() == {"edge": 23, "inland": 13}
    assert classes["at_edge"].to_dict() == {"edge": True, "inland": False}


def test_what_is_doubtful_is_said_of_the_territory_by_name() -> None:
    nothing = pd.DataFrame(columns=["municipality_code", "row", "column", "residents"])
    laid = ResidentGrid(np.zeros((1, 1)), np.ones((1, 1), dtype=bool), nothing, ("015001", "108033"))
    classes = pd.DataFrame({"municipality_code": ["015001", "015002", "108033"], "at_edge": True})
    names = pd.Series({"015001": "Uno", "015002": "Due"})
    spread, edge = say_grid(laid, classes, names)
    assert spread.it == (
        "Residenti senza posizione, distribuiti uniformemente sul comune: comuni del territorio 1 (Uno), "
        "comuni intorno 1."
    )
    assert edge.it == "Comuni la cui classe dipende da chi abita oltre i comuni noti: 1 (Due)."
    assert spread.en.endswith("of the territory 1 (Uno), around it 1.")
    assert edge.en.endswith("beyond the known municipalities: 1 (Due).")


def test_nothing_doubtful_says_nothing_and_long_lists_are_cut() -> None:
    nothing = pd.DataFrame(columns=["municipality_code", "row", "column", "residents"])
    classes = pd.DataFrame({"municipality_code": list("abcdefghijkl"), "at_edge": False})
    names = pd.Series({code: code.upper() for code in "abcdefghijkl"})
    quiet = ResidentGrid(np.zeros((1, 1)), np.ones((1, 1), dtype=bool), nothing, ())
    assert say_grid(quiet, classes, names) == ()
    (edge,) = say_grid(quiet, classes.assign(at_edge=True), names)
    assert edge.it.endswith(": 12 (A, B, C, D, E, F, G, H, I, J e altri 2).")


@pytest.mark.parametrize(("count", "ends"), [(1, "A)."), (10, "J)."), (11, "J e altri 1)."), (12, "J e altri 2).")])
def test_of_a_long_list_ten_are_named_and_the_rest_counted(count: int, ends: str) -> None:
    codes = list("abcdefghijkl")[:count]
    nothing = pd.DataFrame(columns=["municipality_code", "row", "column", "residents"])
    quiet = ResidentGrid(np.zeros((1, 1)), np.ones((1, 1), dtype=bool), nothing, ())
    classes = pd.DataFrame({"municipality_code": codes, "at_edge": True})
    (edge,) = say_grid(quiet, classes, pd.Series({code: code.upper() for code in codes}))
    assert edge.it.endswith(ends)


CODES = ["015001", "015002", "015003", "015004", "015005", "015006"]


def known(basis: str = FILE) -> Urbanisation:
    table = class_table(
        pd.Series(CODES[:5]),
        pd.Series([1, 2, pd.NA, 3, pd.NA], dtype="Int64"),
        pd.Series([pd.NA, pd.NA, 21, 12, pd.NA], dtype="Int64"),
        basis,
    )
    return Urbanisation(table, experimental=basis == EXPERIMENTAL, source=SOURCE)


def test_level_1_says_no_of_cities_and_rural_areas_and_nothing_of_what_is_between() -> None:
    verdicts = find_peri_urban(known(), CODES)
    assert [verdicts[code].applies for code in CODES] == ["no", "non_noto", "si", "no", "non_noto", "non_noto"]
    assert [verdicts[code].basis for code in CODES[:3]] == ["figure", "missing_input", "figure"]
    assert verdicts["015001"].reason.it == "classe 1, città (secondo la tabella fornita dall'ente)"
    assert verdicts["015002"].reason.it == (
        "classe 2, piccole città e sobborghi (secondo la tabella fornita dall'ente), "
        "che non dice se il comune è periurbano; serve il livello 2"
    )
    assert (
        verdicts["015003"].reason.it == "classe 21, sobborgo o area periurbana (secondo la tabella fornita dall'ente)"
    )
    assert verdicts["015004"].reason.en == ("class 12, dispersed rural area (by the table that the office gave)")
    assert verdicts["015006"].reason.it == "il grado di urbanizzazione del comune non è noto"


def test_an_experimental_class_is_said_to_be_one() -> None:
    verdicts = find_peri_urban(known(EXPERIMENTAL), CODES)
    assert "(sperimentale, calcolata da psttm-geo sulla griglia di 1 km)" in verdicts["015003"].reason.it
    assert "(experimental, computed by psttm-geo on the 1 km grid)" in verdicts["015001"].reason.en


def test_classes_stand_beside_municipalities_and_are_empty_where_unknown() -> None:
    shapes = gpd.GeoDataFrame(
        {"municipality_code": CODES}, geometry=[shapely.box(x, 0, x + 1, 1) for x in range(6)], crs=METRIC
    )
    joined = join_classes(shapes, known())
    assert isinstance(joined, gpd.GeoDataFrame)
    assert joined["urbanisation"].fillna(0).to_list() == [1, 2, 2, 3, 0, 0]
    assert joined["urbanisation_2"].fillna(0).to_list() == [0, 0, 21, 12, 0, 0]
    assert joined["urbanisation_basis"].fillna("").to_list() == [FILE, FILE, FILE, FILE, "", ""]
    empty = join_classes(shapes, None)
    assert empty[["urbanisation", "urbanisation_2", "urbanisation_basis"]].isna().all(axis=None)
    assert list(empty.columns.drop("geometry")) == list(joined.columns.drop("geometry"))
    assert empty.dtypes["urbanisation"] == joined.dtypes["urbanisation"]
