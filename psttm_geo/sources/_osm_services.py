"""Services out of mapped objects: by category, each counted once, with the points where one gets in."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.model.network import Ints, WalkNetwork, connect
from psttm_geo.sources._osm_areas import Geometries, Objects, Places
from psttm_geo.sources._osm_selection import meets, service_conditions
from psttm_geo.sources._osm_tags import ANY, TagIndex, Tags

SAME_NAME_M = 100.0
"""Objects of one category and one name that are no farther apart are one service: a school and its building, the two
poles of a stop."""

_MERGED_M = 1.0
"""Points of access that are nearer to each other are one."""

_SURFACE = 2
"""Dimensions of an area."""

_NO_ENTRANCE = ("no", "emergency", "exit", "service", "garage")


def find_services(objects: Objects, index: tuple[TagIndex, TagIndex], table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Find services, each once.

    Parameters
    ----------
    objects
        All with a geometry.
    index
        Of the objects' tags and of their texts.
    table
        ``services.csv``.

    Returns
    -------
    DataFrame
        ``object`` (position), ``category``, ``name``, ``level_unknown``, ``service`` (number from 0); the first row of
        a service is the one to show, the others are the same service mapped again.
    int
        How many objects were the same as another one.
    """
    found = _match(objects, index, table)
    grouped = _group(found, objects)
    grouped["service"] = pd.factorize(grouped["group"])[0]
    services = grouped[["object", "category", "name", "level_unknown", "service"]]
    return services, len(found) - grouped["service"].nunique()


