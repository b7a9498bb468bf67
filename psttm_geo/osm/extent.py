"""Where an extract of OpenStreetMap speaks: as far as its streets go, within the box that it states."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.osm.network import Floats

WHOLE_SHARE = 0.8
"""An area so much of which lies among the streets is covered: its rest may well be woods or water."""

LEAST_DENSE_SHARE = 0.5
"""Where streets meet in less of what the hull holds of an area, only that is covered: the others may just run on from
the neighbours'."""

LEAST_KNOWN_SHARE = 0.8
"""A unit of which fewer residents live where the extract speaks has no share and no minutes: a part of a town, its edge
or its centre, need not walk as the whole does."""

_INSIDE_SHARE = 0.99
"""An area so much of which lies in the stated box lies in it: outlines of two sources differ."""

FEWEST_JUNCTIONS, LEAST_JUNCTION_SHARE = 3, 0.02
"""Fewer places where streets meet, or a smaller part of what an area of its size has elsewhere, are those of streets
that only pass through: the area itself is not there, even in the middle of others that are."""

_JUNCTIONS_EXPECTED = 10
"""Only an area that would have as many is judged by them."""

_SLIVER_SHARE = 0.001
"""An area of which no more is covered is not covered, for the same reason."""

Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Extent:
    """The area that an extract speaks of.

    Attributes
    ----------
    table
        ``part`` and shapes in the CRS of the extract: ``hull`` (around the streets that meet), ``dense`` (where they
        meet, its holes filled), ``junctions`` (points where they meet; none where they are too few to tell) and ``box``
        (that the file states; none where it states none).
    """

    table: gpd.GeoDataFrame

    def shares(self, areas: Geometries) -> Floats:
        """Return which part of each area the extract covers, 0 to 1.

        Streets say nothing of where nobody built any: an area that lies in the hull but for less than a fifth is taken
        to be covered, unless the stated box cuts it, or hardly any streets meet in it although many do around. Boxes
        promise more than there is, so that they only take away.

        Parameters
        ----------
        areas
            In the CRS of the extract, each with a surface.
        """
        whole = shapely.area(areas)
        boxed = areas if self._box is None else shapely.intersection(areas, self._box)
        inside = shapely.area(boxed)
        of_hull, of_dense = (
            _divide(shapely.area(shapely.intersection(boxed, part)), inside) for part in (self._hull, self._dense)
        )
        covered = np.where(of_hull >= WHOLE_SHARE, 1.0, of_hull)
        covered = np.where(of_dense >= LEAST_DENSE_SHARE * of_hull, covered, of_dense)
        within = _divide(inside, whole)
        covered = covered * np.where(within >= _INSIDE_SHARE, 1.0, within)
        covered[self._only_passed(areas, of_hull * inside)] = 0.0
        return np.where(covered > _SLIVER_SHARE, covered, 0.0)

    def contains(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        """Tell which points lie in the hull and in the stated box; coordinates in the CRS of the extract."""
        inside = shapely.contains_xy(self._hull, x, y)
        return np.asarray(inside if self._box is None else inside & shapely.contains_xy(self._box, x, y))

    def distances_to_end(self, x: Floats, y: Floats) -> Floats:
        """Return how far points are from where the extract ends, metres; 0 beyond it, infinite without a position."""
        known = self._dense if self._box is None else shapely.intersection(self._dense, self._box)
        located = np.isfinite(x) & np.isfinite(y)
        points = shapely.points(np.where(located, x, 0.0), np.where(located, y, 0.0))
        shapely.prepare(known)
        inside = shapely.contains(known, points)
        end = shapely.boundary(known)
        shapely.prepare(end)
        return np.where(located, np.where(inside, shapely.distance(end, points), 0.0), np.inf)

    def _only_passed(self, areas: Geometries, surface_m2: Floats) -> npt.NDArray[np.bool_]:
        """Tell in which areas streets hardly meet, given how much of each lies in the hull."""
        junctions = self._parts.get("junctions")
        if junctions is None:
            return np.zeros(len(areas), bool)
        points = shapely.get_parts(junctions)
        at, _ = shapely.STRtree(points).query(areas, predicate="intersects")
        found = np.bincount(at, minlength=len(areas))
        expected = surface_m2 * len(points) / shapely.area(self._dense)
        few = (found < FEWEST_JUNCTIONS) | (found < LEAST_JUNCTION_SHARE * expected)
        return np.asarray(few & (expected >= _JUNCTIONS_EXPECTED))

    @property
    def _hull(self) -> shapely.Geometry:
        return self._parts["hull"]

    @property
    def _dense(self) -> shapely.Geometry:
        return self._parts["dense"]

    @property
    def _box(self) -> shapely.Geometry | None:
        return self._parts.get("box")

    @property
    def _parts(self) -> dict[str, shapely.Geometry]:
        return dict(zip(self.table["part"], self.table.geometry, strict=True))


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0))
