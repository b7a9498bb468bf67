"""Relations of type ``site``: one service out of members that have no outline in common."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from psttm_geo.osm._areas import Geometries, Objects, Places, find_sorted, relation_objects, way_objects
from psttm_geo.osm._objects import Nodes, Relations, Ways, owners, read_relations_by_id
from psttm_geo.osm._reader import OsmFile
from psttm_geo.osm._tags import Mask
from psttm_geo.osm._visibility import spread
from psttm_geo.osm.network import Ints

ENTRANCE_ROLES = ("entrance", "main_entrance", "entry")
"""What a member is called where one gets in."""

_SURFACE = 2
"""Dimensions of an area."""


@dataclass(frozen=True)
class Sites:
    """Sites and what they are made of.

    Attributes
    ----------
    relations
        The sites.
    parts
        Their members that are relations themselves and outline an area, as far as the file has them.
    """

    relations: Relations
    parts: Relations

    @property
    def ways(self) -> Ints:
        """Identifiers of the ways that sites and their parts are made of."""
        return np.unique(np.concatenate([self.relations.way, self.parts.way]))

    @property
    def nodes(self) -> Ints:
        """Identifiers of the nodes that are members."""
        others = self.relations.others
        return np.unique(others.ids[others.kind == "n"])

    @property
    def entrances(self) -> Ints:
        """Identifiers of the nodes that are members as a way in."""
        others = self.relations.others
        return np.unique(others.ids[_is_entrance(self.relations)])

    @property
    def members(self) -> pd.DataFrame:
        """Return ``site``, ``kind`` (n, w, r) and ``member`` for each member, all but the kind identifiers."""
        relations, others = self.relations, self.relations.others
        owner = np.concatenate([relations.owner, others.owner])
        return pd.DataFrame(
            {
                "site": relations.ids[owner],
                "kind": np.concatenate([np.full(len(relations.way), "w", object), others.kind]),
                "member": np.concatenate([relations.way, others.ids]),
            }
        )

    def near(self, ways: Ints, nodes: Nodes) -> "Sites":
        """Return the sites with a member among the ways given, or a node inside the box."""
        relations, others = self.relations, self.relations.others
        near_parts = self.parts.ids[np.unique(self.parts.owner[np.isin(self.parts.way, ways)])]
        here = (others.kind == "n") & (nodes.find(others.ids) >= 0)
        here |= (others.kind == "r") & np.isin(others.ids, near_parts)
        kept = np.concatenate([relations.owner[np.isin(relations.way, ways)], others.owner[here]])
        return replace(self, relations=relations.take(np.unique(kept)))


def read_sites(osm: OsmFile, relations: Relations) -> Sites:
    """Add to sites those of their members that are relations; the file is scanned again only where there are some."""
    others = relations.others
    wanted = np.unique(others.ids[others.kind == "r"])
    parts = read_relations_by_id(osm, wanted) if len(wanted) else relations.take(wanted)
    return Sites(relations, parts)


def site_objects(sites: Sites, members: Ways, places: Places) -> Objects:
    """Make one object of each site: the areas of its members; where it has none its lines, then its points.

    Nodes on the outlines of members are nodes of its outline, and so is a member that is an entrance.

    Parameters
    ----------
    sites
        With all their members; one that the file does not have is left out of the site.
    members
        The ways found, sorted by identifier.
    places
        Of all nodes that members are made of.
    """
    relations = sites.relations
    count = len(relations.ids)
    geometry = np.full(count, None, object)
    owner, shapes = _pieces(sites, members, places)
    dimensions = shapely.get_dimensions(shapes)
    most = np.full(count, -1)
    np.maximum.at(most, owner, dimensions)
    kept = np.flatnonzero(dimensions == most[owner])
    kept = kept[np.argsort(owner[kept], kind="stable")]
    if len(kept):
        shapely.geometrycollections(shapes[kept], indices=owner[kept], out=geometry)
    drawn = ~shapely.is_missing(geometry)
    geometry[drawn] = shapely.union_all(geometry[drawn][:, None], axis=1)
    outline_owner, outline_node = _outlines(sites, members, places)
    return Objects(
        np.full(count, "r"),
        relations.ids,
        relations.tags,
        relations.texts,
        geometry,
        _lacks_members(sites, members, places),
        outline_owner,
        outline_node,
    )


def _lacks_members(sites: Sites, members: Ways, places: Places) -> Mask:
    """Tell which sites name members that the file does not have."""
    relations, others = sites.relations, sites.relations.others
    lacking = np.zeros(len(relations.ids), bool)
    lacking[relations.owner[find_sorted(members.ids, relations.way) < 0]] = True
    for kind, known in (("n", places.ids), ("r", sites.parts.ids)):
        lacking[others.owner[(others.kind == kind) & (find_sorted(known, others.ids) < 0)]] = True
    return lacking


def _pieces(sites: Sites, members: Ways, places: Places) -> tuple[Ints, Geometries]:
    """Draw each member by itself, and areas out of the lines that close together; return the site of each."""
    relations, others = sites.relations, sites.relations.others
    owner, way = _found(relations.owner, find_sorted(members.ids, relations.way))
    ways = way_objects(members.take(way), places).geometry
    rings = _rings(owner, ways, len(relations.ids))
    parts_owner, part = _found(others.owner, _positions(others.kind == "r", others.ids, sites.parts.ids))
    areas = relation_objects(sites.parts, members, places).geometry[part]
    nodes_owner, node = _found(others.owner, _positions(others.kind == "n", others.ids, places.ids))
    points = np.asarray(shapely.points(places.points(node)), object)
    drawn_owner = np.concatenate([owner, np.arange(len(rings)), parts_owner, nodes_owner])
    drawn = np.concatenate([ways, rings, areas, points])
    there = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    return drawn_owner[there], drawn[there]


def _rings(owner: Ints, ways: Geometries, count: int) -> Geometries:
    """Return for each site the area that its lines outline together; empty where they do not close."""
    lines = np.full(count, None, object)
    open_ones = np.flatnonzero(shapely.get_dimensions(ways) == 1)
    if len(open_ones):
        shapely.multilinestrings(ways[open_ones], indices=owner[open_ones], out=lines)
    return np.asarray(shapely.build_area(lines), object)


def _outlines(sites: Sites, members: Ways, places: Places) -> tuple[Ints, Ints]:
    """Return the nodes that one may get in by: position of the site, position of the node."""
    relations, parts, others = sites.relations, sites.parts, sites.relations.others
    of_part, part = _found(others.owner, _positions(others.kind == "r", others.ids, parts.ids))
    first = np.searchsorted(parts.owner, part)
    used, way_of_part = spread(first, np.searchsorted(parts.owner, part, side="right") - first)
    site = np.concatenate([relations.owner, of_part[used]])
    owner, way = _found(site, find_sorted(members.ids, np.concatenate([relations.way, parts.way[way_of_part]])))
    routes = members.take(way)
    entrances = _is_entrance(relations)
    of_site = np.concatenate([owner[owners(routes.offsets)], others.owner[entrances]])
    return _found(of_site, places.find(np.concatenate([routes.refs, others.ids[entrances]])))


def _is_entrance(relations: Relations) -> Mask:
    others = relations.others
    entrance: Mask = (others.kind == "n") & np.isin(others.roles.astype(str), ENTRANCE_ROLES)
    return entrance


def _positions(mask: Mask, ids: Ints, known: Ints) -> Ints:
    """Return the position of each identifier among sorted ones, -1 where it is not there or not meant."""
    return np.where(mask, find_sorted(known, ids), -1)


def _found(owner: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Leave out what has no place."""
    return owner[place >= 0], place[place >= 0]
