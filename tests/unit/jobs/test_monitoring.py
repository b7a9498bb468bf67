"""The register of implementation, from the tables of an invented office (SINTETICO) to what they answer."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from psttm_geo.app.views import monitoring_view
from psttm_geo.core.errors import InputMissingError, TableError, UnknownNameError
from psttm_geo.core.provenance import SYNTHETIC_MARK, Source
from psttm_geo.core.settings import Settings
from psttm_geo.jobs import monitoring_register
from psttm_geo.jobs.access_observations import observe_access
from psttm_geo.jobs.accessibility import Accessibility
from psttm_geo.jobs.monitoring_register import add_monitoring, export_monitoring, open_monitoring, write_sheet_templates
from psttm_geo.plan.monitoring_sheets import workbook_bytes
from psttm_geo.plan.monitoring_tables import TABLES, csv_text, pack, unpack, written_names
from psttm_geo.project import Project

EXAMPLE = Path(__file__).parent / "monitoring_SINTETICO"

TODAY = date(2026, 11, 30)

LINK = {
    "ente": "015189",
    "triennio": "2026-2028",
    "obiettivo_strategico": "SINTETICO",
    "missione_bilancio": "8",
    "edizione": "2025-2027",
    "obiettivo": "5.10",
    "relazione": "attua",
}

MILESTONE = {
    "codice": "M",
    "edizione": "2025-2027",
    "obiettivo": "5.10",
    "tipo": "milestone",
    "descrizione": "SINTETICO",
    "scadenza": "2026-T4",
}

AGREEMENT = {"codice": "A", "tipo": "intesa", "partner": "SINTETICO", "oggetto": "SINTETICO"}

INDICATOR = {
    "codice": "K",
    "sistema": "BES",
    "nome": "SINTETICO",
    "natura": "stock",
    "unita": "%",
    "livello_minimo": "zona",
}

OBSERVATION = {"indicatore": "K", "luogo": "zona Sud Est", "valore": "1", "data": "2026-01-01", "fonte": "SINTETICO"}

UPDATE = {
    "data": "2026-02-01",
    "edizione": "2025-2027",
    "tabella": "goals",
    "chiave": "5.10",
    "campo": "note",
    "prima": "",
    "dopo": "SINTETICO",
}

SMALLEST = {
    "agreements": AGREEMENT,
    "dup_links": LINK,
    "milestones": MILESTONE,
    "indicators": INDICATOR,
    "observations": OBSERVATION,
    "updates": UPDATE,
}


@pytest.fixture
def project(tmp_path: Path, settings: Settings) -> Project:
    return Project(settings.model_copy(update={"workspace": tmp_path / "workspace"}))


@pytest.fixture
def other(tmp_path: Path, settings: Settings) -> Project:
    return Project(settings.model_copy(update={"workspace": tmp_path / "other"}))


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows of a table as CSV."""

    def write(table: str, *rows: dict[str, str], name: str = "") -> Path:
        path = tmp_path / (name or f"{table}.csv")
        path.write_text(
            csv_text([written_names(table), *([row.get(key, "") for key in written_names(table)] for row in rows)]),
            "utf-8",
        )
        return path

    return write


def faults_of(project: Project, *files: Path) -> list[tuple[str, int | None, str]]:
    """Give file, row and English words of every fault; nothing was loaded."""
    with pytest.raises(TableError) as error:
        add_monitoring(project, files)
    assert "monitoring" not in project.workspace.inputs
    return [(fault.file, fault.row, fault.text.en) for fault in error.value.faults]


def example() -> list[Path]:
    return [EXAMPLE / f"{table}.csv" for table in TABLES]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_out_in_out_gives_the_same_bytes_of_every_table(
    project: Project, other: Project, tmp_path: Path, form: str
) -> None:
    add_monitoring(project, example())
    out = export_monitoring(project, tmp_path / "out", form=form)
    assert [path.stem for path in out] == list(TABLES)
    add_monitoring(other, [tmp_path / "out"])
    again = export_monitoring(other, tmp_path / "again", form=form)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in out]
    if form == "csv":  # what the office wrote, letter by letter
        assert [path.read_bytes() for path in out] == [path.read_bytes() for path in example()]


