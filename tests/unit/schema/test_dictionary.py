import re
import subprocess
import sys

import pandas as pd
import pandera.pandas as pa
import pytest

from psttm_geo.schema.cells import CELL_KINDS
from psttm_geo.schema.dictionary import FOLDER, OnFirstUse, read_groups, read_rows

NAME = pa.Check.str_matches(r"^[a-z][a-z0-9_]*$")
CODE = pa.Check.str_matches(r"^[a-z0-9_]+$")
FIELD = pa.Check.str_matches(r"^[a-z][a-z0-9_]*(\{\}[a-z0-9_]*)?$")
FILLED = pa.Check.str_matches(r"^\S(.*\S)?$")
SENTENCE = pa.Check.str_matches(r"^\S.*\.$")
SI = pa.Check.isin(["si", ""])
FILE = pa.Check.str_matches(r"^[a-z_]+\.csv$")


def compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


CONTRACTS = {
    "columns.csv": pa.DataFrameSchema(
        {
            "column": pa.Column(str, NAME, unique=True),
            "field": pa.Column(str, FIELD),
            "family": pa.Column(str, SI),
            "title_it": pa.Column(str, FILLED),
            "title_en": pa.Column(str, FILLED),
            "description_it": pa.Column(str, SENTENCE),
            "description_en": pa.Column(str, SENTENCE),
            "codes": pa.Column(str, pa.Check.isin(["", *(row["codes"] for row in read_rows("code_values.csv"))])),
        },
        checks=pa.Check(lambda table: table["description_it"] != table["description_en"]),
        strict=True,
        ordered=True,
    ),
    "layers.csv": pa.DataFrameSchema(
        {
            "layer": pa.Column(str, NAME, unique=True),
            "title_it": pa.Column(str, FILLED),
            "title_en": pa.Column(str, FILLED),
            "abstract_it": pa.Column(str, SENTENCE),
            "abstract_en": pa.Column(str, SENTENCE),
            "geometry": pa.Column(str, pa.Check.isin(["MultiPolygon", "Point", ""])),
        },
        checks=pa.Check(lambda table: table["abstract_it"] != table["abstract_en"]),
        strict=True,
        ordered=True,
    ),
    "layer_columns.csv": pa.DataFrameSchema(
        {
            "layer": pa.Column(str, pa.Check.isin([row["layer"] for row in read_rows("layers.csv")])),
            "column": pa.Column(str, pa.Check.isin([row["column"] for row in read_rows("columns.csv")])),
            "key": pa.Column(str, SI),
        },
        unique=["layer", "column"],
        strict=True,
        ordered=True,
    ),
    "code_values.csv": pa.DataFrameSchema(
        {
            "codes": pa.Column(str, NAME),
            "code": pa.Column(str, CODE),
            "label_it": pa.Column(str, FILLED),
            "label_en": pa.Column(str, FILLED),
        },
        unique=["codes", "code"],
        strict=True,
        ordered=True,
    ),
    "cell_kinds.csv": pa.DataFrameSchema(
        {
            "kind": pa.Column(str, NAME, unique=True),
            "pattern": pa.Column(str, pa.Check(compiles, element_wise=True)),
            "expected_it": pa.Column(str, FILLED),
            "expected_en": pa.Column(str, FILLED),
        },
        checks=pa.Check(lambda table: table["expected_it"] != table["expected_en"]),
        strict=True,
        ordered=True,
    ),
    "data_columns.csv": pa.DataFrameSchema(
        {
            "table": pa.Column(str, FILE),
            "column": pa.Column(str, NAME),
            "kind": pa.Column(str, pa.Check.isin([row["kind"] for row in read_rows("cell_kinds.csv")])),
            "blank": pa.Column(str, SI),
            "unique": pa.Column(str, SI),
            "key": pa.Column(str, SI),
            "optional": pa.Column(str, SI),
            "default": pa.Column(str),
        },
        checks=pa.Check(lambda table: (table["optional"] == "si") | (table["default"] == "")),
        unique=["table", "column"],
        strict=True,
        ordered=True,
    ),
    "monitoring_columns.csv": pa.DataFrameSchema(
        {
            "table": pa.Column(str, NAME),
            "column": pa.Column(str, NAME),
            "name": pa.Column(str, NAME),
            "kind": pa.Column(str, pa.Check.isin([row["kind"] for row in read_rows("cell_kinds.csv")])),
            "blank": pa.Column(str, SI),
            "key": pa.Column(str, SI),
            "text_it": pa.Column(str, FILLED),
            "text_en": pa.Column(str, FILLED),
        },
        checks=pa.Check(lambda table: table["text_it"] != table["text_en"]),
        unique=["table", "column"],
        strict=True,
        ordered=True,
    ),
    "provinces.csv": pa.DataFrameSchema(
        {
            "province": pa.Column(str, pa.Check.isin([f"{number:03}" for number in range(1, 120)]), unique=True),
            "region": pa.Column(str, pa.Check.isin([f"{number:02}" for number in range(1, 21)])),
        },
        strict=True,
        ordered=True,
    ),
}
"""What each of the tables has to be."""


