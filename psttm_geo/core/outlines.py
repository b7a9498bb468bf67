"""How far the outlines of polygons are from each other."""

import numpy as np
import shapely

OUTLINE_STEP_M = 10.0
"""Outlines are measured from points so far apart: the largest distance is right to half of it."""


def measure_distances(shapes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the largest distance between the outlines of each pair of polygons, in metres (Hausdorff distance).

    Parameters
    ----------
    shapes, others
        (Multi)polygons, as many of each, in metres.

    Returns
    -------
    ndarray
        Right to half of :data:`OUTLINE_STEP_M`.
    """
    outlines, other_outlines = shapely.boundary(shapes), shapely.boundary(others)
    return np.asarray(np.maximum(_reach(outlines, other_outlines), _reach(other_outlines, outlines)))


def _reach(outlines: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how far the farthest point of each outline is from the other one."""
    points, owners = shapely.get_coordinates(shapely.segmentize(outlines, OUTLINE_STEP_M), return_index=True)
    shapely.prepare(others)
    distances_m = shapely.distance(others[owners], shapely.points(points))
    farthest = np.zeros(len(outlines))
    np.maximum.at(farthest, owners, distances_m)
    return farthest