def test_the_example_is_read_in_one_way_of_writing(project: Project) -> None:
    added = add_monitoring(project, [EXAMPLE])
    assert added.rows == {
        "agreements": 3,
        "dup_links": 2,
        "milestones": 4,
        "indicators": 1,
        "observations": 3,
        "updates": 2,
    }
    assert [notice.en for notice in added.notices] == ["agreements.csv: Vermezzo read as 015251."]
    tables = open_monitoring(project).tables
    assert tables["agreements"][["zones", "municipalities", "signed_on"]].to_numpy().tolist() == [
        ["Sud Est;Adda Martesana", "", "2026-03-04"],
        ["", "015192;015251", ""],
        ["Sud Est", "", ""],
    ]
    assert tables["dup_links"][["body", "years", "budget_mission", "goal", "relation"]].to_numpy().tolist() == [
        ["CM", "2026-2028", "8", "5.10", "attua"],
        ["015189", "2026-2028", "12", "5.1", "concorre"],
    ]
    assert tables["milestones"]["due_quarter"].tolist() == ["2026-T2", "2026-T4", "2026-T1", "2027-T4"]
    assert tables["observations"][["place", "value"]].to_numpy().tolist() == [
        ["015189", "18.4"],
        ["zona Sud Est", ""],
        ["città metropolitana", "0"],
    ]


