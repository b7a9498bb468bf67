"""Models kept as mapped files: what was written or nothing, whatever happens to the files."""

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core import kept_model
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import NetworkFileError, OutputError
from psttm_geo.core.kept_model import (
    Model,
    forget_models,
    keep_model,
    mark_used,
    open_model,
    require_count,
    require_offsets,
    require_within,
)
from psttm_geo.core.scratch import NAME

UNITS = gpd.GeoDataFrame(
    {
        "code": pd.Series(["015146", None], dtype=object),
        "name": pd.Series(["Milano", "È altrove"], dtype="str"),
        "level": pd.array([1, None], dtype="Int64"),
        "kind": pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True),
    },
    geometry=[shapely.Point(0.1, 2), None],
    crs=METRIC,
)

MODEL = Model(
    {
        "times": np.arange(6, dtype=np.uint16).reshape(2, 3),
        "none": np.zeros((0, 2)),
        "names": np.array(["strada", "è"]),
        "columns": np.asfortranarray(np.arange(4.0).reshape(2, 2)),
    },
    {"units": UNITS, "plain": pd.DataFrame({"x": [0.1, np.nan]})},
    {"notices": [["uno", "one"]], "share": 0.1, "nothing": None},
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    keep_model(tmp_path / "part-1", "key", MODEL)
    return tmp_path / "part-1"


def test_what_is_kept_is_opened(kept: Path) -> None:
    found = open_model(kept, "key")
    assert found is not None
    assert found.told == MODEL.told
    assert list(found.arrays) == list(MODEL.arrays)
    for name, values in MODEL.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], values, strict=True)
        assert found.arrays[name].flags.f_contiguous == values.flags.f_contiguous
    assert list(found.tables) == ["units", "plain"]
    for name, table in MODEL.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table)
    assert gpd.GeoDataFrame(found.tables["units"]).crs == METRIC


def test_arrays_are_plain_and_writable_and_what_is_written_stays_with_the_process(kept: Path) -> None:
    found, again = open_model(kept, "key"), open_model(kept, "key")
    assert found is not None
    assert again is not None
    times = found.arrays["times"]
    assert type(times) is np.ndarray
    assert times.flags.writeable
    times[0, 0] = 9
    assert again.arrays["times"][0, 0] == 0
    assert open_model(kept, "key") is not None, "the file is as it was"


def test_where_nothing_is_kept_nothing_is_opened(tmp_path: Path) -> None:
    assert open_model(tmp_path / "part-1", "key") is None


def test_every_byte_counts(kept: Path) -> None:
    for file in sorted(kept.iterdir()):
        whole = file.read_bytes()
        step = max(1, len(whole) // 60)
        for position in [*range(0, len(whole), step), len(whole) - 1]:
            damaged = bytearray(whole)
            damaged[position] ^= 1
            file.write_bytes(damaged)
            with pytest.raises(NetworkFileError, match="part-1"):
                open_model(kept, "key")
        for content in (b"", whole[:-1], whole + b" "):
            file.write_bytes(content)
            with pytest.raises(NetworkFileError):
                open_model(kept, "key")
        file.unlink()
        with pytest.raises(NetworkFileError):
            open_model(kept, "key")
        file.write_bytes(whole)
    assert open_model(kept, "key") is not None


def test_another_key_or_format_is_another_model(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkFileError):
        open_model(kept, "other")
    monkeypatch.setattr(kept_model, "FORMAT", kept_model.FORMAT + 1)
    with pytest.raises(NetworkFileError):
        open_model(kept, "key")


def test_an_array_of_another_type_than_stated_is_refused(kept: Path) -> None:
    file = kept / "manifest.json"
    content = file.read_text("utf-8").partition("\n")[2].replace('["<u2", [2, 3]', '["<u2", [3, 2]')
    file.write_text(f"{zlib.crc32(content.encode()):08x}\n{content}", "utf-8")
    assert json.loads(content)["arrays"]["times"][1] == [3, 2]
    with pytest.raises(NetworkFileError):
        open_model(kept, "key")


def test_nothing_that_runs_code_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        keep_model(tmp_path / "part-1", "key", Model({"objects": np.array([None])}))
    assert not list(tmp_path.iterdir())


def test_a_damaged_model_is_replaced_and_a_whole_one_stays(kept: Path) -> None:
    stamp = (kept / "manifest.json").stat().st_ino
    keep_model(kept, "key", MODEL)
    assert (kept / "manifest.json").stat().st_ino == stamp
    (kept / "times.npy").unlink()
    keep_model(kept, "key", MODEL)
    assert open_model(kept, "key") is not None
    assert [path.name for path in kept.parent.iterdir()] == ["part-1"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutputError):
        keep_model(tmp_path / "none" / "part-1", "key", MODEL)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_model.np, "save", full)
    with pytest.raises(OutputError, match="disco"):
        keep_model(tmp_path / "part-1", "key", MODEL)
    assert not list(tmp_path.iterdir())


