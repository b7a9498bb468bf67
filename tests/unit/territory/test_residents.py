import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from psttm_geo.core.errors import InputMissingError, ResidentsFileError
from psttm_geo.core.files import sha256_of
from psttm_geo.territory import residents
from psttm_geo.territory.municipalities import Residents
from psttm_geo.territory.residents import read_residents

pytestmark = pytest.mark.slow

EVERYBODY = 3_219_391


@pytest.fixture
def read(zones: pd.DataFrame, predecessors: pd.DataFrame) -> Callable[[Path], Residents]:
    return lambda path: read_residents(path, zones, predecessors)


@pytest.fixture
def refused(read: Callable[[Path], Residents], refuses: Callable[..., str]) -> Callable[..., str]:
    """Prove that the reader and the command refuse a path with the same sentence; give it in English."""

    def refused(path: Path, error: type[Exception] = ResidentsFileError) -> str:
        with pytest.raises(error) as found:
            read(path)
        assert str(found.value) in refuses("--residents", path)
        return found.value.text.en

    return refused


def total(residents: Residents) -> int:
    return int(residents.counts[["males", "females"]].to_numpy().sum())


@pytest.mark.parametrize("layout", [("plain", 2026), ("wide", 2022), ("2020", 2020)], ids=lambda layout: layout[0])
@pytest.mark.parametrize("name", ["synthetic.csv", "synthetic.zip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_layout_gives_the_same_residents(
    read: Callable[[Path], Residents],
    posas: Callable[..., Path],
    posas_rows: pd.DataFrame,
    layout: tuple[str, int],
    name: str,
    encoding: str,
) -> None:
    form, year = layout
    path = posas(posas_rows, name, encoding=encoding, layout=form, year=year)
    residents = read(path)
    expected = posas_rows.loc[posas_rows["age"] != 999, ["municipality_code", "age", "males", "females"]]
    assert total(residents) == EVERYBODY
    assert residents.counts.to_numpy().tolist() == expected.to_numpy().tolist()
    assert residents.date == f"{year}-01-01"
    assert residents.provisional is (year == 2026)
    assert ("(stima)" in residents.source.title) is (year == 2026)
    assert residents.source.sha256 == sha256_of(path)
    assert [notice.en.split(" ISTAT")[0] for notice in residents.notices] == (["13566"] if form == "2020" else [])


def test_municipalities_of_other_provinces_are_passed_over(
    read: Callable[[Path], Residents], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    stranger = posas_rows.head(102).assign(municipality_code="001001", municipality="Agliè")
    assert total(read(posas(pd.concat([posas_rows, stranger])))) == EVERYBODY


def test_notes_at_the_foot_are_passed_over(
    read: Callable[[Path], Residents], posas_text: Callable[..., str], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    for layout, note in (("plain", "Fonte: Istat"), ("plain", '"Nota: a; b; c; d; e; f; g"'), ("2020", "a,b,c,d,e,f")):
        path = tmp_path / "synthetic.csv"
        path.write_text(f"{posas_text(posas_rows, layout=layout)}\n{note}\n", "utf-8")
        assert total(read(path)) == EVERYBODY


def test_without_a_title_the_name_of_the_file_tells_the_year(
    read: Callable[[Path], Residents], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    assert read(posas(posas_rows, "POSAS_2024_it_Comuni.csv", title="")).date == "2024-01-01"


def test_a_file_without_any_year_is_refused(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    assert "the year cannot be told" in refused(posas(posas_rows, title=""))


def test_totals_are_not_needed(
    read: Callable[[Path], Residents], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    assert total(read(posas(posas_rows[posas_rows["age"] != 999]))) == EVERYBODY


def test_numbers_with_a_thousands_dot_are_read(
    read: Callable[[Path], Residents], posas_text: Callable[..., str], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    milan = posas_rows[(posas_rows["municipality_code"] == "015146") & (posas_rows["age"] == 40)].iloc[0]
    males = str(milan["males"])
    dotted = f"{males[:-3]}.{males[-3:]}"
    path = tmp_path / "synthetic.csv"
    text = posas_text(posas_rows)
    assert f'"Milano";40;{males};' in text
    path.write_text(text.replace(f'"Milano";40;{males};', f'"Milano";40;{dotted};'), "utf-8")
    assert total(read(path)) == EVERYBODY


def test_numbers_with_a_decimal_point_are_never_read_as_ten_times_as_many(
    read: Callable[[Path], Residents], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    path = posas(posas_rows.astype({"males": "float", "females": "float"}))
    try:
        residents = read(path)
    except ResidentsFileError:
        return
    assert total(residents) == EVERYBODY


@pytest.fixture
def unmerged(posas_rows: pd.DataFrame) -> pd.DataFrame:
    """Give 015251's residents under the codes it had before: 10 boys and girls of each age in 015246."""
    rows = posas_rows.set_index("municipality_code").loc[["015251"]].reset_index()
    few = 0
    zelo = rows.assign(municipality_code="015246", municipality="Zelo Surrigone", males=few, females=few)
    vermezzo = rows.assign(municipality_code="015235", municipality="Vermezzo")
    for part, sign in ((zelo, 1), (vermezzo, -1)):
        part.loc[part["age"].isin([30, 999]), ["males", "females"]] += sign * 10
    return pd.concat([posas_rows[posas_rows["municipality_code"] != "015251"], vermezzo, zelo])


def test_predecessors_are_added_up_into_their_successor_and_it_is_said(
    read: Callable[[Path], Residents], posas: Callable[..., Path], posas_rows: pd.DataFrame, unmerged: pd.DataFrame
) -> None:
    residents = read(posas(unmerged, layout="wide", year=2019))
    merged = residents.counts[residents.counts["municipality_code"] == "015251"].sort_values("age")
    expected = posas_rows[(posas_rows["municipality_code"] == "015251") & (posas_rows["age"] != 999)]
    assert merged["males"].to_list() == expected["males"].to_list()
    assert merged["females"].to_list() == expected["females"].to_list()
    assert total(residents) == EVERYBODY
    assert any("Vermezzo" in notice.it and "015251" in notice.it for notice in residents.notices)


def test_a_predecessor_without_the_other_is_refused(
    refused: Callable[..., str], posas: Callable[..., Path], unmerged: pd.DataFrame
) -> None:
    assert "015246" in refused(posas(unmerged[unmerged["municipality_code"] != "015246"]))


def test_a_successor_beside_its_predecessors_is_not_counted_twice(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame, unmerged: pd.DataFrame
) -> None:
    both = pd.concat([unmerged, posas_rows[posas_rows["municipality_code"] == "015251"]])
    assert "015251" in refused(posas(both))


def test_a_path_that_does_not_exist_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none.csv", InputMissingError)


@pytest.mark.parametrize("name", ["page.csv", "page.zip"])
@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><html><title>Errore 2026</title></html>", b"\x00\xff" * 99])
def test_what_is_no_posas_file_is_refused(
    refused: Callable[..., str], tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert "is no POSAS file" in refused(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_truncated_zip_is_refused(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame, share: float
) -> None:
    path = posas(posas_rows, "synthetic.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "truncated or damaged" in refused(path)


@pytest.mark.parametrize("filler", [b"\xff", b"\x00"], ids=["no deflate stream", "wrong sum"])
def test_a_damaged_member_is_refused(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame, filler: bytes
) -> None:
    path = posas(posas_rows, "synthetic.zip")
    content = bytearray(path.read_bytes())
    content[5_000:6_000] = filler * 1_000
    path.write_bytes(content)
    assert "truncated or damaged" in refused(path)


@pytest.mark.parametrize("count", [0, 2])
def test_a_zip_with_no_table_or_several_is_refused(refused: Callable[..., str], tmp_path: Path, count: int) -> None:
    path = tmp_path / "synthetic.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "")
        for number in range(count):
            archive.writestr(f"{number}.csv", "")
    assert f"holds {count} CSV files" in refused(path)


@pytest.mark.parametrize("name", ["synthetic.csv", "synthetic.zip"])
def test_a_table_larger_than_any_of_istat_is_not_read_whole(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(residents, "LARGEST_BYTES", 1_000_000)
    path = tmp_path / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("synthetic.csv", bytes(1_000_001))
        assert path.stat().st_size < 2000
    else:
        path.write_bytes(bytes(1_000_001))
    assert "the table is larger than 1 MB, more than that of all Italy" in refused(path)


def test_a_truncated_csv_is_refused_with_what_is_missing(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    path = posas(posas_rows[posas_rows["age"] != 999])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "of 133 municipalities" in refused(path)


def test_a_missing_column_is_refused_by_name(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    path = posas(posas_rows)
    path.write_text(path.read_text("utf-8").replace("Totale femmine", "Altro"), "utf-8")
    assert "the column “totale femmine” is missing" in refused(path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda rows: rows[rows["municipality"] != "Nosate"], "1 of 133 municipalities: Nosate (015155)"),
        (lambda rows: rows[~rows["age"].isin([40, 999])], "133 of 133 municipalities"),
        (
            lambda rows: rows[~((rows["municipality"] == "Nosate") & rows["age"].isin([40, 999]))],
            "1 of 133 municipalities: Nosate (015155)",
        ),
        (lambda rows: rows[~((rows["municipality"] == "Nosate") & (rows["age"] == 40))], "total for 015155"),
        (
            lambda rows: rows.assign(
                males=rows["males"] + (rows["municipality_code"] + rows["age"].astype("str") == "015155999")
            ),
            "total for 015155",
        ),
        (lambda rows: pd.concat([rows, rows.iloc[[5]]]), "already seen on lines 13569"),
        (
            lambda rows: pd.concat([rows, rows.iloc[[5]].assign(municipality_code="15002")]),
            "already seen on lines 13569",
        ),
        (lambda rows: rows.assign(age=rows["age"].where(rows.index != 5, 101)), "on lines 8"),
        (lambda rows: rows.assign(males=rows["males"].where(rows.index != 5, -1)), "on lines 8"),
        (lambda rows: rows.assign(age=rows["age"].astype(object).where(rows.index != 5, "n.d.")), "on lines 8"),
    ],
    ids=[
        "missing municipality",
        "missing age everywhere",
        "missing age in one place",
        "missing age under a total",
        "wrong total",
        "repeated row",
        "repeated row in another spelling",
        "impossible age",
        "negative number",
        "age in words",
    ],
)
def test_tables_that_do_not_add_up_are_refused_with_the_place(
    refused: Callable[..., str],
    posas: Callable[..., Path],
    posas_rows: pd.DataFrame,
    spoil: Callable[[pd.DataFrame], pd.DataFrame],
    said: str,
) -> None:
    assert said in refused(posas(spoil(posas_rows)))


@pytest.mark.parametrize("wrong", ["..", "", "inf", "1e400"])
def test_an_unreadable_number_is_refused_with_its_line(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame, wrong: str
) -> None:
    path = posas(posas_rows)
    lines = path.read_text("utf-8").splitlines()
    cells = lines[7].split(";")
    lines[7] = ";".join([*cells[:3], wrong, *cells[4:]])
    path.write_text("\n".join(lines), "utf-8")
    assert "on lines 8" in refused(path)


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.replace('"Età"', '"Eta\'"').encode(),
        lambda text: text.replace('"Età"', '"ETÀ (anni)"').encode("utf-16"),
        lambda text: text.replace('"Codice comune"', '" codice  Comune "').encode("utf-8-sig"),
        lambda text: ("\n;;;;;\n" + text.replace(";", "\t")).encode("utf-16-le"),
        lambda text: ("sep=;\n" + text).encode(),
    ],
    ids=["apostrophe", "remark", "blanks", "tabs", "named delimiter"],
)
def test_a_table_that_an_office_saved_again_is_read(
    read: Callable[[Path], Residents],
    posas_text: Callable[..., str],
    posas_rows: pd.DataFrame,
    tmp_path: Path,
    write: Callable[[str], bytes],
) -> None:
    (tmp_path / "synthetic.csv").write_bytes(write(posas_text(posas_rows)))
    assert total(read(tmp_path / "synthetic.csv")) == EVERYBODY


def test_a_workbook_is_read(
    read: Callable[[Path], Residents], posas_text: Callable[..., str], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for line in csv.reader(posas_text(posas_rows).splitlines(), delimiter=";"):
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line])
    book.save(tmp_path / "synthetic.xlsx")
    residents = read(tmp_path / "synthetic.xlsx")
    assert total(residents) == EVERYBODY
    assert residents.date == "2026-01-01"


def test_every_row_is_counted_or_listed(
    read: Callable[[Path], Residents], posas_text: Callable[..., str], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    stranger = posas_rows.head(102).assign(municipality_code="001001", municipality="Agliè")
    text = posas_text(pd.concat([posas_rows, stranger])) + '\n"Fonte: Istat"\n"001002";"Airasca";0;;\n'
    (tmp_path / "synthetic.csv").write_text(text, "utf-8")
    assert [notice.en for notice in read(tmp_path / "synthetic.csv").notices] == [
        "Rows with residents: 13668; of the territory's municipalities 13566, of others 102.",
        "Rows of notes, or without numbers, not read: 2 (13672-13673).",
    ]


def test_a_code_that_no_municipality_has_is_none_of_another_place(
    read: Callable[[Path], Residents], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    nobodys = posas_rows.head(102).assign(municipality_code="015999", municipality="X")
    found = read(posas(pd.concat([posas_rows, nobodys])))
    assert total(found) == EVERYBODY
    counts, listed = (notice.en for notice in found.notices)
    assert counts.endswith(" municipalities 13566, of others 0, with a code that no municipality has 102.")
    assert listed == "Rows with a code that no municipality has, not counted: 13569-13670."


def test_codes_that_cannot_be_read_are_listed_by_line(
    refused: Callable[..., str], posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    odd = posas_rows.iloc[[5, 6, 9]].assign(municipality_code="99")
    assert "unreadable municipality code on lines 13569-13571;" in refused(posas(pd.concat([posas_rows, odd])))