def test_a_file_that_is_none_of_the_tables_is_told_with_its_header(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "altro.csv"
    path.write_text("codice,colore,peso\nA,blu,1\n", "utf-8")
    ((file, row, said),) = faults_of(project, path)
    assert (file, row) == ("altro.csv", 1)
    assert "codice, colore, peso" in said


def test_tables_of_one_name_in_two_folders_of_a_zip_are_both_read(project: Project, tmp_path: Path) -> None:
    sheets = [EXAMPLE / "milestones.csv", EXAMPLE / "agreements.csv"]
    path = tmp_path / "registro.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for folder, table in zip(("uno", "due"), sheets, strict=True):
            archive.write(table, f"{folder}/tavola.csv")
        archive.writestr("__MACOSX/uno/tavola.csv", b"\0")
        archive.writestr("leggimi.txt", "non letto")
    assert add_monitoring(project, [path]).rows == {"agreements": 3, "milestones": 4}


def test_what_the_example_answers_on_a_day(project: Project) -> None:
    add_monitoring(project, example())
    register = open_monitoring(project)
    zones = project.tables["zones.csv"]
    due = monitoring_view.list_due(register, TODAY)
    assert due[["milestone", "due_on", "due_state"]].to_numpy().tolist() == [
        ["SINTETICO-M1", "2026-06-30", "in ritardo"],
        ["SINTETICO-M2", "2026-12-31", "in scadenza"],
    ]
    assert monitoring_view.in_words(due, "en")["due_state"].to_list() == ["late", "due"]
    assert len(monitoring_view.list_due(register, TODAY, months=14)) == 3
    members = dict(zip(zones["municipality_code"], zones["zone"], strict=True))
    binding = monitoring_view.list_binding(register, "Sud Est", members, TODAY)
    assert binding[["agreement", "binds"]].to_numpy().tolist() == [["SINTETICO-I1", "zona"], ["SINTETICO-I2", "015192"]]
    # Rozzano alone has a row, of mission 5; the Metropolitan City's own is no municipality's.
    assert len(monitoring_view.list_without_dup(register, zones, 5)) == 132
    assert "015189" not in set(monitoring_view.list_without_dup(register, zones, 5)["municipality_code"])
    assert len(monitoring_view.list_without_dup(register, zones, 1)) == 133
    assert len(monitoring_view.list_without_dup(register, zones, None)) == 132
    assert monitoring_view.list_changes(register, date(2026, 6, 15))["after"].tolist() == ["SINTETICO: seconda nota"]
    assert monitoring_view.list_changes(register, date(2026, 6, 16)).empty
    said = [
        monitoring_view.list_stated(register, day)["stated"].tolist()
        for day in (date(2026, 1, 14), date(2026, 1, 15), date(2026, 6, 14), date(2026, 6, 15))
    ]
    assert said == [[""], ["SINTETICO: prima nota"], ["SINTETICO: prima nota"], ["SINTETICO: seconda nota"]]
    series = monitoring_view.list_series(register, "sintetico-k1")
    assert series["value"].isna().tolist() == [False, False, True]


def test_a_target_is_reached_by_its_value_whichever_way_it_goes(project: Project, write: Write) -> None:
    target = {**MILESTONE, "tipo": "target", "scadenza": "2026-T1"}
    rows = [
        {**target, "codice": "up", "valore_iniziale": "1", "valore_obiettivo": "3", "valore": "3"},
        {**target, "codice": "down", "valore_iniziale": "9", "valore_obiettivo": "3", "valore": "2"},
        {**target, "codice": "not yet", "valore_iniziale": "9", "valore_obiettivo": "3", "valore": "4"},
        {**target, "codice": "unknown", "valore_obiettivo": "3"},
    ]
    add_monitoring(project, [write("milestones", *rows)])
    assert monitoring_view.list_due(open_monitoring(project), TODAY)["milestone"].tolist() == ["not yet", "unknown"]


CELLS = [
    ("agreements", {"tipo": "promessa"}, "tipo", "is “promessa”, expected intesa, patto"),
    ("agreements", {"zone": "Sud Est; Lambro"}, "zone", "names “Lambro”, expected zone omogenee"),
    ("agreements", {"comuni": "Rozzano; Torino"}, "comuni", "names “Torino”, which is not in the territory"),
    ("agreements", {"comuni": "Atlantide"}, "comuni", "names “Atlantide”, expected the ISTAT code"),
    ("agreements", {"edizione": "2019-2021"}, "edizione", "unknown edition “2019-2021”"),
    ("agreements", {"data_firma": "31/02/2026"}, "data_firma", "is “31/02/2026”, expected a date"),
    ("agreements", {"data_firma": "2026-02-02", "data_scadenza": "2026-02-01"}, "data_scadenza", "comes before"),
    ("agreements", {"oggetto": "=HYPERLINK(1)"}, "oggetto", "is a formula"),
    ("agreements", {"oggetto": "+SUM(A1:A9)"}, "oggetto", "is a formula"),
    ("agreements", {"oggetto": "#RIF!"}, "oggetto", "is a formula error"),
    ("agreements", {"partner": ""}, "partner", "is blank"),
    ("dup_links", {"ente": "Atlantide"}, "ente", "names “Atlantide”"),
    ("dup_links", {"edizione": "2031-2033"}, "edizione", "unknown edition “2031-2033”"),
    ("dup_links", {"obiettivo": "5.99"}, "obiettivo", "is “5.99”, which is no goal of 2025-2027"),
    ("dup_links", {"triennio": "2026-2027"}, "triennio", "is “2026-2027”, expected three years"),
    ("dup_links", {"missione_bilancio": "0"}, "missione_bilancio", "expected a whole number from 1 to 99"),
    ("milestones", {"obiettivo": ""}, "obiettivo", "expected a goal or a driver"),
    ("milestones", {"driver": "99"}, "driver", "unknown driver “99” in 2025-2027"),
    ("milestones", {"scadenza": "2026-T5"}, "scadenza", "is “2026-T5”, expected a quarter"),
    ("milestones", {"valore": "1.234"}, "valore", "is “1.234”, expected a number without doubt"),
    ("milestones", {"tipo": "target"}, "valore_obiettivo", "expected the value that the target is"),
    ("indicators", {"obiettivo": "5.10"}, "edizione", "expected the edition of the goal"),
    ("observations", {"indicatore": "Z"}, "indicatore", "is “Z”, which is none of indicators"),
    ("observations", {"luogo": "Rozzano"}, "luogo", "below the lowest level"),
    ("observations", {"luogo": "zona Lambro"}, "luogo", "names “zona Lambro”"),
    ("updates", {"tabella": "streets"}, "tabella", "is “streets”, expected one of"),
    ("updates", {"campo": "colour"}, "campo", "is “colour”, expected one of"),
    ("updates", {"chiave": "5.99"}, "chiave", "is “5.99”, which is no row of goals"),
]


@pytest.mark.parametrize(("table", "cells", "column", "said"), CELLS)
def test_a_wrong_cell_is_told_with_its_row_and_column(
    project: Project, write: Write, table: str, cells: dict[str, str], column: str, said: str
) -> None:
    beside = [write("indicators", INDICATOR)] if table == "observations" else []
    found = faults_of(project, write(table, {**SMALLEST[table], **cells}), *beside)
    assert [(file, row) for file, row, _ in found] == [(f"{table}.csv", 2)]
    assert f"“{column}”" in found[0][2]
    assert said in found[0][2]


@pytest.mark.parametrize("table", TABLES)
def test_the_smallest_row_is_right_and_twice_is_once_too_often(project: Project, write: Write, table: str) -> None:
    beside = [write("indicators", INDICATOR)] if table == "observations" else []
    row = SMALLEST[table]
    again = {**row, "prima": "SINTETICO"}
    found = faults_of(project, write(table, row, again), *beside)
    assert [(file, at) for file, at, _ in found] == [(f"{table}.csv", 3)]
    assert "repeats row 2" in found[0][2]
    assert add_monitoring(project, [write(table, row), *beside]).rows[table] == 1


def test_all_faults_of_all_files_are_listed_and_nothing_is_loaded(project: Project, write: Write) -> None:
    found = faults_of(
        project,
        write("agreements", AGREEMENT),
        write("milestones", {**MILESTONE, "scadenza": "mai"}, {**MILESTONE, "codice": "N", "driver": "x"}),
        write("dup_links", {**LINK, "obiettivo": "9.9", "relazione": "?"}),
    )
    assert [(file, row) for file, row, _ in found] == [
        ("dup_links.csv", 2),
        ("dup_links.csv", 2),
        ("milestones.csv", 2),
        ("milestones.csv", 3),
    ]


def test_html_is_a_text(project: Project, write: Write, tmp_path: Path) -> None:
    path = write("agreements", {**AGREEMENT, "oggetto": "<script>alert(1)</script>", "partner": "a & b"})
    add_monitoring(project, [path])
    (out,) = export_monitoring(project, tmp_path / "x.csv")
    assert out.read_bytes() == path.read_bytes()


def test_columns_that_are_none_and_files_that_are_none_of_the_tables(
    project: Project, write: Write, tmp_path: Path
) -> None:
    path = write("agreements", AGREEMENT)
    path.write_text(path.read_text("utf-8").replace("passo", "pagina"), "utf-8")
    assert "unexpected columns: pagina" in faults_of(project, path)[0][2]
    strange = tmp_path / "x.csv"
    strange.write_text("a,b\n1,2\n", "utf-8")
    assert "those of none of the tables" in faults_of(project, strange)[0][2]
    with pytest.raises(InputMissingError):
        add_monitoring(project, [tmp_path / "missing.csv"])
    empty = write("agreements", name="empty.csv")
    with pytest.raises(TableError, match=r"empty\.csv"):
        add_monitoring(project, [empty])
    twice = [write("agreements", AGREEMENT), write("agreements", AGREEMENT, name="b.csv")]
    assert "holds the same table as agreements.csv" in faults_of(project, *twice)[0][2]


def test_a_number_that_lost_its_nought_is_doubtful(project: Project, tmp_path: Path) -> None:
    names = written_names("dup_links")
    book = openpyxl.Workbook()
    book.active.title = "Foglio DUP"
    book.active.append(names)
    for number, goal in enumerate((5.1, "5.10", 1.9), start=1):
        row = {**LINK, "obiettivo": goal, "obiettivo_strategico": f"S{number}"}
        book.active.append([row.get(name) for name in names])
    book.save(tmp_path / "dup.xlsx")
    found = faults_of(project, tmp_path / "dup.xlsx")
    assert [(file, row) for file, row, _ in found] == [("dup.xlsx", 2)]
    assert "sheet “Foglio DUP”: “obiettivo” is the number 5.1, which may be the goal 5.1 or 5.10" in found[0][2]


def test_revisions_are_appended_and_never_change(project: Project, write: Write, tmp_path: Path) -> None:
    second = {**UPDATE, "data": "2026-03-01", "prima": "SINTETICO", "dopo": "due"}
    add_monitoring(project, [write("updates", UPDATE)])
    add_monitoring(project, [write("updates", second)])
    add_monitoring(project, [write("updates", UPDATE, second)])  # what is recorded stands once
    (out,) = export_monitoring(project, tmp_path / "updates-out.csv")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["dopo"] for row in rows] == ["SINTETICO", "due"]
    wrong = {
        "recorded with another content": {**UPDATE, "dopo": "altro"},
        "before a row above it": {**UPDATE, "data": "2026-01-01", "chiave": "5.1"},
        "expected what the revision before left: “due”": {**UPDATE, "data": "2026-04-01", "prima": "tre"},
    }
    for said, row in wrong.items():
        with pytest.raises(TableError) as error:
            add_monitoring(project, [write("updates", row)])
        assert [(fault.row, said in fault.text.en) for fault in error.value.faults] == [(2, True)]
    assert len(open_monitoring(project).tables["updates"]) == 2


