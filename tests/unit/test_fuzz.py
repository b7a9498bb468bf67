"""Damaged files of every kind, always the same: read or refused with a sentence, whatever was done to them."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

COUNT, SEED = 100, 20_250_101

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no forks and limits")


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["vector", "zip", "geopackage", "toml", "table", "osm xml", "osm pbf"])
def test_damaged_files_are_read_or_refused(fuzz: ModuleType, tmp_path: Path, kind: str) -> None:
    ends = fuzz.try_kind(kind, COUNT, SEED, tmp_path)
    assert ends.bad == {}
    assert set(ends.counts) == {"read", "refused"}
    assert ends.counts.total() == COUNT


def test_no_kind_is_left_out_above(fuzz: ModuleType) -> None:
    assert set(fuzz.KINDS) == {"vector", "zip", "geopackage", "toml", "table", "osm xml", "osm pbf"}
