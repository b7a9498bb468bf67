import io
import zipfile
from datetime import date

import pandas as pd
import pytest

from psttm_geo.core._plain_sheets import read_plain_sheets
from psttm_geo.core.spreadsheets import parse_number
from psttm_geo.plan.monitoring_answers import agreements_binding, quarter_end
from psttm_geo.plan.monitoring_sheets import sheet_template, workbook_bytes
from psttm_geo.plan.monitoring_tables import COLUMNS, TABLES, Column
from psttm_geo.schema.cells import CELL_KINDS


def column(table: str, written: str) -> Column:
    return next(one for one in COLUMNS[table] if one.written == written)


def test_every_table_is_described_and_every_kind_known() -> None:
    assert tuple(COLUMNS) == TABLES
    for columns in COLUMNS.values():
        assert {one.kind for one in columns} <= set(CELL_KINDS)
        assert any(one.key for one in columns)
        assert len({one.name for one in columns}) == len(columns)
        assert columns[-1].written == "note"
        assert all(one.text.it and one.text.en for one in columns)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", "0"),
        ("-3,5", "-3.5"),
        ("\u221212", "-12"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234.567", "1234567"),
        ("0,853", "0.853"),
        ("1234.567", "1234.567"),
        ("1.234", None),
        ("1,234", None),
        ("1.2.3", None),
        ("dodici", None),
        ("=1+1", None),
    ],
)
def test_numbers_are_read_where_their_marks_leave_no_doubt(written: str, read: str | None) -> None:
    assert parse_number(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-T2", "2026-T2"),
        ("T2 2026", "2026-T2"),
        ("Q4/2026", "2026-T4"),
        ("IV trimestre 2026", "2026-T4"),
        ("1° trim. 2026", "2026-T1"),
        ("2026-T5", None),
        ("2026", None),
        ("giugno 2026", None),
    ],
)
def test_quarters(written: str, read: str | None) -> None:
    assert column("milestones", "scadenza").read(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("2026-2028", "2026-2028"), ("2026/28", "2026-2028"), ("2026-2027", None), ("2026", None), ("", None)],
)
def test_three_years(written: str, read: str | None) -> None:
    assert column("dup_links", "triennio").read(written) == read


def test_an_unknown_value_is_no_nought() -> None:
    value = column("observations", "valore")
    assert [value.read(cell) for cell in ("n.d.", "Non noto", "", "0", "x")] == ["", "", "", "0", None]


@pytest.mark.parametrize(
    ("quarter", "day"),
    [("2026-T1", "2026-03-31"), ("2026-T2", "2026-06-30"), ("2026-T3", "2026-09-30"), ("2026-T4", "2026-12-31")],
)
def test_the_last_day_of_a_quarter(quarter: str, day: str) -> None:
    assert quarter_end(quarter).isoformat()[:10] == day


def test_an_agreement_binds_a_zone_through_each_of_its_municipalities() -> None:
    cells = dict.fromkeys((one.name for one in COLUMNS["agreements"]), "")
    rows = pd.DataFrame([{**cells, "agreement": "A", "municipalities": "015146;015118;015189"}])
    zones = {"015146": "Milano", "015118": "Alto Milanese", "015189": "Milano"}
    (bound,) = agreements_binding(rows, "Milano", zones, date(2026, 7, 15))["binds"]
    assert bound == "015146;015189"
    assert agreements_binding(rows, "Sud Est", zones, date(2026, 7, 15)).empty


@pytest.mark.parametrize("rows", [[["obiettivo", "note"], ["5.10", ""], ["", "=1+1"]], None])
def test_workbooks_that_are_given_out_come_back_by_the_fast_way(rows: list[list[str]] | None) -> None:
    data = workbook_bytes("DUP", rows) if rows else sheet_template("015189", "Rozzano")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
    read = read_plain_sheets(data, parts, 1000)
    assert read is not None
    if rows:
        assert [[cell or "" for cell in row] for row in read["DUP"]] == rows