def table(name: str) -> pd.DataFrame:
    return pd.DataFrame(read_rows(name), dtype="str")


def test_every_table_has_a_contract() -> None:
    assert {path.name for path in FOLDER.glob("*.csv")} == set(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_table_keeps_its_contract(name: str) -> None:
    CONTRACTS[name].validate(table(name), lazy=True)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("columns.csv", {"column": "twice"}),
        ("columns.csv", {"field": "Codice ISTAT"}),
        ("columns.csv", {"field": "città"}),
        ("columns.csv", {"title_en": ""}),
        ("columns.csv", {"description_en": ""}),
        ("columns.csv", {"description_it": "Lo stesso.", "description_en": "Lo stesso."}),
        ("columns.csv", {"codes": "nessuna_lista"}),
        ("layers.csv", {"abstract_en": ""}),
        ("layers.csv", {"geometry": "Polygon"}),
        ("layer_columns.csv", {"column": "nowhere"}),
        ("layer_columns.csv", {"layer": "strade"}),
        ("code_values.csv", {"label_en": " yes"}),
        ("cell_kinds.csv", {"expected_it": ""}),
        ("cell_kinds.csv", {"pattern": "(si|no"}),
        ("data_columns.csv", {"table": "zones"}),
        ("provinces.csv", {"province": "15"}),
        ("provinces.csv", {"region": "3"}),
        ("data_columns.csv", {"kind": "nowhere"}),
        ("data_columns.csv", {"optional": "", "default": "no"}),
    ],
)
def test_a_table_that_breaks_its_contract_is_found(name: str, change: dict[str, str]) -> None:
    with pytest.raises(pa.errors.SchemaErrors):
        CONTRACTS[name].validate(table(name).assign(**change), lazy=True)


def test_every_column_is_in_a_layer_and_every_layer_has_a_key() -> None:
    placed = table("layer_columns.csv")
    assert set(table("columns.csv")["column"]) == set(placed["column"])
    assert set(table("layers.csv")["layer"]) == set(placed.loc[placed["key"] == "si", "layer"])


def test_what_belongs_to_one_layer_list_or_table_stands_together() -> None:
    for name, column in (("layer_columns.csv", "layer"), ("code_values.csv", "codes"), ("data_columns.csv", "table")):
        owners = table(name)[column]
        assert (owners != owners.shift()).sum() == owners.nunique()


def test_every_list_of_codes_is_used() -> None:
    assert set(table("code_values.csv")["codes"]) == set(table("columns.csv")["codes"]) - {""}


def test_every_kind_of_cell_is_used() -> None:
    used = {*table("data_columns.csv")["kind"], *table("monitoring_columns.csv")["kind"]}
    assert set(table("cell_kinds.csv")["kind"]) == used


def test_the_codes_of_a_kind_stand_in_its_pattern_and_its_sentence() -> None:
    for row in read_rows("cell_kinds.csv"):
        kind = CELL_KINDS[row["kind"]]
        assert "{codes}" not in f"{kind.pattern}{kind.expected}"
        held = {"{codes}" in row[name] for name in ("pattern", "expected_it", "expected_en")}
        assert len(held) == 1
        assert held == {False} or re.search(r"\w+\|\w+", kind.pattern)


def test_rows_are_grouped_in_their_order() -> None:
    groups = read_groups("layer_columns.csv", "layer")
    assert [row for rows in groups.values() for row in rows] == read_rows("layer_columns.csv")


def test_a_family_says_where_the_category_goes_and_no_other_column_does() -> None:
    columns = table("columns.csv")
    texts = columns[["field", "title_it", "title_en", "description_it", "description_en"]]
    holds = texts.apply(lambda text: text.str.count("{}"))
    family = columns["family"] == "si"
    assert (holds[family] == 1).all(axis=None)
    assert not texts[~family].apply(lambda text: text.str.contains("[{}]")).any(axis=None)


def test_a_mapping_is_made_once_and_only_when_it_is_asked() -> None:
    made = []
    mapping = OnFirstUse(lambda: made.append("made") or {"a": 1, "b": 2})
    assert made == []
    assert (list(mapping), len(mapping), mapping["b"], "c" in mapping) == (["a", "b"], 2, 2, False)
    assert made == ["made"]


def test_importing_reads_none_of_the_tables() -> None:
    code = (
        "import sys\nopened = []\n"
        "sys.addaudithook(lambda event, about: event == 'open' and opened.append(str(about[0])))\n"
        "import psttm_geo.jobs, psttm_geo.delivery.delivery_diff, psttm_geo.webmap.maps\n"
        "print([path for path in opened if path.endswith('.csv')])\n"
        "psttm_geo.schema.layers.LAYERS['comuni']\n"
        "print(len([path for path in opened if path.endswith('.csv')]))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["[]", "3"]


def test_columns_are_known_without_pandas() -> None:
    code = "import sys, psttm_geo.schema.columns as c; len(c.COLUMNS); print('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
