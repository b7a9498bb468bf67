import dataclasses
from pathlib import Path

import numpy as np
import pytest
import shapely

from psttm_geo.core.errors import NetworkFileError, OutputError
from psttm_geo.osm.network import NOT_MAPPED, EdgeFlag, NodeFlag, WalkNetwork
from psttm_geo.schema.code_lists import SMOOTHNESS


@pytest.fixture
def network() -> WalkNetwork:
    """Give an L of 300 m and a separate street of 50 m."""
    return WalkNetwork(
        crs="EPSG:32632",
        classes=("", "residential", "steps"),
        node_x=np.array([0.0, 200.0, 1000.0, 1050.0]),
        node_y=np.array([0.0, 100.0, 0.0, 0.0]),
        node_osm_id=np.array([11, 12, 13, 14]),
        node_flags=np.array([0, NodeFlag.SIGNALS, 0, 0], np.uint8),
        node_kerb_cm=np.array([3, 0, NOT_MAPPED, NOT_MAPPED], np.uint8),
        node_component=np.array([0, 0, 1, 1], np.int32),
        edge_from=np.array([0, 2], np.int32),
        edge_to=np.array([1, 3], np.int32),
        edge_length_m=np.array([300.0, 50.0]),
        edge_way=np.array([5, 6]),
        edge_class=np.array([1, 2], np.uint8),
        edge_flags=np.array([EdgeFlag.RESIDENTIAL, EdgeFlag.STEPS], np.uint16),
        edge_crossings=np.array([1, 0], np.uint8),
        edge_width_cm=np.array([120, NOT_MAPPED], np.uint8),
        edge_slope_percent=np.array([NOT_MAPPED, 12], np.uint8),
        edge_smoothness=np.array([SMOOTHNESS.index("bad"), NOT_MAPPED], np.uint8),
        geometry_offsets=np.array([0, 3, 5]),
        geometry_x=np.array([0.0, 200.0, 200.0, 1000.0, 1050.0]),
        geometry_y=np.array([0.0, 0.0, 100.0, 0.0, 0.0]),
    )


def test_measures_left_out_are_not_mapped(network: WalkNetwork) -> None:
    names = ("node_kerb_cm", "edge_width_cm", "edge_slope_percent", "edge_smoothness")
    bare = WalkNetwork.from_arrays(network.arrays() | {name: np.zeros(0, np.uint8) for name in names})
    assert [getattr(bare, name).tolist() for name in names] == [[NOT_MAPPED] * 4, *[[NOT_MAPPED] * 2] * 3]


def test_counts_and_lengths(network: WalkNetwork) -> None:
    assert (network.node_count, network.edge_count, network.component_count) == (4, 2, 2)
    assert network.length_km == pytest.approx(0.35)


def test_a_walk_across_a_square_is_no_street(network: WalkNetwork) -> None:
    square = dataclasses.replace(network, edge_flags=np.array([EdgeFlag.ACROSS | EdgeFlag.ROUGH, 0], np.uint16))
    assert square.is_street.tolist() == [False, True]
    assert square.length_km == pytest.approx(0.05)


def test_geometries_have_the_length_of_their_edges(network: WalkNetwork) -> None:
    lines = network.geometries()
    assert shapely.get_num_points(lines).tolist() == [3, 2]
    assert shapely.length(lines).tolist() == network.edge_length_m.tolist()


def test_a_network_without_streets_has_no_components_and_no_lines(network: WalkNetwork) -> None:
    empty = dataclasses.replace(
        network,
        **{
            field.name: getattr(network, field.name)[:0]
            for field in dataclasses.fields(network)
            if field.name not in ("crs", "classes", "geometry_offsets")
        },
        geometry_offsets=np.zeros(1, np.int64),
    )
    assert (empty.component_count, empty.length_km, len(empty.geometries())) == (0, 0.0, 0)


def test_what_is_saved_is_loaded_again_type_by_type(network: WalkNetwork, tmp_path: Path) -> None:
    network.save(tmp_path / "network.npz")
    loaded = WalkNetwork.load(tmp_path / "network.npz")
    for name, values in network.arrays().items():
        assert loaded.arrays()[name].dtype == values.dtype
        np.testing.assert_array_equal(loaded.arrays()[name], values)
    assert (loaded.crs, loaded.classes) == (network.crs, network.classes)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_damaged_file_is_not_trusted(network: WalkNetwork, tmp_path: Path, place: float) -> None:
    path = tmp_path / "network.npz"
    network.save(path)
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    path.write_bytes(content[: int(len(content) * 0.95)])
    with pytest.raises(NetworkFileError, match=r"network\.npz è danneggiato"):
        WalkNetwork.load(path)


def test_a_changed_value_is_noticed(network: WalkNetwork, tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    network.save(path)
    content = path.read_bytes()
    value = np.float64(300.0).tobytes()
    assert content.count(value) == 1
    path.write_bytes(content.replace(value, np.float64(301.0).tobytes()))
    with pytest.raises(NetworkFileError, match="è danneggiato"):
        WalkNetwork.load(path)


def test_another_format_is_not_read(network: WalkNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psttm_geo.osm.network.FORMAT", 0)
    network.save(tmp_path / "network.npz")
    monkeypatch.undo()
    with pytest.raises(NetworkFileError, match="ha il formato 0, atteso"):
        WalkNetwork.load(tmp_path / "network.npz")


def test_a_file_of_something_else_or_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no network")
    for name in ("text.npz", "missing.npz"):
        with pytest.raises(NetworkFileError):
            WalkNetwork.load(tmp_path / name)


def test_a_folder_that_does_not_exist_is_told(network: WalkNetwork, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="la cartella non esiste"):
        network.save(tmp_path / "nowhere" / "network.npz")
