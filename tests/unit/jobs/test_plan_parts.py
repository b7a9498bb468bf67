"""An access model kept part by part: what is opened is what was computed, and a change renews what rests on it."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import NetworkFileError, OutputError
from psttm_geo.core.kept_model import Model, keep_model, open_model
from psttm_geo.core.messages import gettext
from psttm_geo.core.settings import Settings
from psttm_geo.jobs import access_parts, keeping
from psttm_geo.jobs.access_model import AccessModel, load_access_model
from psttm_geo.jobs.accessibility import Accessibility, measure_access, measure_baseline
from psttm_geo.project import Project

REGISTER = """\
CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE
MI1;DUOMO;MILANO;15.146;45,464;9,19
"""


@pytest.fixture(scope="module")
def kept(
    synthetic_extract: Path, settings_of: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give a workspace that keeps a whole access model; tests work on copies."""
    folder = tmp_path_factory.mktemp("kept")
    load_access_model(Project(settings_of(folder)), jobs.AccessRequest(synthetic_extract))
    return folder


@pytest.fixture(scope="module")
def settings_of() -> Callable[[Path], Settings]:
    return lambda folder: Settings(workspace=folder)


@pytest.fixture
def project(kept: Path, settings_of: Callable[[Path], Settings], tmp_path: Path) -> Project:
    shutil.copytree(kept, tmp_path / "workspace")
    return Project(settings_of(tmp_path / "workspace"))


