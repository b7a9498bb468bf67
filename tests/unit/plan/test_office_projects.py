import csv
import io
from collections.abc import Callable

import pandas as pd
import pytest

from psttm_geo.core.errors import TableError
from psttm_geo.plan.office_projects import TEMPLATE, template_text, unknown_number
from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects

Reader = Callable[..., Projects]


def register(*rows: dict[str, object], header: tuple[str, ...] = tuple(TEMPLATE), delimiter: str = ",") -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[row.get(name, "") for name in header] for row in rows])
    return buffer.getvalue()


def project(code: str = "P1", comuni: object = "015146", **cells: object) -> dict[str, object]:
    return {"codice": code, "comuni": comuni, **cells}


def test_a_full_row_is_read_whole(projects_of: Reader) -> None:
    row = project(
        comuni="015146;015118",
        titolo="Scuola",
        edizione="2022-2024",
        driver="7",
        missione="4",
        importo_eur="1.234,50",
        stato="in corso",
        data_inizio="2023-02-01",
        data_fine="2024-12-31",
    )
    found = projects_of(register(row))
    said = ["project", "title", "edition", "drivers", "mission", "amount_eur", "status"]
    assert found.projects[[*said, "start_date", "end_date", "extent", "row"]].to_dict("records") == [
        {
            "project": "P1",
            "title": "Scuola",
            "edition": "2022-2024",
            "drivers": "7",
            "mission": 4,
            "amount_eur": 1234.5,
            "status": "in corso",
            "start_date": "2023-02-01",
            "end_date": "2024-12-31",
            "extent": "comuni",
            "row": 2,
        }
    ]
    assert found.drivers.to_numpy().tolist() == [["P1", "2022-2024", 7, "registro"]]
    whole = [["P1", "015146", 0.5, "parti uguali"], ["P1", "015118", 0.5, "parti uguali"]]
    assert found.places.to_numpy().tolist() == whole
    assert found.notices == ()
    assert found.source.title == "Registro dei progetti dell'ente (register.csv)"


def test_a_bare_row_leaves_unknown_what_it_does_not_say(projects_of: Reader) -> None:
    found = projects_of("codice,comuni\nP1,015146\n").projects
    assert found[["mission", "amount_eur"]].isna().all(axis=None)
    assert found["drivers"].to_list() == [""]
    assert found["edition"].to_list() == [UNKNOWN_EDITION], "not the latest: nobody says so"
    assert found[["title", "status", "start_date", "end_date"]].to_numpy().tolist() == [["", "", "", ""]]


@pytest.mark.parametrize("written", ["15146", "15146.0", "15.146", " 015146 "])
def test_a_code_without_zeros_is_read_and_said(projects_of: Reader, written: str) -> None:
    found = projects_of(register(project(comuni=written)))
    assert found.places["municipality_code"].to_list() == ["015146"]
    assert bool(found.notices) is (written.strip() != "015146")


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Milano", ["015146"]),
        ("MILANO (MI)", ["015146"]),
        ("Comune di Milano", ["015146"]),
        ("F205", ["015146"]),
        ("03015146", ["015146"]),
        ("'015146", ["015146"]),
        ("15,146", ["015146"]),
        ("Cassano d'Adda, Locate Triulzi", ["015059", "015125"]),
        ("Sesto S. Giovanni; S. Giuliano M.se", ["015209", "015195"]),
        ("Rho (MI), Milano (MI)", ["015182", "015146"]),
        ("Rho, Milano", ["015182", "015146"]),
        ("Rho e Milano", ["015182", "015146"]),
        ("Rho/Milano", ["015182", "015146"]),
        ("F205 015118", ["015146", "015118"]),
    ],
)
def test_municipalities_are_read_as_offices_write_them(projects_of: Reader, written: str, codes: list[str]) -> None:
    found = projects_of(register(project(comuni=written)))
    assert found.places["municipality_code"].to_list() == codes


def test_a_name_of_the_plan_is_said_with_the_code_it_was_read_as(projects_of: Reader) -> None:
    found = projects_of(register(project(comuni="Milano; Locate Triulzi; Vermezzo")))
    assert [notice.en for notice in found.notices] == [
        "row 2: Locate Triulzi read as 015125.",
        "row 2: Vermezzo read as 015251.",
    ]


def test_a_refusal_counts_the_rows_with_and_without_faults(projects_of: Reader) -> None:
    with pytest.raises(TableError) as error:
        projects_of(register(project("P0"), project(comuni="", driver="13"), project("P2"), project("P0")))
    assert str(error.value).startswith(
        "trovati 3 errori nelle tabelle (righe con errori: 2; senza errori: 2; in tutto: 4):"
    )


