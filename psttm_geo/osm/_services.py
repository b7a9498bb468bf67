"""Services out of mapped objects: by category, each counted once, those closed left out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.osm._areas import Geometries, Objects
from psttm_geo.osm._selection import ClosedRule, Condition, meets, meets_any, service_conditions
from psttm_geo.osm._tags import TagIndex, Tags
from psttm_geo.osm.network import Ints, connect

SAME_NAME_M = 100.0
"""Objects of one category and one name that are no farther apart are one service: a school and its building, the two
poles of a stop."""

_SURFACE = 2
"""Dimensions of an area."""


@dataclass(frozen=True)
class FoundServices:
    """Services, each once.

    Attributes
    ----------
    table
        ``object`` (position), ``category``, ``name``, ``level_unknown``, ``open_air`` (si or no), ``part`` (a member of
        the site that is this service), ``service`` (number from 0); the first row of a service is the one to show, the
        others are the same service mapped again.
    repeated
        How many objects were the same as another one.
    closed
        How many objects were left out of a category because they are closed, private or disused.
    """

    table: pd.DataFrame
    repeated: int
    closed: int


def find_services(
    objects: Objects, index: tuple[TagIndex, TagIndex], table: pd.DataFrame, closed: ClosedRule, members: pd.DataFrame
) -> FoundServices:
    """Find services, each once.

    Parameters
    ----------
    objects
        All with a geometry.
    index
        Of the objects' tags and of their texts.
    table
        ``services.csv``.
    closed
        What is none although its tags say so.
    members
        Of sites: ``site``, ``kind``, ``member``.
    """
    found, shut = _match(objects, index, table, closed)
    pairs = _site_pairs(found, objects, members)
    grouped = _group(found, objects, pairs)
    grouped["service"] = pd.factorize(grouped["group"])[0]
    services = grouped[["object", "category", "name", "level_unknown", "open_air", "part", "service"]]
    return FoundServices(services, len(found) - grouped["service"].nunique(), len(shut))


def _match(
    objects: Objects, index: tuple[TagIndex, TagIndex], table: pd.DataFrame, closed: ClosedRule
) -> tuple[pd.DataFrame, Ints]:
    """Find the category of objects, and which objects are closed.

    Returns
    -------
    DataFrame
        One row per object and category: ``object`` (position), ``category``, ``name``, ``level_unknown``, ``open_air``,
        ``family`` (the tag that schools of all levels share). A school has no unknown level where it has a known one.
    """
    conditions = service_conditions(table)
    rows = np.flatnonzero(meets_any(index[0], objects.tags, conditions))
    tags = objects.tags.take(rows)
    pairs = [
        _open_and_closed((rows, tags), index[0], closed, category, condition)
        for category, condition in zip(table["category"], conditions, strict=True)
    ]
    row = np.repeat(np.arange(len(table)), [len(open_ones) for open_ones, _ in pairs])
    shut = np.unique(np.concatenate([closed_ones for _, closed_ones in pairs]))
    found = pd.DataFrame(
        {
            "object": np.concatenate([open_ones for open_ones, _ in pairs]),
            "category": table["category"].to_numpy()[row],
            "level_unknown": (table["level_unknown"] == "si").to_numpy()[row],
            "open_air": table["open_air"].to_numpy()[row],
            "family": np.array(["=".join(condition[0]) for condition in conditions], object)[row],
        }
    ).sort_values(["object", "category", "level_unknown"], kind="stable")
    known = found.loc[~found["level_unknown"], ["object", "family"]]
    vague = pd.MultiIndex.from_frame(found[["object", "family"]]).isin(pd.MultiIndex.from_frame(known))
    found = found[~(found["level_unknown"] & vague)].drop_duplicates(["object", "category"]).reset_index(drop=True)
    found["name"] = index[1].values(objects.texts, "name")[found["object"]]
    return found, shut


def _open_and_closed(
    services: tuple[Ints, Tags], kinds: TagIndex, closed: ClosedRule, category: str, condition: Condition
) -> tuple[Ints, Ints]:
    rows, tags = services
    mine = np.flatnonzero(meets(kinds, tags, condition))
    shut = closed.closed(kinds, tags.take(mine), category, condition)
    return rows[mine[~shut]], rows[mine[shut]]


def _site_pairs(found: pd.DataFrame, objects: Objects, members: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return pairs of rows: a site, and one of its members that is a service too."""
    rows = pd.DataFrame(
        {
            "row": np.arange(len(found)),
            "kind": objects.kind[found["object"]].astype(object),
            "id": objects.ids[found["object"]],
        }
    )
    sites = rows[rows["kind"] == "r"].rename(columns={"row": "site_row", "id": "site"})[["site_row", "site"]]
    named = members.rename(columns={"member": "id"}).merge(sites, on="site", validate="m:m")
    pairs = named.merge(rows, on=["kind", "id"], validate="m:m")
    return pairs["site_row"].to_numpy(np.int64), pairs["row"].to_numpy(np.int64)


def _group(found: pd.DataFrame, objects: Objects, sites: tuple[Ints, Ints]) -> pd.DataFrame:
    """Bring together rows that are one service, the one to show first: of a known level, then the largest.

    Two rows of a category are one when they have the same name within :data:`SAME_NAME_M`, when one is nameless (or
    both have the same name) and lies in the area of the other, or when one is a site and the other its member. A row
    that is one with several names, nameless itself or a site (the grounds of three schools), is dropped: they count by
    themselves. A school without a level is dropped where it is, by the same rule, a school of a known level of any
    category.
    """
    shapes = objects.geometry[found["object"]]
    name = found["name"].str.strip().str.casefold().to_numpy()
    first, second = (np.concatenate(rows) for rows in zip(_alike(shapes, name), sites, strict=True))
    category, family = found["category"].to_numpy(), found["family"].to_numpy()
    unknown = found["level_unknown"].to_numpy()
    same = category[first] == category[second]
    other_level = ~same & (family[first] == family[second])
    dropped = np.zeros(len(found), bool)
    one, other = np.concatenate([first, second]), np.concatenate([second, first])
    same, other_level = np.tile(same, 2), np.tile(other_level, 2)
    dropped[one[other_level & unknown[one] & ~unknown[other]]] = True
    nameless = same & (name[one] == "")
    dropped[_with_several_names(one[nameless], other[nameless], name)] = True
    site, member = (rows[category[sites[0]] == category[sites[1]]] for rows in sites)
    dropped[_with_several_names(site, member, name)] = True
    joined = same & ~dropped[one] & ~dropped[other]
    group = connect(one[joined], other[joined], len(found))
    part = np.isin(np.arange(len(found)), member[~dropped[site]])
    grouped = found.assign(group=group, size=shapely.area(shapes), part=part)[~dropped]
    order = ["group", "level_unknown", "size", "part"]
    return grouped.sort_values(order, ascending=[True, True, False, True], kind="stable").reset_index(drop=True)


def _with_several_names(one: Ints, other: Ints, name: npt.NDArray[np.object_]) -> Ints:
    """Return the ones whose partners go by more than one name."""
    pairs = pd.DataFrame({"one": one, "name": name[other]})[name[other] != ""]
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
