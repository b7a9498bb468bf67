"""How much of a territory an extract covers, and whether it is one of another place."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.core.errors import OsmFileError
from psttm_geo.core.messages import gettext
from psttm_geo.core.numbers import say_percent
from psttm_geo.osm import _clip as where
from psttm_geo.osm import _objects as objects_of
from psttm_geo.osm._objects import Box, Nodes
from psttm_geo.osm._tags import Mask
from psttm_geo.osm.extent import Extent

LEAST_OVERLAP_PERCENT = 1.0
"""An extract that covers less of the territory is one of another place, unless it lies in the territory itself."""


LEAST_INSIDE_PERCENT = 50.0
"""An extract lies in the territory when so much of it does: the one of a small town."""


def find_inside(area: shapely.Geometry, shapes: npt.NDArray[np.object_]) -> Mask:
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, shapes))


def overlap_percent(extent: Extent, units: gpd.GeoDataFrame) -> float | None:
    """Return how much of the units' area the extract covers, in percent; None without units."""
    shapes = units.geometry.to_numpy()
    areas = shapely.area(shapes)
    return 100 * float(extent.shares(shapes) @ areas / areas.sum()) if areas.sum() > 0 else None


def require_overlap(path: Path, nodes: Nodes, territory: gpd.GeoDataFrame) -> None:
    """Refuse an extract of another place."""
    percent, inside_percent = where.overlaps_percent(nodes, territory)
    if percent < LEAST_OVERLAP_PERCENT and inside_percent < LEAST_INSIDE_PERCENT:
        raise _other_place(path, percent)


def _other_place(path: Path, percent: float) -> OsmFileError:
    covered = say_percent(percent / 100)
    return OsmFileError(
        gettext(
            "{path} covers {covered} of the territory: it is an extract of another place; give one that "
            "contains it, or another territory with --territory.",
            path=path,
            covered=covered,
        )
    )


def require_objects(path: Path, nodes: Nodes, box: Box = objects_of.WORLD) -> None:
    if len(nodes.locations):
        return
    if box != objects_of.WORLD and nodes.read > nodes.out_of_range:
        raise _other_place(path, 0)
    raise OsmFileError(
        gettext("{path} holds no nodes that lie on earth; give an extract of OpenStreetMap that has data.", path=path)
    )