@pytest.mark.parametrize("separator", [";", ",", "|", " ", "; ", "\n"])
def test_municipalities_are_parted_by_any_usual_mark(projects_of: Reader, separator: str) -> None:
    found = projects_of(register(project(comuni=separator.join(["015146", "015118", "015146"]))))
    assert found.places["municipality_code"].to_list() == ["015146", "015118"]


def test_predecessors_become_their_successor_once_and_it_is_said(projects_of: Reader) -> None:
    found = projects_of(register(project(comuni="015235;015246"), project("P2", comuni="15235")))
    assert found.places[["project", "municipality_code"]].to_numpy().tolist() == [["P1", "015251"], ["P2", "015251"]]
    said = " ".join(notice.en for notice in found.notices)
    assert "row 2: 015235 read as 015251" in said
    assert "row 3: 015235 read as 015251" in said


BAD_CELLS = {
    "unknown municipality": (project(comuni="015999"), "no municipality has the code “015999”"),
    "municipality elsewhere": (project(comuni="058091"), "municipality “058091” is not in the territory"),
    "municipality of no such name": (project(comuni="Atlantide"), "municipality “Atlantide” is not known, expected"),
    "name cut too short": (project(comuni="S. Donato"), "municipality “S. Donato” is not known"),
    "name with another province": (project(comuni="Milano (RM)"), "municipality “Milano (RM)” is not known"),
    "municipality of the ring": (project(comuni="Monza"), "municipality “Monza” is not in the territory"),
    "municipality elsewhere by name": (project(comuni="Roma"), "municipality “Roma” is not in the territory"),
    "code of no province": (project(comuni="999999"), "no municipality has the code “999999”"),
    "code with another region": (project(comuni="01015146"), "no municipality has the code “01015146”"),
    "one name of several": (project(comuni="Rho, Atlantide"), "municipality “Atlantide” is not known"),
    "what a formula left": (project("#RIF!"), "code “#RIF!” is a formula error"),
    "what a formula left for a place": (project(comuni="#RIF!"), "comuni “#RIF!” is a formula error"),
    "what a formula left for a figure": (project(importo_eur="#N/D"), "importo_eur “#N/D” is a formula error"),
    "what another program left": (project(driver="Err:502"), "driver “Err:502” is a formula error"),
    "narrow column": (project(data_inizio="########"), "data_inizio “########” is a formula error"),
    "negative amount": (project(importo_eur="-1.234,50"), "importo_eur “-1.234,50” is negative, expected an amount"),
    "no amount": (project(importo_eur="-x"), "importo_eur “-x” cannot be read without doubt"),
    "end before start": (
        project(data_inizio="2025-03-04", data_fine="03/03/2025"),
        "data_fine 2025-03-03 comes before data_inizio 2025-03-04",
    ),
    "code but for case": (project("p0"), "code “p0” stands on row 2 already (“P0”)"),
    "one of several": (project(comuni="015146;015999"), "no municipality has the code “015999”"),
    "no municipality": (project(comuni=""), "the municipality is missing"),
    "no code": ({"titolo": "x", "comuni": "015146"}, "the project's code is missing"),
    "driver of no edition": (
        project(driver="13"),
        "unknown driver “13”, expected one of: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, or nothing",
    ),
    "unknown driver": (
        project(driver="10", edizione="2025-2027"),
        "unknown driver “10” in 2025-2027, expected one of: 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, or nothing",
    ),
    "driver of another edition": (
        project(driver="11", edizione="2022-2024"),
        "unknown driver “11” in 2022-2024, expected one of: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, or nothing",
    ),
    "driver zero": (project(driver="0"), "unknown driver “0”"),
    "driver in words": (project(driver="Lavoro"), "unknown driver “Lavoro”"),
    "unknown mission": (
        project(missione="7", edizione="2022-2024"),
        "unknown missione “7” in 2022-2024, expected one of: 1, 2, 3, 4, 5, 6, or nothing",
    ),
    "unknown edition": (project(edizione="2019-2021"), "unknown edition “2019-2021”, expected one of: 2022-2024, 2025"),
}


@pytest.mark.parametrize("case", BAD_CELLS.values(), ids=BAD_CELLS)
def test_a_wrong_cell_is_named_with_its_row(
    faults_of: Callable[..., list], case: tuple[dict[str, object], str]
) -> None:
    row, said = case
    ((found, words),) = faults_of(register(project("P0"), row))
    assert found == 3
    assert said in words


def test_a_project_of_unknown_edition_has_a_driver_of_any(projects_of: Reader) -> None:
    found = projects_of(register(project("P1", driver="10"), project("P2", driver="12"))).projects
    assert found["drivers"].to_list() == ["10", "12"]
    assert set(found["edition"]) == {UNKNOWN_EDITION}


