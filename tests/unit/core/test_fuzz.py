"""Damaged files of every kind, always the same: read or refused with a sentence, whatever was done to them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

COUNT, SEED = 15, 20_250_101

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "fuzz.py"

KINDS = ["vector", "zip", "geopackage", "toml", "table", "osm xml", "osm pbf"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there are no forks and limits")]


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused(kind: str) -> None:
    outcome = subprocess.run(
        [sys.executable, SCRIPT, str(COUNT), str(SEED), kind], capture_output=True, encoding="utf-8", check=False
    )
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stdout
    said = re.fullmatch(rf"{kind}: {COUNT} inputs in \d+ s: read (\d+), refused (\d+)\n", outcome.stdout)
    assert said, outcome.stdout
    assert int(said[1]) + int(said[2]) == COUNT
    assert min(int(said[1]), int(said[2])) > 0, "both ends have to be seen"


def test_no_kind_is_left_out_above() -> None:
    assert re.findall(r'^    "([a-z ]+)": Kind\(', SCRIPT.read_text("utf-8"), re.MULTILINE) == KINDS
