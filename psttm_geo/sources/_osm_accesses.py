"""Points where one gets into services."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.model.network import EdgeFlag, Ints, WalkNetwork
from psttm_geo.sources._osm_areas import Geometries, Objects, Places
from psttm_geo.sources._osm_tags import ANY, TagIndex, Tags

ALONG_M = 0.5
"""A street is the edge of an area where it stays this near to its outline: both go through the same nodes, or so."""

STEP_M = 2.5
"""Along such an edge one may get in at points this far apart, half a metre more at its ends: nobody walks more than
1.5 m further, under two seconds at the speed of a wheelchair."""

_MERGED_M = 1.0
"""Points of access that are nearer to each other are one."""

_SURFACE = 2
"""Dimensions of an area."""

_NO_ENTRANCE = ("no", "emergency", "fire_exit", "exit", "service", "garage")


def find_accesses(
    services: pd.DataFrame, objects: Objects, places: Places, entrances: Ints, network: WalkNetwork
) -> pd.DataFrame:
    """Find the points where one gets into each service.

    An area has the entrances mapped on its outline; else, unless it is one in the open air, those of buildings inside
    it; else the points where its outline meets streets, all along a street that is its edge; else one point inside.
    Where a service is mapped as an area and as a point, the area counts; where it is a site, the site counts.

    Parameters
    ----------
    services
        As :func:`psttm_geo.sources._osm_services.find_services` makes them.
    objects, places
        What they are made of.
    entrances
        Positions of nodes that are entrances.
    network
        The streets.

    Returns
    -------
    DataFrame
        ``service``, ``x``, ``y``, ``access`` (node, entrance, outline, inside), sorted by service.
    """
    shapes = objects.geometry[services["object"]]
    is_area = shapely.get_dimensions(shapes) == _SURFACE
    number = services["service"].to_numpy()
    mapped_as_area = np.isin(number, number[is_area])
    rows = services[(is_area | ~mapped_as_area) & ~services["part"].to_numpy()]
    shapes, number, is_area = shapes[rows.index], rows["service"].to_numpy(), is_area[rows.index]
    doors = _entrances(rows["object"].to_numpy(), objects, entrances, places)
    closed = is_area & ~np.isin(np.arange(len(rows)), doors["row"])
    covered = np.flatnonzero(closed & (rows["open_air"].to_numpy() != "si"))
    inner = _inner_entrances(rows, covered, (objects, places), entrances)
    closed[inner["row"]] = False
    outlines = _outline_points(shapes, np.flatnonzero(closed), network)
    found = pd.concat([doors, inner, outlines], ignore_index=True)
    rest = np.setdiff1d(np.arange(len(rows)), found["row"])
    kind = np.where(objects.kind[rows["object"].to_numpy()] == "n", "node", "inside")
    found = pd.concat([found, _points(shapes, rest, kind)], ignore_index=True)
    found["service"] = number[found["row"]]
    cells = (found[["x", "y"]] / _MERGED_M).round()
    found = found[~pd.concat([found["service"], cells], axis=1).duplicated()]
    return found.sort_values("service", kind="stable")[["service", "x", "y", "access"]].reset_index(drop=True)


def _entrances(rows: Ints, objects: Objects, entrances: Ints, places: Places) -> pd.DataFrame:
    """Return the entrances on the outlines of objects."""
    outline = pd.DataFrame({"object": objects.outline_owner, "node": objects.outline_node})
    outline = outline[outline["node"].isin(entrances)].drop_duplicates()
    doors = pd.DataFrame({"row": np.arange(len(rows)), "object": rows}).merge(outline, on="object", validate="m:m")
    return _doors(doors["row"].to_numpy(), doors["node"].to_numpy(), places)


def _doors(row: Ints, node: Ints, places: Places) -> pd.DataFrame:
    return pd.DataFrame({"row": row, "x": places.x[node], "y": places.y[node], "access": "entrance"})


def _inner_entrances(rows: pd.DataFrame, wanted: Ints, mapped: tuple[Objects, Places], entrances: Ints) -> pd.DataFrame:
    """Return the entrances inside areas that are not on the outline of another service: of the buildings in it."""
    objects, places = mapped
    number = rows["service"].to_numpy()
    shapes = objects.geometry[rows["object"].to_numpy()[wanted]]
    points = np.asarray(shapely.points(places.points(entrances)), object)
    area, door = shapely.STRtree(points).query(shapes, predicate="contains")
    found = pd.DataFrame({"row": wanted[area], "service": number[wanted[area]], "node": entrances[door]})
    outline = pd.DataFrame({"object": objects.outline_owner, "node": objects.outline_node})
    outline = outline[outline["node"].isin(found["node"])]
    owned = outline.merge(rows[["object", "service"]], on="object", validate="m:m")[["node", "service"]]
    foreign = found.merge(owned, on="node", suffixes=("", "_of"), validate="m:m")
    foreign = foreign[foreign["service"] != foreign["service_of"]]
    taken = pd.MultiIndex.from_frame(foreign[["row", "node"]])
    found = found[~pd.MultiIndex.from_frame(found[["row", "node"]]).isin(taken)]
    return _doors(found["row"].to_numpy(), found["node"].to_numpy(), places)


def _outline_points(shapes: Geometries, rows: Ints, network: WalkNetwork) -> pd.DataFrame:
    """Return the points where the outlines of areas meet streets.

    A tunnel or a bridge meets an outline only at nodes that both go through.
    """
    streets, outlines = network.geometries()[network.is_street], shapely.boundary(shapes[rows])
    area, street = shapely.STRtree(streets).query(outlines, predicate="dwithin", distance=ALONG_M)
    level = _is_level(network)[street]
    parts = [
        _crossings(outlines[area[level]], streets[street[level]]),
        _edges(outlines, area[level], streets[street[level]]),
        _shared_nodes(outlines[area[~level]], streets[street[~level]]),
    ]
    owners = [area[level], area[level], area[~level]]
    x, y = np.concatenate([points for points, _ in parts]).T
    at = np.concatenate([owner[index] for owner, (_, index) in zip(owners, parts, strict=True)])
    return pd.DataFrame({"row": rows[at], "x": x, "y": y, "access": "outline"})


_Points = tuple[np.ndarray, Ints]
"""Coordinates, and the position of the pair that each belongs to."""


def _is_level(network: WalkNetwork) -> npt.NDArray[np.bool_]:
    """Tell which streets run on the ground."""
    return np.asarray(network.edge_flags[network.is_street] & (EdgeFlag.TUNNEL | EdgeFlag.BRIDGE) == 0)


def _crossings(outlines: Geometries, streets: Geometries) -> _Points:
    """Return the points where streets cross outlines or begin and end to run along them."""
    points, pair = shapely.get_coordinates(shapely.intersection(outlines, streets), return_index=True)
    return points, pair


def _edges(outlines: Geometries, area: Ints, streets: Geometries) -> _Points:
    """Return points every few metres where streets run along outlines."""
    used, place = np.unique(area, return_inverse=True)
    beside = shapely.buffer(outlines[used], ALONG_M, quad_segs=2)
    shapely.prepare(beside)
    runs, pair = shapely.get_parts(shapely.intersection(beside[place], streets), return_index=True)
    lengths = shapely.length(runs) - 2 * ALONG_M  # a street that goes straight on leaves the strip so much later
    steps = np.ceil(lengths / STEP_M).astype(np.int64)
    long = np.flatnonzero(lengths > STEP_M)
    run = np.repeat(long, steps[long] + 1)
    step = np.arange(len(run)) - np.repeat(np.cumsum(steps[long] + 1) - steps[long] - 1, steps[long] + 1)
    points = shapely.line_interpolate_point(runs[run], ALONG_M + step * lengths[run] / steps[run])
    return shapely.get_coordinates(points), pair[run]


def _shared_nodes(outlines: Geometries, streets: Geometries) -> _Points:
    """Return the nodes that both an outline and a street go through."""
    nodes = [
        pd.DataFrame(np.column_stack(shapely.get_coordinates(shapes, return_index=True)), columns=["x", "y", "pair"])
        for shapes in (outlines, streets)
    ]
    shared = nodes[0].drop_duplicates().merge(nodes[1].drop_duplicates(), on=["x", "y", "pair"], validate="1:1")
    return shared[["x", "y"]].to_numpy(), shared["pair"].to_numpy(np.int64)


def _points(shapes: Geometries, rows: Ints, kind: np.ndarray) -> pd.DataFrame:
    """Return the points of what is but points, and one on each other shape."""
    several = shapely.get_dimensions(shapes[rows]) == 0
    points, at = shapely.get_coordinates(shapes[rows[several]], return_index=True)
    one = shapely.point_on_surface(shapes[rows[~several]])
    row = np.concatenate([rows[several][at], rows[~several]])
    x = np.concatenate([points[:, 0], shapely.get_x(one)])
    y = np.concatenate([points[:, 1], shapely.get_y(one)])
    return pd.DataFrame({"row": row, "x": x, "y": y, "access": kind[row]})


def entrance_nodes(kinds: TagIndex, tags: Tags, ids: Ints) -> Ints:
    """Return the nodes that are entrances people use."""
    mask = kinds.has(tags, "entrance", ANY)
    for value in _NO_ENTRANCE:
        mask &= ~kinds.has(tags, "entrance", value)
    return ids[mask]