def fill(path: Path, rows: Sequence[dict[str, object]], *, code: str = "") -> None:
    """Fill a municipality's sheet in, as a person would."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    header = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "triennio")
    names = [cell.value for cell in sheet[header]]
    for number, row in enumerate(rows, start=header + 2):
        for place, name in enumerate(names, start=1):
            sheet.cell(number, place).value = row.get(name)
    if code:
        sheet.cell(3, 2).value = code
        sheet.cell(2, 2).value = None
    book.save(path)


ROW = {name: cell for name, cell in LINK.items() if name != "ente"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the sheets of all municipalities: two are empty, the others filled in."""
    folder = tmp_path_factory.mktemp("sheets") / "schede"
    paths = write_sheet_templates(Project(Settings(workspace=folder.parent / "workspace")), folder)
    assert len(paths) == 133
    for path in paths[:-2]:
        above = [[cell.value or "" for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows()]
        path.write_bytes(workbook_bytes("DUP", [*above, [ROW.get(name, "") for name in above[4]]]))
    return folder


def test_the_sheets_of_133_municipalities_come_back_in_one_command(
    project: Project, filled: Path, tmp_path: Path, write: Write
) -> None:
    metropolitan = {**LINK, "ente": "CM"}
    earlier = {**LINK, "triennio": "2025-2027"}
    add_monitoring(project, [write("dup_links", metropolitan, earlier, {**LINK, "ente": "Rozzano"})])
    packed = tmp_path / "schede.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(filled.iterdir()):
            archive.write(path, f"schede/{path.name}")
        archive.writestr("__MACOSX/._DUP.xlsx", "shadow")
    added = add_monitoring(project, [packed])
    assert (added.sheets, added.rows) == (131, {"dup_links": 133})  # those of others and of other years stay
    assert [notice.en.partition(": ")[2] for notice in added.notices] == ["no row is filled in, nothing read."] * 2
    links = open_monitoring(project).tables["dup_links"]
    assert links["body"].nunique() == 132
    assert set(links["goal"]) == {"5.10"}
    assert (links["body"] == "015189").sum() == 2
    again = [filled / "DUP_015002_abbiategrasso.xlsx", filled / "DUP_015189_rozzano.xlsx"]
    assert add_monitoring(project, again).rows == {"dup_links": 133}  # once more is the same


def test_sheets_with_faults_are_all_told_and_none_is_loaded(project: Project, filled: Path, tmp_path: Path) -> None:
    names = sorted(path.name for path in filled.iterdir())
    names = [*names[:6], *names[-1:]]
    folder = tmp_path / "schede"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes((filled / name).read_bytes())
    for name, code in zip(names[:3], ("015146", "Rho", "015189"), strict=True):
        fill(folder / name, [ROW], code=code)
    fill(folder / names[3], [ROW, {**ROW, "obiettivo_strategico": "=A1&B1", "obiettivo": "5.99"}])
    found = faults_of(project, folder)
    assert [(file, row) for file, row, _ in found if row is None] == [(name, None) for name in names[:3]]
    assert all("is named after" in text for _, row, text in found if row is None)
    told = " ".join(text for file, row, text in found if file == names[3] and row == 8)
    assert "“obiettivo_strategico” is a formula, “=A1&B1”" in told
    assert "“obiettivo” is “5.99”, which is no goal of 2025-2027" in told


def test_a_sheet_of_a_merged_municipality_is_that_of_its_successor(
    project: Project, filled: Path, tmp_path: Path
) -> None:
    (source,) = (path for path in filled.iterdir() if "015251" in path.name)
    path = tmp_path / "DUP_015235_Vermezzo.xlsx"
    path.write_bytes(source.read_bytes())
    fill(path, [ROW], code="015235")
    add_monitoring(project, [path])
    assert open_monitoring(project).tables["dup_links"]["body"].tolist() == ["015251"]


def test_computed_rows_come_behind_the_offices_and_once(
    project: Project, other: Project, write: Write, tmp_path: Path
) -> None:
    def computed(day: str, value: str) -> dict[str, pd.DataFrame]:
        rows = {"indicators": {**INDICATOR, "codice": "C"}, "observations": {**OBSERVATION, "indicatore": "C"}}
        rows["observations"] |= {"data": day, "valore": value}
        return {
            name: pd.DataFrame([row], columns=written_names(name), dtype="str").fillna("") for name, row in rows.items()
        }

    assert monitoring_register.keep_computed(project, computed("2026-01-01", "1")) == 1
    assert (
        monitoring_register.keep_computed(project, computed("2026-01-01", "2")) == 0
    )  # of that day and inputs already
    assert monitoring_register.keep_computed(project, computed("2026-01-02", "3")) == 1
    add_monitoring(project, [write("indicators", INDICATOR), write("observations", OBSERVATION)])
    assert open_monitoring(project).tables["observations"]["value"].tolist() == ["1", "1", "3"]
    out = export_monitoring(project, tmp_path / "out")
    for target in (project, other):
        add_monitoring(target, [tmp_path / "out"])
        again = export_monitoring(target, tmp_path / "again")
        assert [path.read_bytes() for path in again] == [path.read_bytes() for path in out]


def test_accessibility_is_an_observation_once_per_day_and_inputs(project: Project) -> None:
    def computed(day: str, share: float, sums: str = "a", residents: float = 10.0) -> Accessibility:
        whole = {"profile": ["per_eta"], "share_all_15": [share], "residents": [residents]}
        own = {**whole, "municipality_code": ["015189"], "share_all_15": [float("nan")]}
        source = Source("osm", "SINTETICO", "", "", "", "", "", sha256=sums)
        layers = {"accessibilita_citta_metropolitana": pd.DataFrame(whole), "accessibilita_comuni": pd.DataFrame(own)}
        return Accessibility(layers, (source,), (), synthetic=True, computed_on=day)

    assert observe_access(project, computed("2026-01-01", 0.5), {}) == 2
    assert observe_access(project, computed("2026-01-01", 0.5), {}) == 0
    assert observe_access(project, computed("2026-01-01", 0.75, "b"), {}) == 2
    assert observe_access(project, computed("2026-02-01", 0.8), {}) == 2
    assert observe_access(project, computed("2026-03-01", 0.8, residents=float("nan")), {}) == 0  # of nobody known
    series = monitoring_view.list_series(open_monitoring(project), "quota_tutte_15-per_eta")
    assert series[series["place"] == "città metropolitana"][["observed_on", "value"]].to_numpy().tolist() == sorted(
        [["2026-01-01", 50.0], ["2026-01-01", 75.0], ["2026-02-01", 80.0]],
        key=lambda row: (row[0], series[series["value"] == row[1]]["source"].iloc[0]),
    )
    assert series[series["place"] == "015189"]["value"].isna().all()  # unknown is no nought
    assert all(source.startswith(SYNTHETIC_MARK) for source in series["source"])
    indicator = open_monitoring(project).tables["indicators"]
    assert indicator[["edition", "goal", "indicator_system"]].to_numpy().tolist() == [["2025-2027", "5.10", "proprio"]]


def test_what_is_kept_is_the_same_bytes(tmp_path: Path, project: Project) -> None:
    add_monitoring(project, example())
    held = project.workspace.inputs["monitoring"].path
    pack(tmp_path / "x.zip", unpack(held))
    assert (tmp_path / "x.zip").read_bytes() == held.read_bytes()


def test_nothing_to_export_and_one_file_for_many(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        export_monitoring(project, tmp_path / "out")
    add_monitoring(project, example())
    with pytest.raises(UnknownNameError):
        export_monitoring(project, tmp_path / "x.csv")
    with pytest.raises(UnknownNameError):
        write_sheet_templates(project, tmp_path / "sheets", ["Torino"])
