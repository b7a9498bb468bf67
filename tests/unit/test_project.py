import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio
import pytest

from psttm_geo import jobs
from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Input, Kind
from psttm_geo.jobs.accessibility import compute_access, save_access
from psttm_geo.project import Project
from psttm_geo.schema import data_tables
from psttm_geo.schema.data_tables import data_path

READS: Counter[str] = Counter()
"""How often each kind of input was read through its project."""

OPENED: list[str] = []
"""Files opened while nothing is read through a project, and while :data:`WATCHING`."""

WATCHING: list[bool] = []


def note(path: object) -> None:
    if WATCHING and WATCHING[-1]:
        OPENED.append(str(path))


# A hook stays for as long as the process runs.
sys.addaudithook(lambda event, arguments: note(arguments[0]) if event == "open" else None)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Count what projects read, and note what is opened otherwise, by Python or by GDAL."""
    through = Project.read_input

    def counting(self: Project, kind: Kind, read: Callable[[Input], object]) -> object:
        def once(held: Input) -> object:
            READS[kind] += 1
            WATCHING.append(False)
            try:
                return read(held)
            finally:
                WATCHING.pop()

        return through(self, kind, once)

    monkeypatch.setattr(Project, "read_input", counting)
    for name in ("read_dataframe", "read_arrow"):
        reads = getattr(pyogrio, name)

        def noting(path: object, *arguments: object, of: Callable[..., object] = reads, **options: object) -> object:
            note(path)
            return of(path, *arguments, **options)

        monkeypatch.setattr(pyogrio, name, noting)
    READS.clear()
    OPENED.clear()
    WATCHING.append(True)
    yield
    WATCHING.clear()


def entries(settings: Settings) -> dict[str, Input]:
    """Give the registered inputs with their sums known, so that the next look opens none of them."""
    held = Project(settings).workspace.inputs.entries
    assert {entry.state for entry in held.values()} == {"ok"}
    return {str(kind): entry for kind, entry in held.items()}


@pytest.fixture
def office(map_workspace: Path, tmp_path: Path) -> Settings:
    """Give a workspace that holds a file of most kinds."""
    settings = Settings(data=data_path(), workspace=tmp_path / "office")
    shutil.copytree(map_workspace, settings.workspace)
    project = Project(settings)
    (tmp_path / "progetti.csv").write_text("codice,comuni,driver\nP1,015146;015118,\n", "utf-8")
    (tmp_path / "driver.csv").write_text("cup,driver\nP1,3\n", "utf-8")
    jobs.add_projects(project, [tmp_path / "progetti.csv"], tmp_path / "driver.csv")
    (tmp_path / "stazioni.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "Centrale"}, '
        '"geometry": {"type": "Point", "coordinates": [9.2, 45.48]}}]}',
        "utf-8",
    )
    jobs.add_stations(project, [tmp_path / "stazioni.geojson"])
    (tmp_path / "ente.toml").write_text('nome = "Ufficio di prova"\nemail = "gis@example.org"\n', "utf-8")
    jobs.add_input(project, "ente", tmp_path / "ente.toml")
    return settings


@pytest.mark.usefixtures("watched")
def test_no_job_opens_a_registered_file_twice(office: Settings, synthetic_extract: Path, tmp_path: Path) -> None:
    held = entries(office)
    assert set(held) == {"osm", "registers", "projects", "attribution", "stations", "ente"}
    READS.clear()
    OPENED.clear()
    project = Project(office)
    request = jobs.AccessRequest(synthetic_extract, profiles=("adulto",), minutes=(15,))
    computed = compute_access(project, request)
    jobs.write_access(tmp_path / "accessibilita.gpkg", computed, project)
    assert dict.fromkeys(held, 1) == READS
    assert not {str(entry.path) for entry in held.values()} & set(OPENED)
    assert save_access(project, request, computed)
    held = entries(office)
    READS.clear()
    OPENED.clear()
    jobs.build(tmp_path / "psttm.gpkg", Project(office))
    assert dict.fromkeys(held, 1) == READS
    assert not {str(entry.path) for entry in held.values()} & set(OPENED)


@pytest.mark.usefixtures("watched")
def test_tables_are_read_once(settings: Settings) -> None:
    project = Project(settings)
    jobs.load_territory(project)
    jobs.find_neighbours(project)
    assert OPENED.count(str(data_path() / "goals.csv")) <= _FOR_SUM_AND_ROWS


_FOR_SUM_AND_ROWS = 2


def test_an_input_is_read_again_when_another_takes_its_place(settings: Settings, tmp_path: Path) -> None:
    project = Project(settings)
    assert project.read_input("ente", lambda held: held.path.read_text("utf-8")) is None
    for text in ("una", "due"):
        (tmp_path / "ente.toml").write_text(text, "utf-8")
        project.workspace.add("ente", tmp_path / "ente.toml")
        for _ in range(2):
            assert project.read_input("ente", lambda held: held.path.read_text("utf-8")) == text


def test_an_attribution_is_read_again_when_its_register_has_changed(settings: Settings, tmp_path: Path) -> None:
    project = Project(settings)
    (tmp_path / "driver.csv").write_text("cup,driver\nP1,3\n", "utf-8")
    for municipalities in ("015146", "015118"):
        (tmp_path / "progetti.csv").write_text(f"codice,comuni,driver\nP1,{municipalities},\n", "utf-8")
        jobs.add_projects(project, [tmp_path / "progetti.csv"], tmp_path / "driver.csv")
        projects = jobs.load_territory(project).plan.projects
        assert projects is not None
        assert list(projects.places["municipality_code"]) == [municipalities]
        assert list(projects.projects["drivers"]) == ["3"]


def test_tables_that_are_wrong_are_refused_and_listed(data_copy: Path) -> None:
    (data_copy / "zones.csv").write_text("nothing\n", "utf-8")
    project = Project()
    with pytest.raises(TableError):
        _ = project.tables
    assert project.check()


def test_a_folder_that_is_missing_is_said(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError):
        Project(settings.model_copy(update={"data": tmp_path / "none"})).check()


def test_a_packaged_table_that_was_changed_is_refused(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "packaged"
    shutil.copytree(data_path(), folder)
    monkeypatch.setattr(data_tables, "data_path", lambda: folder)
    assert len(Project(settings).tables["zones.csv"]) == 133
    (folder / "zones.csv").write_text((folder / "zones.csv").read_text("utf-8").replace("Milano", "Milan"), "utf-8")
    with pytest.raises(TableError, match=r"zones\.csv"):
        _ = Project(settings).tables
