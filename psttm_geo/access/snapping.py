"""Places put on streets: each at the nearest point of the nearest street that leads somewhere, with the walk there.

Courtyards, roof gardens and paths in a park that are linked to nothing are pieces of network of their own. Who stands
on one could not leave it, while a street of the town is a few metres farther: places go to the nearest street of a
piece that leads somewhere, and to the others only where no such street is near enough.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from psttm_geo.access._kernels import street
from psttm_geo.access.compilation import await_kernels
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import CrsError, EmptyNetworkError
from psttm_geo.core.kept_model import Model, require_count, require_offsets, require_within
from psttm_geo.core.messages import gettext
from psttm_geo.osm.network import WalkNetwork

FARTHEST_M = 250.0
"""A place farther from every street is not connected."""

NOT_CONNECTED = -1

_SMALLEST_CELL_M = 10.0
"""Of the grid that streets are looked up in."""

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

    def kept(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """Return the places as arrays that are kept under a name."""
        return {f"{name}_{each.name}": getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of_kept(cls, name: str, arrays: Mapping[str, npt.NDArray[Any]], edges: int) -> "Places":
        """Return the places that were kept under a name, on a network of so many edges.

        Raises
        ------
        IndexError
            The arrays do not fit the network.
        """
        places = cls(*(arrays[f"{name}_{each.name}"] for each in fields(cls)))
        require_within(name, places.edge, edges, least=NOT_CONNECTED)
        for each in fields(cls):
            require_count(name, getattr(places, each.name), len(places))
        return places

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
    model
        The index of this very network as it was kept; made anew where it is None.

    Raises
    ------
    EmptyNetworkError
        There is no street.
    CrsError
        The network is not in metres.
    IndexError
        What was kept does not fit the network.
    """

    def __init__(self, network: WalkNetwork, model: Model | None = None) -> None:
        require_streets(network)
        self._network = network
        await_kernels()
        # Kernels are compiled for one kind of array.
        self._x, self._y = np.ascontiguousarray(network.geometry_x), np.ascontiguousarray(network.geometry_y)
        if model is None:
            self._build(network)
        else:
            self._take(network, model)

    def _build(self, network: WalkNetwork) -> None:
        x, y = self._x, self._y
        # Point by point: the street it belongs to.
        self._owner = np.repeat(np.arange(network.edge_count, dtype=np.int32), np.diff(network.geometry_offsets))
        self._west, self._south = float(x.min()), float(y.min())
        width, height = float(np.ptp(x)), float(np.ptp(y))
        # About as many cells as pieces of streets, however long and narrow the territory is.
        self._side = max(math.sqrt(width * height / len(x)), (width + height) / len(x), _SMALLEST_CELL_M)
        self._columns, self._rows = int(width / self._side) + 1, int(height / self._side) + 1
        ends = np.zeros(self._columns * self._rows, np.int32)
        self._fill_cells(ends, np.empty(0, np.int32))
        self._begins = np.concatenate([np.cumsum(ends, dtype=np.int32), [np.int32(ends.sum())]]).astype(np.int32)
        self._pieces = np.empty(self._begins[-1], np.int32)
        self._fill_cells(self._begins, self._pieces)

    def _take(self, network: WalkNetwork, model: Model) -> None:
        self._west, self._south, self._side, self._columns, self._rows = model.told["grid"]
        self._owner, self._begins, self._pieces = (model.arrays[name] for name in ("owner", "begins", "pieces"))
        require_count("owner", self._owner, len(network.geometry_x))
        require_within("owner", self._owner, network.edge_count)
        require_offsets("begins", self._begins, self._columns * self._rows, len(self._pieces))
        require_within("pieces", self._pieces, len(network.geometry_x) - 1)

    def kept(self) -> Model:
        """Return the index as it is kept beside its network."""
        arrays = {"owner": self._owner, "begins": self._begins, "pieces": self._pieces}
        return Model(arrays, told={"grid": self._grid})

    def snap(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        usable: npt.NDArray[np.bool_] | None = None,
        leading: npt.NDArray[np.bool_] | None = None,
        max_m: float = FARTHEST_M,
    ) -> Places:
        """Put places on the nearest streets.

        Parameters
        ----------
        x, y
            Metres, in the network's CRS; a place without a position (NaN) is not connected.
        usable
            Streets that may be chosen, one flag per edge; all by default.
        leading
            Streets that are chosen before the others, wherever one is near enough; none by default.
        max_m
            The largest distance.

        Returns
        -------
        Places
            In the order given; of equally near streets the first one is taken.
        """
        xs, ys = (np.array(values, dtype=float, ndmin=1) for values in (x, y))
        allowed = np.ones(self._network.edge_count, bool) if usable is None else usable
        if leading is None or leading.all():
            return self._snap(xs, ys, allowed, max_m)
        places = self._snap(xs, ys, allowed & leading, max_m)
        alone = np.flatnonzero(~places.connected)
        others = self._snap(xs[alone], ys[alone], allowed, max_m)
        for name in ("edge", "fraction", "off_street_m"):
            getattr(places, name)[alone] = getattr(others, name)
        return places

    def _snap(self, xs: Floats, ys: Floats, usable: npt.NDArray[np.bool_], max_m: float) -> Places:
        network = self._network
        edge = np.full(len(xs), NOT_CONNECTED, np.int32)
        fraction, away = np.zeros(len(xs)), np.full(len(xs), np.inf)
        street.nearest_streets(
            self._x,
            self._y,
            self._owner,
            network.geometry_offsets,
            usable,
            *self._grid,
            self._begins,
            self._pieces,
            xs,
            ys,
            max_m,
            edge,
            fraction,
            away,
        )
        return Places(edge, fraction, away, xs, ys)

    @property
    def _grid(self) -> tuple[float, float, float, int, int]:
        return self._west, self._south, self._side, self._columns, self._rows

    def _fill_cells(self, ends: Indices, pieces: Indices) -> None:
        street.fill_cells(self._x, self._y, self._owner, *self._grid, ends, pieces)


def require_streets(network: WalkNetwork) -> None:
    """Refuse a network that nobody can walk on or that is not in metres.

    Raises
    ------
    EmptyNetworkError
        There is no street.
    CrsError
        The network is in no plane whose unit is the metre; extracts are read in the UTM zone that they lie in.
    """
    crs = pyproj.CRS(network.crs)
    if not (crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)):
        raise CrsError(
            gettext(
                "Street network: found CRS {crs}, expected one in metres such as {metric}; read the extract again.",
                crs=network.crs,
                metric=METRIC,
            )
        )
    if network.edge_count == 0:
        raise EmptyNetworkError(
            gettext("The network has no walkable street in the territory; give an extract that covers it.")
        )


def same_street(sought: Places, places: Places) -> tuple[npt.NDArray[np.intp], Indices, Indices]:
    """Return which of the places sought are on the same street as each place.

    Returns
    -------
    tuple
        The places sought, sorted by street, and per place the first of them on its street and the one after the last.
    """
    order = np.argsort(sought.edge, kind="stable")
    streets = sought.edge[order]
    first, last = (np.searchsorted(streets, places.edge, side).astype(np.int32) for side in ("left", "right"))
    return order, first, last
