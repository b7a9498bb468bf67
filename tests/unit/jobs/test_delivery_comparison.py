"""Two real deliveries that differ by a member of a union and a goal's mark, and files that cannot be compared."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from psttm_geo import jobs
from psttm_geo.core.files import sha256_of
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path
from psttm_geo.schema.layers import LAYERS

Run = Callable[..., Any]

Change = tuple[str, str, str]

Row = tuple[str, tuple[Any, ...]]

POZZUOLO = "2025-2027,Unione di Comuni Adda Martesana,015178,Pozzuolo Martesana,\n"

MEMBER = ("unions.csv", POZZUOLO, f"{POZZUOLO}2025-2027,Unione di Comuni Adda Martesana,015224,Truccazzano,\n")

MARK = ("goal_marks.csv", "2022-2024,1,2,si,si,non_indicato,no", "2022-2024,1,2,si,non_indicato,non_indicato,no")


def build_with(folder: Path, name: str, changes: Iterable[Change]) -> Path:
    """Build from a copy of the tables in which some text is replaced."""
    data = folder / f"data {name}"
    shutil.copytree(data_path(), data)
    for file, old, new in changes:
        before = sha256_of(data / file)
        text = (data / file).read_text("utf-8")
        assert text.count(old) == 1
        (data / file).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
        sources = data / "sources.csv"
        sources.write_text(sources.read_text("utf-8").replace(before, sha256_of(data / file)), "utf-8", newline="\n")
    path = folder / f"{name}.gpkg"
    jobs.build(path, Project(Settings(data=data, workspace=folder / "workspace")))
    return path


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_with(tmp_path_factory.mktemp("changed"), "l'unione è cambiata", [MEMBER, MARK])


@pytest.fixture(scope="module")
def told(built: Path, changed: Path) -> dict[str, Any]:
    """Give what machines are told of the two changes together."""
    return compare(built, changed)


def compare(old: Path, new: Path) -> dict[str, Any]:
    from psttm_geo.cli.diff import _result  # noqa: PLC0415 - once for many tests

    return json.loads(json.dumps(_result(jobs.compare_files(old, new), "it")))


def raw_rows(path: Path) -> dict[Row, tuple[Any, ...]]:
    """Read every row of every layer through SQLite alone, by layer and key."""
    rows: dict[Row, tuple[Any, ...]] = {}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        for (name,) in connection.execute("SELECT table_name FROM gpkg_contents WHERE table_name <> 'layer_styles'"):
            keys = LAYERS[name].fields(*LAYERS[name].key)
            for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - names of the file itself
                values = tuple(row[column] for column in row.keys() if column != "fid")  # noqa: SIM118 - a Row's keys
                rows[name, tuple(row[key] for key in keys)] = values
    return rows


def rows_of(listed: Iterable[dict[str, Any]]) -> set[Row]:
    return {(row["layer"], tuple(row["key"].values())) for row in listed}


def test_the_two_changes_are_named_and_nothing_else(told: dict[str, Any]) -> None:
    named = [(change["layer"], change["key"], change["fields"], change["geometry"]) for change in told["changes"]]
    union = {"unione": [None, "Unione di Comuni Adda Martesana"]}
    assert named == [
        ("appartenenze", {"edizione": "2025-2027", "pro_com_t": "015224"}, union, None),
        (
            "obiettivi",
            {"edizione": "2022-2024", "missione": 1, "numero": 2},
            {"liv_comuni": ["si", "non_indicato"]},
            None,
        ),
    ]
    structure = ("layers_added", "layers_removed", "columns_added", "columns_removed")
    assert not any(told[name] for name in structure)


def test_every_row_that_differs_is_listed_and_no_other(told: dict[str, Any], built: Path, changed: Path) -> None:
    before, after = raw_rows(built), raw_rows(changed)
    assert set(before) == set(after)
    differing = {row for row, values in before.items() if values != after[row]}
    listed = [*told["changes"], *told["derived"]]
    assert rows_of(listed) == differing
    assert len(listed) == len(differing), "none of them both states and computes"
    assert len(differing) > 800


def test_every_derived_row_follows_from_one_of_the_two(told: dict[str, Any]) -> None:
    assert all(row["because_of"] for row in told["derived"])
    of_member = [row for row in told["derived"] if 1 in row["because_of"]]
    assert {row["key"].get("unione", row["key"].get("unita")) for row in of_member} == {
        "Unione di Comuni Adda Martesana"
    }
    assert {row["key"]["edizione"] for row in of_member} == {"2025-2027"}
    of_mark = [row for row in told["derived"] if 2 in row["because_of"]]
    heirs = [row["key"] for row in of_mark if row["layer"] == "obiettivi"]
    assert heirs == [{"edizione": "2025-2027", "missione": 1, "numero": 2}], (
        "a mark that is inherited is no third change"
    )


def test_the_union_s_area_is_that_of_its_new_member(told: dict[str, Any], built: Path) -> None:
    (union,) = [row for row in told["derived"] if row["layer"] == "unioni_comuni"]
    member = read_geopackage(built, ["comuni"])["comuni"].set_index("pro_com_t").loc[["015224"]]
    assert union["geometry"]["gained_m2"] == pytest.approx(member.area.iloc[0], rel=1e-9)
    assert union["geometry"]["lost_m2"] == 0
    assert union["fields"]["n_comuni"] == [3, 4]
    before, after = union["fields"]["residenti"]
    assert after - before == member["residenti"].iloc[0]


def test_each_change_alone_has_the_rows_that_it_has_beside_the_other(
    told: dict[str, Any], built: Path, tmp_path: Path
) -> None:
    """The oracle: a build with the one change knows nothing of the other."""
    alone = [compare(built, build_with(tmp_path, name, [change])) for name, change in (("u", MEMBER), ("m", MARK))]
    assert [[change["fact"] for change in one["changes"]] for one in alone] == [["unions"], ["marks"]]
    derived = [rows_of(one["derived"]) for one in alone]
    assert derived[0] | derived[1] == rows_of(told["derived"])
    for number, rows in enumerate(derived, start=1):
        assert all(row["because_of"] == [1] for row in alone[number - 1]["derived"])
        beside = rows_of(row for row in told["derived"] if number in row["because_of"])
        assert rows <= beside
        only = rows_of(row for row in told["derived"] if row["because_of"] == [number])
        assert only <= rows


def test_the_report_is_short_and_names_both(run: Run, built: Path, changed: Path) -> None:
    outcome = run("diff", built, changed)
    assert (outcome.code, outcome.err) == (1, "")
    lines = outcome.out.splitlines()
    assert lines[0].startswith(f"{built} → {changed}: cambiamenti nelle fonti: 2; righe calcolate che cambiano: 8")
    assert "  appartenenze 2025-2027 Truccazzano (015224): unione — → Unione di Comuni Adda Martesana" in lines
    assert "  obiettivi 2022-2024 1.2: liv_comuni si → non_indicato" in lines
    assert "    unioni_comuni: 1 (2025-2027 Unione di Comuni Adda Martesana)" in lines
    assert "    obiettivi: 1 (2025-2027 1.2)" in lines
    assert len(lines) < 20


def test_the_same_is_told_to_machines_and_in_english(
    run: Run, built: Path, changed: Path, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    outcome = run("diff", changed, built, "--json")
    assert outcome.code == 1
    said = json.loads(outcome.out)
    assert (said["old"], said["new"]) == (str(changed), str(built))
    assert said["changes"][1]["title"] == "Goals: levels"
    assert said["changes"][0]["fields"] == {"unione": ["Unione di Comuni Adda Martesana", None]}
    assert rows_of(said["derived"]) == rows_of(told["derived"])


def test_two_files_of_the_same_content_do_not_differ(run: Run, built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copia dell'è.gpkg"
    shutil.copy(built, copy)
    assert run("diff", built, copy) == (0, f"Nessuna differenza fra {built} e {copy}.\n", "")


def test_different_versions_are_told(run: Run, built: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gpkg"
    shutil.copy(built, other)
    with contextlib.closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE gpkg_metadata SET metadata = replace(metadata, 'psttm-geo 0.', 'psttm-geo 99.')")
    outcome = run("diff", built, other)
    assert outcome.code == 0
    assert outcome.err.startswith("nota: i due file sono di versioni diverse di psttm-geo (0.")
    assert json.loads(run("diff", built, other, "--json").out)["versions"][1].startswith("99.")
    with contextlib.closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("DROP TABLE gpkg_metadata")
    assert "e ?)" in run("diff", built, other).err


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    def refused(*files: Path) -> str:
        outcome = run("diff", *files)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("psttm-geo: ")
        assert len(outcome.err.splitlines()) == 1
        return outcome.err

    return refused


def test_files_that_are_no_deliveries_are_refused(refused: Callable[..., str], built: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.gpkg"
    page.write_text("<html></html>")
    foreign = tmp_path / "foreign.gpkg"
    table = read_geopackage(built, ["zone_omogenee"])["zone_omogenee"]
    table.to_file(foreign, layer="strade", driver="GPKG")
    for file in (page, foreign):
        assert f"{file} non è un GeoPackage prodotto da psttm-geo build" in refused(built, file)
        assert f"{file} non è un GeoPackage prodotto da psttm-geo build" in refused(file, built)
    assert "non esiste" in refused(built, tmp_path / "none.gpkg")


def test_a_layer_of_another_origin_is_refused(refused: Callable[..., str], built: Path, tmp_path: Path) -> None:
    path = tmp_path / "foreign.gpkg"
    table = read_geopackage(built, ["comuni"])["comuni"]
    table[["comune", "geometry"]].to_file(path, layer="comuni", driver="GPKG")
    assert "«comuni»: mancano le colonne pro_com_t; servono due file di psttm-geo build" in refused(built, path)


def test_a_file_is_not_compared_with_itself(refused: Callable[..., str], built: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.gpkg"
    link.symlink_to(built)
    assert "sono lo stesso file; indicare la consegna precedente e quella nuova." in refused(built, link)


def test_two_systems_of_coordinates_are_refused(refused: Callable[..., str], built: Path, tmp_path: Path) -> None:
    path = tmp_path / "national.gpkg"
    read_geopackage(built, ["zone_omogenee"])["zone_omogenee"].to_crs("EPSG:7791").to_file(
        path, layer="zone_omogenee", driver="GPKG"
    )
    assert "«zone_omogenee»: sistemi di riferimento diversi, EPSG:32632 e EPSG:7791" in refused(built, path)


def test_a_delivery_that_keeps_a_log_is_compared_in_silence_and_nothing_is_left_beside(
    run: Run, built: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out" / "wal.gpkg"
    path.parent.mkdir()
    shutil.copyfile(built, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    path.parent.chmod(0o555)
    try:
        outcome = run("diff", path, built)
    finally:
        path.parent.chmod(0o755)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Nessuna differenza")
    assert list(path.parent.iterdir()) == [path]