def find_accesses(
    services: pd.DataFrame, objects: Objects, places: Places, entrances: Ints, network: WalkNetwork
) -> pd.DataFrame:
    """Find the points where one gets into each service.

    An area has its mapped entrances; else the points where its outline meets streets; else one point inside. Where a
    service is mapped as an area and as a point, the area counts.

    Parameters
    ----------
    services
        As :func:`find_services` returns them.
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
    rows = services[is_area | ~mapped_as_area]
    shapes, number, is_area = shapes[rows.index], rows["service"].to_numpy(), is_area[rows.index]
    doors = _entrances(rows["object"].to_numpy(), objects, entrances, places)
    closed = is_area & ~np.isin(np.arange(len(rows)), doors["row"])
    outlines = _outline_points(shapes, np.flatnonzero(closed), network)
    rest = np.setdiff1d(np.arange(len(rows)), np.concatenate([doors["row"], outlines["row"]]))
    points = shapely.point_on_surface(shapes[rest])
    kind = np.where(objects.kind[rows["object"].to_numpy()[rest]] == "n", "node", "inside")
    inner = pd.DataFrame({"row": rest, "x": shapely.get_x(points), "y": shapely.get_y(points), "access": kind})
    found = pd.concat([doors, outlines, inner], ignore_index=True)
    found["service"] = number[found["row"]]
    cells = (found[["x", "y"]] / _MERGED_M).round()
    found = found[~pd.concat([found["service"], cells], axis=1).duplicated()]
    return found.sort_values("service", kind="stable")[["service", "x", "y", "access"]].reset_index(drop=True)


def _entrances(rows: Ints, objects: Objects, entrances: Ints, places: Places) -> pd.DataFrame:
    """Return the entrances on the outlines of objects."""
    outline = pd.DataFrame({"object": objects.outline_owner, "node": objects.outline_node})
    outline = outline[outline["node"].isin(entrances)].drop_duplicates()
    doors = pd.DataFrame({"row": np.arange(len(rows)), "object": rows}).merge(outline, on="object", validate="m:m")
    node = doors["node"].to_numpy()
    return pd.DataFrame({"row": doors["row"], "x": places.x[node], "y": places.y[node], "access": "entrance"})


def _outline_points(shapes: Geometries, rows: Ints, network: WalkNetwork) -> pd.DataFrame:
    """Return the points where the outlines of areas meet streets."""
    streets, outlines = network.geometries()[network.is_street], shapely.boundary(shapes[rows])
    area, street = shapely.STRtree(streets).query(outlines, predicate="intersects")
    meeting = shapely.intersection(outlines[area], streets[street])
    points, at = shapely.get_coordinates(meeting, return_index=True)
    return pd.DataFrame({"row": rows[area[at]], "x": points[:, 0], "y": points[:, 1], "access": "outline"})


def entrance_nodes(kinds: TagIndex, tags: Tags, ids: Ints) -> Ints:
    """Return the nodes that are entrances people use."""
    mask = kinds.has(tags, "entrance", ANY)
    for value in _NO_ENTRANCE:
        mask &= ~kinds.has(tags, "entrance", value)
    return ids[mask]


def _match(objects: Objects, index: tuple[TagIndex, TagIndex], table: pd.DataFrame) -> pd.DataFrame:
    """Find the category of objects; one row per object and category.

    Returns
    -------
    DataFrame
        ``object`` (position), ``category``, ``name``, ``level_unknown``, ``family`` (the tag that schools of all levels
        share).
    """
    parts = []
    for condition, category, unknown in zip(
        service_conditions(table), table["category"], table["level_unknown"] == "si", strict=True
    ):
        rows = np.flatnonzero(meets(index[0], objects.tags, condition))
        family = "=".join(condition[0])
        parts.append(pd.DataFrame({"object": rows, "category": category, "level_unknown": unknown, "family": family}))
    found = pd.concat(parts, ignore_index=True).sort_values(["object", "category", "level_unknown"])
    found = found.drop_duplicates(["object", "category"]).reset_index(drop=True)  # a known level comes first
    found["name"] = index[1].values(objects.texts, "name")[found["object"]]
    return found


def _group(found: pd.DataFrame, objects: Objects) -> pd.DataFrame:
    """Bring together rows that are one service, the one to show first: of a known level, then the largest.

    Two rows of a category are one when they have the same name within :data:`SAME_NAME_M`, or when one is nameless (or
    both have the same name) and lies in the area of the other. A nameless row that is one with several names (the
    grounds of three schools) is dropped: they count by themselves. A school without a level is dropped where it is, by
    the same rule, a school of a known level of any category.
    """
    shapes = objects.geometry[found["object"]]
    name = found["name"].str.strip().str.casefold().to_numpy()
    first, second = _alike(shapes, name)
    category, family = found["category"].to_numpy(), found["family"].to_numpy()
    unknown = found["level_unknown"].to_numpy()
    same = category[first] == category[second]
    other_level = ~same & (family[first] == family[second])
    dropped = np.zeros(len(found), bool)
    one, other = np.concatenate([first, second]), np.concatenate([second, first])
    same, other_level = np.tile(same, 2), np.tile(other_level, 2)
    dropped[one[other_level & unknown[one] & ~unknown[other]]] = True
    dropped[_with_several_names(one[same], other[same], name)] = True
    joined = same & ~dropped[one] & ~dropped[other]
    group = connect(one[joined], other[joined], len(found))
    grouped = found.assign(group=group, size=shapely.area(shapes))[~dropped]
    order = ["group", "level_unknown", "size"]
    return grouped.sort_values(order, ascending=[True, True, False], kind="stable").reset_index(drop=True)


def _with_several_names(one: Ints, other: Ints, name: npt.NDArray[np.object_]) -> Ints:
    """Return the nameless ones of `one` whose partners go by more than one name."""
    pairs = pd.DataFrame({"one": one, "name": name[other]})[(name[one] == "") & (name[other] != "")]
    names = pairs.drop_duplicates().groupby("one").size()
    several: Ints = names.index[names > 1].to_numpy(np.int64)
    return several


def _alike(shapes: Geometries, name: npt.NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Return pairs of objects that are the same thing mapped twice, whatever it is."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_NAME_M)
    once = first < second
    first, second = first[once], second[once]
    is_area = shapely.get_dimensions(shapes) == _SURFACE
    same_name = (name[first] == name[second]) & (name[first] != "")
    within = ((name[first] == "") | (name[second] == "")) & (is_area[first] | is_area[second])
    within[within] = shapely.intersects(shapes[first[within]], shapes[second[within]])
    return first[same_name | within], second[same_name | within]