@pytest.fixture
def computed_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the kinds of models that were not opened but computed."""
    kinds: list[str] = []
    keep = keeping.keep

    def spy(project: Project, kept: keeping.Keeping[object], key: str, made: object) -> object:
        kinds.append(kept.kind)
        return keep(project, kept, key, made)

    monkeypatch.setattr(keeping, "keep", spy)
    return kinds


@pytest.fixture
def asked(synthetic_extract: Path) -> jobs.AccessRequest:
    """Give the request of what was computed."""
    return jobs.AccessRequest(synthetic_extract, uncertainty=True, found=0.9)


def part(project: Project, kind: str) -> Path:
    (folder,) = project.workspace.cache.glob(f"{kind}-*")
    return folder


def same(one: Accessibility, other: Accessibility) -> None:
    assert list(one.layers) == list(other.layers)
    for name, table in one.layers.items():
        mine, theirs = pd.DataFrame(table), pd.DataFrame(other.layers[name])
        if isinstance(table, gpd.GeoDataFrame):  # bytes are compared a hundred times as fast as shapes
            assert (table.geometry.to_wkb() == other.layers[name].geometry.to_wkb()).all()
            mine, theirs = (frame.drop(columns="geometry") for frame in (mine, theirs))
        pd.testing.assert_frame_equal(mine, theirs)
    assert (one.sources, one.notices, one.essential) == (other.sources, other.notices, other.essential)
    assert one.urbanisation is not None
    assert other.urbanisation is not None
    pd.testing.assert_frame_equal(one.urbanisation.classes, other.urbanisation.classes)


def test_what_is_opened_is_what_was_computed(
    project: Project, asked: jobs.AccessRequest, computed: Accessibility, computed_anew: list[str]
) -> None:
    model = load_access_model(project, asked)
    assert computed_anew == []
    same(measure_access(measure_baseline(model), asked), computed)
    walked = model.walking.walk(list(model.services.categories), model.services.essential)
    for who, times in walked.times_ds.items():
        np.testing.assert_array_equal(model.travel_times.times_ds[who], times)
        np.testing.assert_array_equal(model.travel_times.connected[who], walked.connected[who])
        np.testing.assert_array_equal(model.travel_times.isolated[who], walked.isolated[who])


def test_what_two_lists_have_in_common_is_kept_with_the_services(
    project: Project, asked: jobs.AccessRequest, computed_anew: list[str], tmp_path: Path
) -> None:
    register = tmp_path / "farmacie.csv"
    register.write_text(REGISTER, "utf-8")
    own = dataclasses.replace(asked, registers=(register,), profiles=("adulto",), minutes=(15,))
    made, opened = (measure_access(measure_baseline(load_access_model(project, own)), own) for _ in range(2))
    assert computed_anew == ["services", "times"]
    same(opened, made)
    known = opened.layers["completezza_servizi"].set_index("category")["services_registered"].dropna()
    assert known.to_dict() == {"farmacia": 1}


def test_a_change_renews_what_rests_on_it(
    project: Project, synthetic_extract: Path, computed_anew: list[str], tmp_path: Path
) -> None:
    def renewed(**asked: object) -> list[str]:
        computed_anew.clear()
        load_access_model(project, jobs.AccessRequest(synthetic_extract, **asked))  # type: ignore[arg-type] # fields of requests
        return list(computed_anew)

    register, units = tmp_path / "farmacie.csv", tmp_path / "unita.geojson"
    register.write_text(REGISTER, "utf-8")
    square = shapely.box(510_000, 5_030_000, 520_000, 5_040_000)
    gpd.GeoDataFrame({"nome": ["Uno"]}, geometry=[square], crs=METRIC).to_crs(4326).to_file(units)
    assert renewed(registers=(register,)) == ["services", "times"]
    assert renewed(registers=(register,)) == []
    assert renewed(units=units) == ["units"]
    assert renewed(profiles=("adulto",)) == ["times"]
    assert renewed(minutes=(15,)) == []
    register.write_text(REGISTER.replace("9,19", "9,2"), "utf-8")
    assert renewed(registers=(register,)) == ["services", "times"]
    assert project.notices == ()


@pytest.mark.parametrize(
    ("kind", "renewed"),
    [("streets", ["streets"]), ("services", ["services", "times"]), ("places", ["places", "units", "times"])],
)
def test_another_format_renews_a_part_and_what_rests_on_it(
    project: Project,
    synthetic_extract: Path,
    computed_anew: list[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    renewed: list[str],
) -> None:
    monkeypatch.setitem(access_parts.FORMATS, kind, access_parts.FORMATS[kind] + 1)
    load_access_model(project, jobs.AccessRequest(synthetic_extract))
    assert sorted(computed_anew) == sorted(renewed)
    assert project.notices == ()


def test_a_damaged_part_is_said_and_computed_again_alone(
    project: Project, asked: jobs.AccessRequest, computed: Accessibility, computed_anew: list[str]
) -> None:
    file = part(project, "times") / "times_adulto.npy"
    file.write_bytes(file.read_bytes()[:-3])
    model = load_access_model(project, asked)
    assert computed_anew == ["times"]
    assert [notice.en for notice in project.notices] == [
        f"{file.parent} is damaged or was kept by another version; it is computed again."
    ]
    assert model.notices[: len(project.notices)] == project.notices
    assert measure_access(measure_baseline(model), asked).notices == (*project.notices, *computed.notices)
    again = Project(project.settings)
    load_access_model(again, asked)
    assert again.notices == ()


@pytest.mark.parametrize(
    ("kind", "array"),
    [
        ("osm", "edge_to"),
        ("osm", "geometry_offsets"),
        ("streets", "pieces"),
        ("streets", "owner"),
        ("places", "hexagon"),
        ("places", "municipality"),
        ("units", "place_unit_0"),
        ("units", "indices_0"),
        ("times", "homes_adulto_edge"),
        ("times", "services_adulto_edge"),
    ],
)
def test_positions_that_point_beyond_their_arrays_are_refused(
    project: Project, synthetic_extract: Path, monkeypatch: pytest.MonkeyPatch, kind: str, array: str
) -> None:
    folder = part(project, kind)
    key = folder.name.partition("-")[2]
    model = open_model(folder, key)
    assert model is not None
    values = model.arrays[array].copy()
    values[-1] = np.iinfo(values.dtype).max
    tables = {name: model.tables[name] for name in model.tables}
    shutil.rmtree(folder)
    keep_model(folder, key, Model({**model.arrays, array: values}, tables, model.told))
    monkeypatch.setattr(Project, "say", lambda _, notice: pytest.fail(notice.en))
    with pytest.raises(pytest.fail.Exception, match=f"{kind}-.* is damaged"):
        load_access_model(project, jobs.AccessRequest(synthetic_extract))


def test_what_cannot_be_kept_is_said_and_used(
    project: Project, synthetic_extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(part(project, "times"))
    full = gettext("the disk is full or takes no more data; free some space or choose another folder")

    def refuse(*_: object) -> None:
        raise OutputError(full)

    monkeypatch.setattr(keeping, "keep_model", refuse)
    model = load_access_model(project, jobs.AccessRequest(synthetic_extract))
    assert isinstance(model, AccessModel)
    assert project.notices == (full,)


def test_of_each_kind_the_latest_stay(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT", 2)
    kind = keeping.Keeping("sums", lambda model: model, lambda model: model)
    for number in range(4):
        keeping.kept_or_computed(project, kind, f"{number}", Model)
    assert len(list(project.workspace.cache.glob("sums-*"))) == 2
    (project.workspace.cache / "sums-3" / "manifest.json").write_text("", "utf-8")
    with pytest.raises(NetworkFileError):
        keeping.open_kept(project, kind, "3")