def test_a_killed_process_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
import numpy as np
from psttm_geo.core.kept_model import Model, keep_model

class Killing(dict):
    def items(self):
        yield "one", np.zeros(9)
        os.kill(os.getpid(), signal.SIGKILL)

keep_model(Path({str(tmp_path)!r}) / "part-1", "key", Model(Killing()))
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, env={**os.environ})
    assert done.returncode < 0
    assert open_model(tmp_path / "part-1", "key") is None
    assert any(path.name.startswith(NAME) for path in tmp_path.iterdir()), "what it had begun"
    keep_model(tmp_path / "part-1", "key", MODEL)
    assert [path.name for path in tmp_path.iterdir()] == ["part-1"], "goes with the next one"


def test_two_processes_at_once_find_nothing_or_all_of_it(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
import numpy as np
from psttm_geo.core.errors import NetworkFileError
from psttm_geo.core.kept_model import Model, keep_model, open_model

folder = Path({str(tmp_path)!r}) / "part-1"
for number in range(60):
    keep_model(folder, "key", Model({{"one": np.arange(5000)}}))
    try:
        found = open_model(folder, "key")
    except NetworkFileError:  # the other one has just damaged it
        found = None
    assert found is None or found.arrays["one"][-1] == 4999
    if number % 3 == 0:
        (folder / "manifest.json").unlink(missing_ok=True)
"""
    running = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1].decode() for process in running] == ["", ""]
    keep_model(tmp_path / "part-1", "key", Model({"one": np.arange(5000)}))
    assert open_model(tmp_path / "part-1", "key") is not None
    assert [path.name for path in tmp_path.iterdir()] == ["part-1"]


def test_those_used_longest_ago_go(tmp_path: Path) -> None:
    for number in range(4):
        keep_model(tmp_path / f"part-{number}", "key", MODEL)
        os.utime(tmp_path / f"part-{number}", (number, number))
    (tmp_path / "other-1").mkdir()
    (tmp_path / "part-old.npz").write_bytes(b"")
    os.utime(tmp_path / "part-old.npz", (0, 0))
    mark_used(tmp_path / "part-0")
    forget_models(tmp_path, "part", 2)
    assert {path.name for path in tmp_path.iterdir()} == {"part-0", "part-3", "other-1"}


@pytest.mark.parametrize("positions", [[-1], [3], [0, 4, 2]])
def test_positions_beyond_what_they_point_to_are_refused(positions: list[int]) -> None:
    with pytest.raises(IndexError):
        require_within("edge", np.array(positions), 3)


def test_what_fits_is_taken() -> None:
    require_within("edge", np.array([0, 2]), 3)
    require_within("edge", np.array([-1, 2]), 3, least=-1)
    require_within("edge", np.zeros(0, int), 0)
    require_offsets("begins", np.array([0, 0, 2]), 2, 2)
    require_count("edge", np.zeros(2), 2)


@pytest.mark.parametrize("offsets", [[0, 2], [1, 1, 2], [0, 1, 1], [0, 3, 2], [0, 1, 1, 2]])
def test_offsets_that_do_not_part_what_they_should_are_refused(offsets: list[int]) -> None:
    with pytest.raises(IndexError):
        require_offsets("begins", np.array(offsets), 2, 2)


def test_another_number_is_refused() -> None:
    with pytest.raises(IndexError):
        require_count("edge", np.zeros(3), 2)
