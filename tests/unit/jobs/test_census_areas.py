import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project

Run = Callable[..., object]


@pytest.fixture
def sections(tmp_path: Path) -> Path:
    """Give two sections of Milano and one of Bergamo."""
    rows = gpd.GeoDataFrame(
        {"PRO_COM": [15146, 15146, 16024], "SEZ21": [1, 2, 1], "POP21": [30, 0, 9]},
        geometry=[shapely.box(514_000 + 100 * n, 5_034_000, 514_100 + 100 * n, 5_034_100) for n in range(3)],
        crs=METRIC,
    )
    pyogrio.write_dataframe(rows, tmp_path / "R03_21.gpkg")
    return tmp_path / "R03_21.gpkg"


def test_sections_are_reported_kept_and_read_back(run: Run, settings: Settings, sections: Path) -> None:
    added = run("inputs", "add", "census", sections)
    assert (added.code, added.err) == (0, "")
    first, last = added.out.splitlines()
    assert first == (
        "2 sezioni del 2021 (1 abitate), 30 residenti, comuni: 1 su 133; senza fasce d'età: valgono quelle del comune."
    )
    assert last.startswith("census: R03_21.gpkg, ")
    named = jobs.read_census(Project(settings), [sections])
    sections.unlink()
    kept = jobs.read_census(Project(settings))
    assert kept.source.title == "Sezioni di censimento 2021 (R03_21)"
    pd.testing.assert_frame_equal(
        pd.DataFrame(kept.sections).astype({"municipality_code": object, "section": object}),
        pd.DataFrame(named.sections).astype({"municipality_code": object, "section": object}),
    )


def test_without_a_census_there_is_none(settings: Settings) -> None:
    assert jobs.read_census(Project(settings)) is None


def test_a_bad_file_keeps_what_the_workspace_had(run: Run, settings: Settings, sections: Path, tmp_path: Path) -> None:
    jobs.add_census(Project(settings), [sections])
    (tmp_path / "bad.zip").write_bytes(b"PK")
    outcome = run("inputs", "add", "census", tmp_path / "bad.zip")
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1
    assert "non è uno zip leggibile" in outcome.err
    assert jobs.read_census(Project(settings)) is not None


def test_a_census_is_listed_and_removed(run: Run, sections: Path) -> None:
    run("inputs", "add", "census", sections)
    assert json.loads(run("status", "--json").out)["inputs"]["census"]["file"].endswith("R03_21.fgb")
    assert run("inputs", "remove", "census").out.startswith("census: tolto")
    assert json.loads(run("status", "--json").out)["inputs"] == {}
