"""Every kernel called once, as travel times and isochrones call it."""

import numpy as np

from psttm_geo.access._kernels import gains
from psttm_geo.access.isochrones import isochrones
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import StreetIndex
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.crs import METRIC
from psttm_geo.core.messages import NOTHING
from psttm_geo.osm.network import WalkNetwork

_LENGTH_M = 100.0


def call_all_kernels() -> None:
    """Call all kernels, on a street of two nodes: numba compiles them or loads what it has kept."""
    network, owner = _street(), np.zeros(1, np.int32)
    graph = WalkGraph(network, Profile("", NOTHING, 1.0, 1.0, 1.0, 1.0, 0.0, (), NOTHING, NOTHING, "", ""))
    places = StreetIndex(network).snap(0.0, 0.0, usable=graph.usable)
    (node_ds,) = graph.nearest([places], limit_min=1)
    graph.at(places, node_ds, places)
    graph.count_within(places, places, owner, minutes=1)
    graph.several_nearest(places, places, owner, count=1, limit_min=1)
    ptr, place, times = graph.improved(places, places, owner, 1, np.array([600], np.uint16), limit=600)
    gain, column, level = times.astype(np.float64), np.zeros(1, np.int64), np.zeros(1)
    gains.add_excess(ptr, place, gain, level, column, np.zeros(1))
    gains.raise_level(ptr, place, gain, column, level)
    gains.count_above(ptr, place, gain, level, column, np.zeros(1))
    isochrones(graph, places, [1])


def _street() -> WalkNetwork:
    nodes, street = np.zeros(2, np.uint8), np.zeros(1, np.uint8)
    return WalkNetwork(
        crs=METRIC,
        classes=("",),
        node_x=np.array([0.0, _LENGTH_M]),
        node_y=np.zeros(2),
        node_osm_id=np.arange(2),
        node_flags=nodes,
        node_component=np.zeros(2, np.int32),
        edge_from=np.array([0], np.int32),
        edge_to=np.array([1], np.int32),
        edge_length_m=np.array([_LENGTH_M]),
        edge_way=np.zeros(1, np.int64),
        edge_class=street,
        edge_flags=np.zeros(1, np.uint16),
        edge_crossings=street,
        geometry_offsets=np.array([0, 2]),
        geometry_x=np.array([0.0, _LENGTH_M]),
        geometry_y=np.zeros(2),
    )