def test_drivers_and_missions_are_those_of_the_edition(projects_of: Reader) -> None:
    rows = [project("P1", driver="12", missione="7"), project("P2", driver="10", missione="6", edizione="2022-2024")]
    found = projects_of(register(*rows)).projects
    assert found[["drivers", "mission"]].to_numpy().tolist() == [["12", 7], ["10", 6]]


def test_an_unknown_edition_is_one_fault_and_hides_no_other(faults_of: Callable[..., list]) -> None:
    found = faults_of(register(project(edizione="2019-2021", driver="13", missione="7")))
    assert [said.split(",")[0] for _, said in found] == ["unknown edition “2019-2021”", "unknown driver “13”"]


def test_an_edition_without_drivers_is_said_to_have_none() -> None:
    said = unknown_number("driver", "1", "2028-2030", set())
    assert said.en == "unknown driver “1” in 2028-2030, the tables have none"


@pytest.mark.parametrize("driver", ["7", "07", "7.0", "7,0"])
def test_a_driver_may_be_written_as_a_number_is(projects_of: Reader, driver: str) -> None:
    assert projects_of(register(project(driver=driver))).projects["drivers"].to_list() == ["7"]


def test_a_repeated_code_names_both_rows(faults_of: Callable[..., list]) -> None:
    found = faults_of(register(project(), project("P2"), project(), project()))
    assert [row for row, _ in found] == [4, 5]
    assert all("“P1” stands on row 2 already" in said for _, said in found)


def test_a_number_is_refused_in_both_languages() -> None:
    said = unknown_number("missione", "7", "", [1, 2])
    assert said.it == "valore di missione sconosciuto: «7»; i valori ammessi sono: 1, 2"
    assert said.en == "unknown missione “7”, expected one of: 1, 2"


def test_a_project_may_end_on_the_day_it_starts(projects_of: Reader) -> None:
    found = projects_of(register(project(data_inizio="2025-03-04", data_fine="2025-03-04")))
    assert found.projects[["start_date", "end_date"]].to_numpy().tolist() == [["2025-03-04", "2025-03-04"]]


@pytest.mark.parametrize("text", ["#N/D", "#N/A", "#RIF!", "#REF!", "#NOME?", "#VALORE!", "#DIV/0!", "Err:508"])
def test_what_a_failed_formula_left_is_no_title_and_is_said(projects_of: Reader, text: str) -> None:
    found = projects_of(register(project(titolo=text, stato="in corso"), project("P2", titolo="#1 in Italia")))
    assert found.projects["title"].to_list() == ["", "#1 in Italia"]
    assert [said.en for said in found.notices] == [f"row 2: titolo “{text}” is a formula error, read as a blank cell."]


def test_a_project_whose_code_begins_as_explanations_do_is_one(projects_of: Reader) -> None:
    found = projects_of("codice,titolo,comuni\n# 7,Pista,015146\n# P8,Scuola,Milano\n# nota,,\n")
    assert found.projects[["project", "row"]].to_numpy().tolist() == [["# 7", 2], ["# P8", 3]]
    assert [said.en for said in found.notices] == ["rows that begin with “#”, read as explanations and not as data: 4."]
    (said,) = projects_of("codice,titolo,comuni\n# P8,Scuola,Milano\nP9,x,015146\n").notices
    assert said.it == "righe che cominciano con «#», lette come spiegazioni e non come dati: 2."


def test_all_faults_of_a_file_are_listed_at_once(faults_of: Callable[..., list]) -> None:
    text = register(
        project("P0"),
        project(comuni="015999;058091", importo_eur="x", data_inizio="y"),
        project("P2", driver="13", missione="9"),
        project("P0"),
    )
    assert [row for row, _ in faults_of(text)] == [3, 3, 3, 3, 4, 4, 5]


def test_the_template_is_an_empty_register_that_explains_itself(faults_of: Callable[..., list]) -> None:
    header, told = csv.reader(io.StringIO(template_text()))
    assert header == list(TEMPLATE)
    assert [cell.removeprefix("# ") for cell in told] == [text.it for text in TEMPLATE.values()]
    assert faults_of(template_text()) == [(None, "there is no row below the header; add some or give another table.")]


def test_a_template_filled_in_below_its_explanation_is_read(projects_of: Reader) -> None:
    found = projects_of(template_text() + "P1,Scuola,015146,,7,4,1000,,,\n")
    assert found.projects[["project", "drivers", "row"]].to_numpy().tolist() == [["P1", "7", 3]]


@pytest.mark.parametrize("text", ["code,place\nP1,015146\n", "codice;titolo\nP1;x\n", "comuni\n015146\n"])
def test_missing_columns_are_named_on_the_header(faults_of: Callable[..., list], text: str) -> None:
    ((row, said),) = faults_of(text)
    assert row == 1
    assert "are missing (expected: codice, titolo, comuni, " in said
    assert "psttm-geo template projects" in said


