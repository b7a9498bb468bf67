"""A build of the embedded data holds what it held, layer by layer and value by value, until it is meant to change.

After an intended change, ``python tests/unit/delivery/test_build_unchanged.py BUILD.gpkg`` writes what to expect.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

GOLDEN = Path(__file__).parents[2] / "golden" / "build.json"


def describe(path: Path) -> dict[str, dict[str, Any]]:
    """Give rows, columns, a sum of all values, and area and length of the shapes of each layer."""
    found = {}
    for name, _ in pyogrio.list_layers(path):
        table = pyogrio.read_dataframe(path, layer=name)
        values = pd.DataFrame(table).drop(columns="geometry", errors="ignore")
        text = values.to_csv(index=False, float_format="%.9g", lineterminator="\n")
        located = isinstance(table, gpd.GeoDataFrame)
        found[name] = {
            "rows": len(table),
            "columns": list(table.columns),
            "values": hashlib.sha256(text.encode()).hexdigest(),
            "area_m2": float(table.area.sum()) if located else 0.0,
            "length_m": float(table.length.sum()) if located else 0.0,
        }
    return found


def test_every_layer_holds_what_it_held(built: Path) -> None:
    kept, found = json.loads(GOLDEN.read_text("utf-8")), describe(built)
    assert list(found) == list(kept)
    for name, layer in found.items():
        for measure in ("area_m2", "length_m"):
            assert layer.pop(measure) == pytest.approx(kept[name].pop(measure), rel=1e-9), name
        assert layer == kept[name], name


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(describe(Path(sys.argv[1])), indent=1) + "\n", "utf-8")
