"""Places put on streets: each at the nearest point of the nearest street, with the walk that leads there."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.crs import METRIC
from psttm_geo.errors import CrsError, EmptyNetworkError, Text
from psttm_geo.model.network import WalkNetwork

FARTHEST_M = 250.0
"""A place farther from every street is not connected."""

NOT_CONNECTED = -1

_CHUNK = 200_000
"""Places looked up at a time: keeps the memory of distances and pairs small."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Places:
    """Places on the edges of a network: equally long arrays, one entry per place.

    Attributes
    ----------
    edge
        Position of the street among the network's edges; :data:`NOT_CONNECTED` where none is near enough.
    fraction
        Where on the street, 0 at its first node and 1 at its last; 0 where not connected.
    off_street_m
        Metres from the place to that point; of a place not connected, infinity.
    x, y
        The place itself, metres.
    """

    edge: Indices
    fraction: Floats
    off_street_m: Floats
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def connected(self) -> npt.NDArray[np.bool_]:
        """Which places are on a street."""
        return np.asarray(self.edge != NOT_CONNECTED)

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> "Places":
        """Return some of the places, by position or by a mask."""
        return Places(*(getattr(self, field.name)[which] for field in fields(self)))


def join_places(first: Places, second: Places) -> Places:
    """Return the places of both, one after the other."""
    return Places(*(np.concatenate([getattr(one, field.name) for one in (first, second)]) for field in fields(Places)))


class StreetIndex:
    """Finds the nearest street.

    Parameters
    ----------
    network
        At least one street, metric.

    Raises
    ------
    EmptyNetworkError
        There is no street.
    CrsError
        The network is not in EPSG:32632.
    """

    def __init__(self, network: WalkNetwork) -> None:
        require_streets(network)
        self._lines = network.geometries()
        self._lengths = shapely.length(self._lines)
        self._trees: dict[bytes, tuple[npt.NDArray[np.intp], shapely.STRtree]] = {}

    def snap(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        usable: npt.NDArray[np.bool_] | None = None,
        max_m: float = FARTHEST_M,
    ) -> Places:
        """Put places on the nearest streets.

        Parameters
        ----------
        x, y
            Metres, in the network's CRS.
        usable
            Streets that may be chosen, one flag per edge; all by default.
        max_m
            The largest distance.

        Returns
        -------
        Places
            In the order given; of equally near streets the first one is taken.
        """
        xs, ys = np.atleast_1d(np.asarray(x, dtype=float)), np.atleast_1d(np.asarray(y, dtype=float))
        chosen, tree = self._tree_of(np.ones(len(self._lines), bool) if usable is None else usable)
        edge = np.full(len(xs), NOT_CONNECTED, np.int32)
        for start in range(0, len(xs), _CHUNK):
            part = slice(start, start + _CHUNK)
            places, found = tree.query_nearest(shapely.points(xs[part], ys[part]), max_distance=max_m)
            # Pairs come sorted by place; the smallest position among equally near streets is kept.
            order = np.lexsort((found, places))
            first = order[np.unique(places[order], return_index=True)[1]]
            edge[start + places[first]] = chosen[found[first]]
        return self._project(edge, xs, ys)

    def _tree_of(self, usable: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], shapely.STRtree]:
        """Return the streets that may be chosen and their tree, made once for each set of streets."""
        key = np.packbits(usable).tobytes()
        if key not in self._trees:
            chosen = np.flatnonzero(usable)
            self._trees[key] = (chosen, shapely.STRtree(self._lines[chosen]))
        return self._trees[key]

    def _project(self, edge: Indices, x: Floats, y: Floats) -> Places:
        there = edge != NOT_CONNECTED
        lines = self._lines[edge[there]]
        points = shapely.points(x[there], y[there])
        lengths = self._lengths[edge[there]]
        along = shapely.line_locate_point(lines, points)
        fraction, away = np.zeros(len(edge)), np.full(len(edge), np.inf)
        fraction[there] = np.divide(along, lengths, out=np.zeros_like(along), where=lengths > 0)
        away[there] = shapely.distance(lines, points)
        return Places(edge, fraction, away, x, y)


def require_streets(network: WalkNetwork) -> None:
    """Refuse a network that nobody can walk on or that is not in metres.

    Raises
    ------
    EmptyNetworkError
        There is no street.
    CrsError
        The network is not in EPSG:32632.
    """
    if network.crs != METRIC:
        raise CrsError(
            Text(
                f"Rete stradale: sistema di riferimento trovato {network.crs}, atteso {METRIC}; leggere di nuovo "
                "l'estratto.",
                f"Street network: found CRS {network.crs}, expected {METRIC}; read the extract again.",
            )
        )
    if network.edge_count == 0:
        raise EmptyNetworkError(
            Text(
                "La rete non ha nessuna strada percorribile a piedi nel territorio; indicare un estratto che lo copra.",
                "The network has no walkable street in the territory; give an extract that covers it.",
            )
        )