def test_columns_that_are_none_of_the_register_are_named_with_the_one_that_was_meant(projects_of: Reader) -> None:
    found = projects_of("codice,comuni,importo,driwer,note,Data_Inizio\nP1,015146,10,1,x,2025-01-01\n")
    assert [notice.en for notice in found.notices] == [
        "columns not known and not read: “importo” (“importo_eur”?), “driwer” (“driver”?), “note”."
    ]
    assert found.projects["amount_eur"].isna().all()
    assert found.drivers.empty
    assert found.projects["start_date"].to_list() == ["2025-01-01"]


def test_a_column_that_is_there_is_not_what_another_one_meant(projects_of: Reader) -> None:
    (notice,) = projects_of("codice,comuni,importo_eur,importo\nP1,015146,10,11\n").notices
    assert notice.it == "colonne non riconosciute e non lette: «importo»."


def test_a_column_without_a_name_is_named_by_its_place(projects_of: Reader) -> None:
    (notice,) = projects_of("codice,,comuni\nP1,x,015146\n").notices
    assert notice.en == "columns not known and not read: “” (column 2)."


def test_a_code_that_a_spreadsheet_could_not_compute_is_not_passed_over(faults_of: Callable[..., list]) -> None:
    text = register(project("P1"), project("#REF!", comuni="015999"))
    assert 3 in [row for row, _ in faults_of(text)]


@pytest.mark.parametrize("header", ["codice,comuni,codice", "codice,comuni,,", "cup,driver,cup,codice,comuni"])
def test_columns_written_twice_are_refused_or_harmless_never_a_traceback(projects_of: Reader, header: str) -> None:
    try:
        found = projects_of(f"{header}\nP1,015146,P1,,\n")
    except TableError:
        return
    assert found.projects["project"].to_list() == ["P1"]


def test_a_sheet_is_read_with_numbers_and_dates_as_excel_keeps_them(projects_of: Reader) -> None:
    day = pd.Timestamp("2025-03-04").to_pydatetime()
    found = projects_of(
        [
            ["codice", "comuni", "driver", "importo_eur", "data_inizio"],
            ["P1", 15146, 7, 1234.5, day],
            [2, 15146.0, None, 10],
        ],
        "register.xlsx",
    )
    assert found.projects[["project", "start_date", "row"]].to_numpy().tolist() == [
        ["P1", "2025-03-04", 2],
        ["2", "", 3],
    ]
    assert found.projects["amount_eur"].to_list() == [1234.5, 10]
    assert found.places["municipality_code"].to_list() == ["015146", "015146"]


@pytest.mark.parametrize("amount", [12.345, 0.125, 1234.567])
def test_a_number_of_a_sheet_is_never_taken_for_thousands(projects_of: Reader, amount: float) -> None:
    try:
        found = projects_of([["codice", "comuni", "importo_eur"], ["P1", "015146", amount]], "register.xlsx")
    except TableError:
        return
    assert found.projects["amount_eur"].to_list() == [pytest.approx(amount, abs=0.01)]


def test_a_formula_is_kept_as_text_and_never_computed(projects_of: Reader) -> None:
    formula = '=HYPERLINK("http://example.org";"x")'
    rows = [["codice", "titolo", "comuni", "stato"], ["P1", formula, "015146", "=1+1"]]
    found = projects_of(rows, "register.xlsx").projects
    assert found[["title", "status"]].to_numpy().tolist() == [[formula, "=1+1"]]


@pytest.mark.parametrize("column", ["importo_eur", "driver", "missione", "data_inizio", "comuni", "edizione"])
def test_a_formula_where_a_figure_belongs_is_refused(faults_of: Callable[..., list], column: str) -> None:
    cells = project() | {column: "=1000+1"}
    found = faults_of([list(cells), list(cells.values())], "register.xlsx")
    assert {row for row, _ in found} == {2}
    assert "“=1000+1”" in found[0][1]


def test_html_is_kept_as_the_text_it_is(projects_of: Reader) -> None:
    text = "<img src=x onerror=alert(1)>&amp;"
    assert projects_of(register(project(titolo=text))).projects["title"].to_list() == [text]


def test_50_000_rows_are_read_whole(projects_of: Reader) -> None:
    rows = [project(f"P{n}", importo_eur=str(n), driver=str(n % 8 + 1)) for n in range(50_000)]
    found = projects_of(register(*rows))
    assert len(found.projects) == len(found.places) == 50_000
    assert found.projects["amount_eur"].sum() == sum(range(50_000))
    assert found.projects["row"].iloc[-1] == 50_001


def test_every_fault_of_many_is_listed(faults_of: Callable[..., list]) -> None:
    assert len(faults_of(register(*(project(f"P{n}", driver="13") for n in range(2000))))) == 2000
