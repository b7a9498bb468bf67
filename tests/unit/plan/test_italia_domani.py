"""Italia Domani's open data: every layout, places and shares, amounts, what is left out and said."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.plan.italia_domani import open_files, read_italia_domani
from psttm_geo.plan.packed_projects import pack_projects, read_packed
from psttm_geo.plan.project_records import Projects
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.gazetteer import Gazetteer
from psttm_geo.territory.snapshot import read_gazetteer

CUP, OTHER, THIRD = "A11B22000010001", "A11B22000020001", "A11B22000030001"

PROJECT_HEADER = (
    "Missione;Codice Univoco Submisura;Descrizione Submisura;CUP;Codice Locale Progetto;Titolo Progetto;"
    "Soggetto Attuatore;Finanziamento PNRR;Finanziamento Totale;Data Inizio Progetto Prevista;"
    "Data Fine Progetto Effettiva;Stato Avanzamento Progetto;Descrizione Fase Iter di Progetto;"
    "Stato Fase Iter di Progetto;Data di Estrazione"
)

PLACE_HEADER = (
    "Codice Univoco Submisura;CUP;Codice Locale Progetto;Regione;Provincia;Comune;Percentuale di Localizzazione"
)


def project(cup: str = CUP, local: str = "L1", total: str = "1000,50", **cells: str) -> str:
    said = {"measure": "M5C2I2.03.01", "body": "COMUNE DI RHO", "pnrr": "800,00", "start": "01/02/2023", "end": ""}
    said |= {"title": "Scuola"} | cells
    return (
        f"M5;{said['measure']};PINQUA;{cup};{local};{said['title']};{said['body']};{said['pnrr']};{total};{said['start']};"
        f"{said['end']};In corso;Esecuzione lavori;Avviata;13/06/2026"
    )


def place(
    cup: str = CUP, municipality: str = "182", share: str = "", *, local: str = "L1", province: str = "15"
) -> str:
    return f"M5C2I2.03.01;{cup};{local};3;{province};{municipality};{share}"


Read = Callable[..., Projects]


@pytest.fixture(scope="module")
def gazetteer(register: Register) -> Gazetteer:
    return read_gazetteer(register)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str, Sequence[str]], Path]:
    def write(name: str, header: str, rows: Sequence[str]) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows, ""]), "utf-8-sig")
        return path

    return write


@pytest.fixture
def read(write: Callable[[str, str, Sequence[str]], Path], gazetteer: Gazetteer, register: Register) -> Read:
    def read(projects: Sequence[str], places: Sequence[str], **others: tuple[str, Sequence[str]]) -> Projects:
        paths = [
            write("PNRR_Progetti.csv", PROJECT_HEADER, projects),
            write("PNRR_Localizzazione.csv", PLACE_HEADER, places),
            *(write(f"{name}.csv", header, rows) for name, (header, rows) in others.items()),
        ]
        return read_italia_domani(open_files(paths, register.tables["published_columns.csv"]), gazetteer)

    return read


def first(found: Projects) -> Mapping[str, object]:
    return found.projects.iloc[0].to_dict()


def shares(found: Projects) -> dict[str, float]:
    return dict(zip(found.places["municipality_code"], found.places["share"].round(6), strict=True))


def test_a_row_of_today_is_read_with_its_amounts_dates_phase_and_body(read: Read) -> None:
    found = read([project(end="00/01/1900")], [place()])
    row = first(found)
    assert (row["amount_eur"], row["pnrr_eur"]) == (1000.5, 800.0)
    assert (row["start_date"], row["actual_end_date"]) == ("2023-02-01", "")
    assert (row["status"], row["phase"]) == ("In corso", "Esecuzione lavori, Avviata")
    assert (row["body"], row["body_kind"], row["pnrr_mission"]) == ("COMUNE DI RHO", "comune", "M5")
    assert (row["submeasure"], row["measure_title"], row["extent"]) == ("M5C2I2.03.01", "PINQUA", "comuni")
    assert pd.isna(row["awarded_eur"])
    assert pd.isna(row["paid_eur"])
    assert row["drivers"] == ""
    assert found.source.reference_date == "2026-06-13"
    assert shares(found) == {"015182": 1.0}
    assert first(read([project(end="05/06/2026")], [place()]))["actual_end_date"] == "2026-06-05"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("CITTA' METROPOLITANA DI MILANO", "citta_metropolitana"),
        ("Comune di Abbiategrasso", "comune"),
        ("COMUNE DI NESSUNO", "altro"),
        ("POLITECNICO DI MILANO", "altro"),
        ("", ""),
    ],
)
def test_bodies_are_the_city_municipalities_or_others(read: Read, body: str, kind: str) -> None:
    assert first(read([project(body=body)], [place()]))["body_kind"] == kind


def test_published_shares_divide_the_amount_and_what_is_outside_stays_outside(read: Read) -> None:
    found = read(
        [project()],
        [
            place(share="50,00"),
            place(municipality="146", share="30"),
            place(municipality="1", share="20", province="16"),
        ],
    )
    assert shares(found) == {"015182": 0.5, "015146": 0.3}
    assert set(found.places["rule"]) == {"quota pubblicata"}


@pytest.mark.parametrize("share", ["", "10"])
def test_without_whole_shares_places_take_equal_parts(read: Read, share: str) -> None:
    found = read(
        [project()],
        [place(share="50,00"), place(municipality="146", share=share), place(municipality="1", province="16")],
    )
    assert shares(found) == {"015182": round(1 / 3, 6), "015146": round(1 / 3, 6)}
    assert set(found.places["rule"]) == {"parti uguali"}


def test_a_municipality_with_several_addresses_is_one_place(read: Read) -> None:
    found = read([project()], [place(share="25"), place(share="25"), place(municipality="146", share="50")])
    assert shares(found) == {"015182": 0.5, "015146": 0.5}


@pytest.mark.parametrize("code", ["182", "015182", "15182"])
def test_a_municipality_is_written_within_its_province_or_whole(read: Read, code: str) -> None:
    assert shares(read([project()], [place(municipality=code)])) == {"015182": 1.0}
    assert shares(read([project()], [place(municipality="10")])) == {"015010": 1.0}


def test_a_municipality_of_before_a_merger_is_its_successor(read: Read) -> None:
    assert shares(read([project()], [place(municipality="235")])) == {"015251": 1.0}


def test_rows_of_one_cup_are_one_project_whose_amounts_add_up_and_weigh_its_places(read: Read) -> None:
    found = read(
        [project(local="L1", total="300"), project(local="L2", total="100", measure="M4C1I3.03.00")],
        [place(local="L1"), place(local="L2", municipality="146")],
    )
    assert (len(found.projects), first(found)["amount_eur"]) == (1, 400.0)
    assert first(found)["submeasure"] == "M4C1I3.03.00; M5C2I2.03.01"
    assert shares(found) == {"015182": 0.75, "015146": 0.25}


@pytest.mark.parametrize("total", ["N/D", "", "####", "***"])
def test_an_amount_that_is_not_stated_is_not_known(read: Read, total: str) -> None:
    found = read([project(total="100"), project(local="L2", total=total)], [place(), place(local="L2")])
    assert pd.isna(first(found)["amount_eur"]), "a part that is not known is not zero"


@pytest.mark.parametrize(
    ("written", "amount"), [("114.000.000", 114e6), ("150.000", 150_000), ("1.234,5", 1234.5), ("0,00", 0)]
)
def test_amounts_are_read_in_every_notation(read: Read, written: str, amount: float) -> None:
    assert first(read([project(total=written)], [place()]))["amount_eur"] == amount


def test_the_whole_province_counts_in_no_municipality(read: Read) -> None:
    found = read([project()], [place(municipality="0")])
    assert first(found)["extent"] == "provincia"
    assert found.places.empty
    assert any(
        "CUPs located on the whole province: in the totals, in no municipality: 1." in said.en for said in found.notices
    )


def test_places_elsewhere_of_a_region_or_the_country_are_counted_apart(read: Read) -> None:
    places = [place(), place(OTHER, "1", province="16"), place(THIRD, "0", province="0")]
    found = read([project(), project(OTHER), project(THIRD)], places)
    assert found.projects["project"].to_list() == [CUP]
    assert found.notices[0].en == "CUPs in the territory: 1; elsewhere 1, of the whole region or country 1."


def test_what_is_no_cup_and_what_is_no_row_is_counted_and_said(read: Read) -> None:
    found = read(
        [project(), project("N/A2"), *[project(OTHER)] * 300, "M5;x;y"],
        [place(), place("N/D"), place(municipality="999")],
    )
    said = " ".join(notice.en for notice in found.notices)
    assert "PNRR_Progetti.csv: rows without a valid CUP, not read: 1 (3)." in said
    assert "PNRR_Localizzazione.csv: rows without a valid CUP, not read: 1 (3)." in said
    assert "PNRR_Localizzazione.csv: rows with a municipality that is none: 1 (4)." in said
    assert "PNRR_Progetti.csv: lines that are no rows: 1 (304)." in said


def test_a_quote_that_is_left_open_costs_no_other_row(read: Read) -> None:
    rows = [project(), project(OTHER, title='"Aperta'), *[project(THIRD, f"L{number}") for number in range(150)]]
    found = read(rows, [place(), place(OTHER), *[place(THIRD, local=f"L{number}") for number in range(150)]])
    assert set(found.projects["project"]) == {CUP, OTHER, THIRD}
    assert found.projects.set_index("project")["amount_eur"][THIRD] == pytest.approx(150 * 1000.5)


def test_a_title_with_a_line_end_is_one_row(read: Read) -> None:
    found = read([project(title='"Scuola\nmedia"'), project(OTHER)], [place(), place(OTHER)])
    assert found.projects["title"].to_list() == ["Scuola\nmedia", "Scuola"]


def test_a_row_that_repeats_another_counts_once_and_with_other_amounts_is_a_fault(read: Read) -> None:
    found = read([project(), project()], [place()])
    assert first(found)["amount_eur"] == 1000.5
    assert any("Rows of projects that repeat another one, counted once: 1." in said.en for said in found.notices)
    with pytest.raises(TableError) as refused:
        read([project(), project(total="7"), project(OTHER, total="tanto")], [place(), place(OTHER)])
    assert [fault.row for fault in refused.value.faults] == [3, 4]


def test_what_is_awarded_and_paid_are_sums_of_their_own_files(read: Read) -> None:
    tenders = (
        "CUP;Codice Locale Progetto;CIG;Importo Aggiudicazione",
        [f"{CUP};L1;Z1;10,5", f"{CUP};L1;Z2;20", f"{CUP};L1;Z2;20", f"{OTHER};;Z3;7", "N/A2;L1;Z4;8"],
    )
    payments = "CUP;Codice Locale Progetto;Pagamento Totale", [f"{CUP};L1;5"]
    found = read([project()], [place()], gare=tenders, pagamenti=payments)
    row = first(found)
    assert (row["amount_eur"], row["awarded_eur"], row["paid_eur"]) == (1000.5, 30.5, 5.0)
    said = " ".join(notice.en for notice in found.notices)
    assert "gare.csv: rows 5, of which 3 of CUPs in the territory." in said
    assert "gare.csv: rows without a valid CUP, not read: 1 (6)." in said
    assert "gare.csv: rows that repeat another one, counted once: 1 (4)." in said


def test_a_sum_with_a_part_that_is_not_stated_is_not_known_and_its_rows_are_listed(read: Read) -> None:
    payments = "CUP;Codice Locale Progetto;Pagamento Totale", [f"{CUP};L1;5", f"{CUP};L2;N/D", f"{CUP};L3;7"]
    found = read([project()], [place()], pagamenti=payments)
    assert pd.isna(first(found)["paid_eur"])
    said = " ".join(notice.en for notice in found.notices)
    assert "pagamenti.csv: rows without an amount: 1 (3);" in said
    assert "CUPs with a row without an amount: 1. Of their rows 2 of 3 have one, together at least 12.00 euros" in said


def test_what_the_rows_of_a_project_say_differently_is_listed_and_its_days_span_them(read: Read) -> None:
    rows = [
        project(start="01/05/2023", end="02/03/2025", body="COMUNE DI RHO"),
        project(local="L2", start="01/02/2023", end="01/01/2026", body="COMUNE DI PERO"),
    ]
    row = first(read(rows, [place(), place(local="L2")]))
    assert (row["start_date"], row["actual_end_date"]) == ("2023-02-01", "2026-01-01")
    assert (row["body"], row["body_kind"]) == ("COMUNE DI RHO; COMUNE DI PERO", "comune")
    mixed = [project(end="02/03/2025"), project(local="L2", body="POLITECNICO DI MILANO", start="31/31/2023")]
    found = read(mixed, [place(), place(local="L2")])
    assert first(found)["actual_end_date"] == "", "a part that has not ended keeps the project open"
    assert first(found)["body_kind"] == "altro"
    assert any("rows with dates that are none: 1 (3)." in said.en for said in found.notices)
    assert any(said.en.startswith("CUPs of several rows: 1;") for said in found.notices)


def test_dates_out_of_order_are_counted_and_left_as_published(
    write: Callable[[str, str, Sequence[str]], Path], gazetteer: Gazetteer, register: Register
) -> None:
    header = PROJECT_HEADER.replace("Fine Progetto Effettiva", "Fine Progetto Prevista")
    rows = [project(start="01/05/2023", end="30/04/2023"), project(OTHER, end="01/02/2023"), project(THIRD)]
    paths = [write("p.csv", header, rows), write("l.csv", PLACE_HEADER, [place(), place(OTHER), place(THIRD)])]
    found = read_italia_domani(open_files(paths, register.tables["published_columns.csv"]), gazetteer)
    assert found.projects["end_date"].to_list() == ["2023-04-30", "2023-02-01", ""]
    assert any("CUPs that end before they start, as published: 1." in said.en for said in found.notices)


def test_a_project_of_which_no_place_is_published_is_counted(read: Read) -> None:
    found = read([project(), project(OTHER)], [place()])
    assert any("CUPs of which the file of places has none, not read: 1." in said.en for said in found.notices)


def test_a_municipality_with_a_share_that_is_not_stated_has_none(read: Read) -> None:
    found = read([project()], [place(), place(share="50"), place(municipality="146", share="50")])
    assert shares(found) == {"015182": 0.5, "015146": 0.5}
    assert set(found.places["rule"]) == {"parti uguali"}


@pytest.mark.parametrize("missing", [0, 1])
def test_projects_and_places_are_needed_together(
    write: Callable[[str, str, Sequence[str]], Path], gazetteer: Gazetteer, register: Register, missing: int
) -> None:
    paths = [write("a.csv", PROJECT_HEADER, [project()]), write("b.csv", PLACE_HEADER, [place()])]
    del paths[missing]
    with pytest.raises(TableError, match="manca PNRR_"):
        read_italia_domani(open_files(paths, register.tables["published_columns.csv"]), gazetteer)


def test_another_file_among_them_is_refused_and_one_alone_is_none_of_them(
    write: Callable[[str, str, Sequence[str]], Path], register: Register, tmp_path: Path
) -> None:
    columns = register.tables["published_columns.csv"]
    own = write("r.csv", "codice,comuni", ["P1,Rho"])
    assert open_files([own], columns) == []
    with pytest.raises(TableError, match=r"r\.csv: non è un file di Italia Domani"):
        open_files([write("a.csv", PROJECT_HEADER, [project()]), own], columns)
    with pytest.raises(InputMissingError):
        open_files([tmp_path / "nowhere.csv"], columns)


def test_two_files_of_one_kind_are_a_fault_that_names_both(
    write: Callable[[str, str, Sequence[str]], Path], gazetteer: Gazetteer, register: Register
) -> None:
    paths = [write(name, PLACE_HEADER, [place()]) for name in ("a.csv", "b.csv")]
    with pytest.raises(TableError) as refused:
        read_italia_domani(open_files(paths, register.tables["published_columns.csv"]), gazetteer)
    (fault,) = refused.value.faults
    assert (fault.file, fault.row) == ("b.csv", None)
    assert str(paths[0]) in fault.text.en


def test_parquet_says_the_same(read: Read, gazetteer: Gazetteer, register: Register, tmp_path: Path) -> None:
    expected = read([project()], [place(share="100")])
    paths = []
    for name in ("PNRR_Progetti", "PNRR_Localizzazione"):
        table = pd.read_csv(tmp_path / f"{name}.csv", sep=";", dtype={"Comune": str}, decimal=",")
        parquet.write_table(pa.Table.from_pandas(table), tmp_path / f"{name}.parquet")
        paths.append(tmp_path / f"{name}.parquet")
    found = read_italia_domani(open_files(paths, register.tables["published_columns.csv"]), gazetteer)
    pd.testing.assert_frame_equal(found.projects, expected.projects)
    pd.testing.assert_frame_equal(found.places, expected.places)


def test_what_is_kept_reads_the_same_and_holds_nothing_of_others(
    write: Callable[[str, str, Sequence[str]], Path], gazetteer: Gazetteer, register: Register, tmp_path: Path
) -> None:
    columns = register.tables["published_columns.csv"]
    rows = [project(title='"A; ""B"""'), project(OTHER)], [place(share="100"), place(OTHER, "1", province="16")]
    files = open_files([write("p.csv", PROJECT_HEADER, rows[0]), write("l.csv", PLACE_HEADER, rows[1])], columns)
    expected = read_italia_domani(files, gazetteer)
    for name in ("one.zip", "two.zip"):
        pack_projects(tmp_path / name, files, expected)
    found = read_packed(tmp_path / "one.zip", columns, gazetteer)
    pd.testing.assert_frame_equal(found.projects.drop(columns="row"), expected.projects.drop(columns="row"))
    pd.testing.assert_frame_equal(found.places, expected.places)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert OTHER.encode() not in (tmp_path / "one.zip").read_bytes()


def test_files_of_another_place_are_refused_with_a_sentence(read: Read) -> None:
    with pytest.raises(TableError, match="nessun progetto è nel territorio"):
        read([project()], [place(province="16")])


def test_files_of_one_name_are_both_kept(
    write: Callable[[str, str, Sequence[str]], Path], gazetteer: Gazetteer, register: Register, tmp_path: Path
) -> None:
    columns = register.tables["published_columns.csv"]
    (tmp_path / "other").mkdir()
    paths = [write("a.csv", PROJECT_HEADER, [project()]), write("other/a.csv", PLACE_HEADER, [place()])]
    files = open_files(paths, columns)
    pack_projects(tmp_path / "kept.zip", files, read_italia_domani(files, gazetteer))
    assert len(read_packed(tmp_path / "kept.zip", columns, gazetteer).projects) == 1


def test_a_file_of_one_long_line_is_none_of_them(register: Register, tmp_path: Path) -> None:
    (tmp_path / "r.xlsx").write_bytes(b"PK" + bytes(3_000_000))
    assert open_files([tmp_path / "r.xlsx"], register.tables["published_columns.csv"]) == []
