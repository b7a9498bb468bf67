from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import VectorFileError
from psttm_geo.territory.units import read_units

BOXES = [shapely.box(514_000 + n * 1000, 5_034_000, 515_000 + n * 1000, 5_035_000) for n in range(3)]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(shapes: Sequence[object] = BOXES, **fields: Sequence[object]) -> Path:
        pyogrio.write_dataframe(gpd.GeoDataFrame(fields, geometry=list(shapes), crs=METRIC), tmp_path / "u.gpkg")
        return tmp_path / "u.gpkg"

    return write


def names(path: Path, field: str | None = None) -> list[str]:
    found: list[str] = read_units(path, field).table["own_unit"].to_list()
    return found


def notices(path: Path) -> list[str]:
    return [notice.en for notice in read_units(path).notices]


def refusal(path: Path, field: str | None = None) -> str:
    with pytest.raises(VectorFileError) as error:
        read_units(path, field)
    assert error.value.text.it != error.value.text.en
    return error.value.reason.en


def test_units_have_the_numbers_of_their_field_and_not_of_their_order(write: Write) -> None:
    path = write(MUNICIPIO=[3, 1, 2], AREA=[1.0, 2.0, 3.0])
    found = read_units(path)
    assert dict(zip(found.table["own_unit"], found.table.geometry.bounds["minx"], strict=True)) == {
        "3": 514_000,
        "1": 515_000,
        "2": 516_000,
    }
    assert notices(path) == ["u.gpkg: units named by field MUNICIPIO."]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"NOME": ["C", "A", "B"], "codice": ["1", "2", "3"]}, ["C", "A", "B"]),
        ({"ID_NIL": [7, 8, 9], "NIL": ["C", "A", "B"], "fonte": ["x", "x", "x"]}, ["C", "A", "B"]),
        ({"name": [None, None, ""], "nome": ["C", "A", "B"]}, ["C", "A", "B"]),
        ({"name": ["C", "A", "B"], "nome": ["C", "A", "B"]}, ["C", "A", "B"]),
        ({"nome": [7.0, 8.0, 9.0]}, ["7", "8", "9"]),
        ({"nome": ["  Due   parti ", "A", "B"]}, ["Due parti", "A", "B"]),
    ],
)
def test_the_field_that_names_units_beyond_doubt_is_used(
    write: Write, fields: dict[str, Sequence[object]], expected: list[str]
) -> None:
    assert names(write(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"codice": ["a1", "b1", "c1"], "quartiere": ["A", "B", "C"]}, "several fields may name the units (codice, "),
        ({"name": ["A", "B", "C"], "nome": ["D", "E", "F"]}, "several fields may name the units (name, nome)"),
        ({"objectid": [1, 2, 3]}, "no field names the units beyond doubt (found: objectid)"),
        ({"AREA": [1.5, 2.5, 3.5]}, "no field names the units beyond doubt (found: AREA)"),
        ({"distretto": ["A", "A", None]}, "no field names the units beyond doubt"),
        ({"giorno": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])}, "no field names the units"),
        ({"primo": [3, 1, 2], "secondo": [7, 8, 9]}, "several fields may name the units (primo, secondo)"),
    ],
)
def test_in_doubt_the_user_is_asked(write: Write, fields: dict[str, Sequence[object]], said: str) -> None:
    found = refusal(write(**fields))
    assert said in found
    assert "--name-field" in found


def test_the_user_s_field_wins_and_one_that_is_not_there_is_refused(write: Write) -> None:
    path = write(nome=["A", "B", "C"], objectid=[5, 6, 4], vuoto=["", None, ""])
    assert names(path, "OBJECTID") == ["5", "6", "4"]
    assert "has no field “zona” (found: nome, objectid, vuoto)" in refusal(path, "zona")
    assert "field vuoto is blank in all units" in refusal(path, "vuoto")


def test_a_single_unit_without_a_name_is_called_as_its_file(write: Write) -> None:
    path = write(BOXES[:1], area=[1.5])
    assert names(path) == ["u"]
    assert notices(path) == ["u.gpkg: the only unit has no name and is called as the file."]


def test_units_without_a_name_or_a_shape_are_listed_and_the_rest_kept(write: Write) -> None:
    shapes = [BOXES[0], None, shapely.Polygon(), BOXES[1], BOXES[2]]
    path = write(shapes, nome=["A", "B", "C", " ", None])
    assert names(path) == ["A"]
    assert notices(path)[1:] == [
        "u.gpkg: features without geometry, left out: 2 (rows 2, 3).",
        "u.gpkg: units without a name, left out: 2 (rows 4, 5).",
    ]


def test_an_outline_that_crosses_itself_is_mended_and_told(write: Write) -> None:
    bow = shapely.Polygon([(0, 0), (2000, 2000), (2000, 0), (0, 2000)])
    path = write([bow], nome=["A"])
    assert read_units(path).table.area.to_list() == [2_000_000]
    assert "u.gpkg: units whose invalid geometry was mended: 1 (A)." in notices(path)


@pytest.mark.parametrize(
    ("shapes", "called", "said"),
    [
        ([*BOXES[:2], shapely.Point(514_000, 5_034_000)], ["A", "B", "C"], "units without area: 1 (C)"),
        ([BOXES[0], BOXES[1].boundary, BOXES[2]], ["A", "B", "C"], "units without area: 1 (B)"),
        (BOXES, ["A", "B", "A"], "units with a repeated name: 1 (A)"),
        ([BOXES[0], BOXES[0].buffer(-10), BOXES[2]], ["A", "B", "C"], "units that overlap: 1 (A / B)"),
    ],
)
def test_odd_units_are_refused_by_name(
    write: Write, shapes: Sequence[object], called: Sequence[str], said: str
) -> None:
    assert said in refusal(write(shapes, nome=called))
