"""Streets, services, boundaries and features out of an extract of OpenStreetMap."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.crs import SQUARE_METRES_PER_KM2
from psttm_geo.core.errors import OsmFileError, quote
from psttm_geo.core.messages import gettext
from psttm_geo.core.progress_bar import progress_bar
from psttm_geo.osm import _clip as where
from psttm_geo.osm import _objects as objects_of
from psttm_geo.osm import _selection as selection
from psttm_geo.osm import _squares as squares_of
from psttm_geo.osm._areas import Objects, Places, join_objects, point_objects, relation_objects, way_objects
from psttm_geo.osm._build_network import Points, Streets, build_network
from psttm_geo.osm._coverage import find_inside, overlap_percent, require_objects, require_overlap
from psttm_geo.osm._entrances import entrance_nodes, find_entrances
from psttm_geo.osm._objects import Box, Nodes, Relations, Request, Ways
from psttm_geo.osm._read_extent import find_extent
from psttm_geo.osm._reader import OsmFile, open_osm
from psttm_geo.osm._services import FoundServices, find_services
from psttm_geo.osm._sites import Sites, read_sites, site_objects
from psttm_geo.osm._squares import Squares
from psttm_geo.osm._tags import Mask, TagIndex, Tags, WalkRule
from psttm_geo.osm.extract_records import Extract, ExtractReport
from psttm_geo.osm.network import NOT_MAPPED, Ints, WalkNetwork


@dataclass(frozen=True)
class TagTables:
    """The tables that say what to look for, as their files have them: all cells text.

    Attributes
    ----------
    walkable, services, features
        ``walkable.csv``, ``services.csv``, ``features.csv``.
    closed
        ``closed_services.csv``; without it nothing mapped is closed.
    """

    walkable: pd.DataFrame
    services: pd.DataFrame
    features: pd.DataFrame
    closed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=selection.CLOSED_COLUMNS))


def read_extract(
    path: Path, tables: TagTables, sha256: str, *, territory: gpd.GeoDataFrame | None, progress: bool = False
) -> Extract:
    """Read all that the package needs of an extract inside a territory and two kilometres around it.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    tables
        What to look for.
    sha256
        Of the file, for the report.
    territory
        Areas in any CRS; None for all complete, named municipalities of the extract itself, and for the whole extract
        where it has none.
    progress
        Whether to draw a bar on stderr.

    Returns
    -------
    Extract
        In the UTM zone of the middle of the territory: EPSG:32632 for Milano.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    OsmFileError
        The file is damaged, no OSM file, has no streets, or is an extract of another place.
    OutputError
        There is no room for temporary files.
    """
    chosen = _Selection(tables)
    box = objects_of.WORLD if territory is None else where.box_of(territory)
    with _opened(path, 5, progress=progress) as osm:
        raw = osm.read(lambda: _read_objects(osm, chosen, box))
    crs = where.utm_of_nodes(raw.nodes) if territory is None else where.utm_of(territory)
    if territory is not None:
        require_overlap(path, raw.nodes, territory.to_crs(crs))
    places = _place(raw.nodes, [raw.ways.refs, raw.members.refs, raw.sites.nodes, raw.nodes.tagged], crs)
    mapped = _make_objects(raw, places)
    boundaries = _boundaries(mapped, chosen, crs)
    units = named_municipalities(boundaries) if territory is None else territory.to_crs(crs)
    area = where.with_margin(units)
    streets = raw.ways.take(np.flatnonzero(chosen.rule.walkable(raw.ways.tags, chosen.kinds)))
    streets = _without_areas(streets, chosen.rule, chosen.kinds)
    squares = squares_of.find_squares(chosen.rule, chosen.kinds, streets, places, (raw.relations, raw.members))
    walked = _Streets(chosen.rule, chosen.kinds, raw.nodes, streets, places.find(streets.refs), squares)
    network, left_out = _build_network(path, walked, places, area, crs)
    extent = find_extent(network, osm.box)
    if area is not None:
        mapped = mapped.take(np.flatnonzero(find_inside(area, mapped.geometry)))
    services, entrances, found = _services(mapped, raw, places, network)
    return Extract(
        network=network,
        extent=extent,
        services=services,
        entrances=entrances,
        boundaries=boundaries,
        features=_features(mapped, chosen, crs),
        homes=_homes(mapped, chosen),
        service_tags=tables.services.reset_index(drop=True),
        report=ExtractReport(
            file=path.name,
            sha256=sha256,
            date=osm.date,
            overlap_percent=overlap_percent(extent, units),
            nodes_read=raw.nodes.read,
            nodes_out_of_range=raw.nodes.out_of_range,
            ways_read=raw.ways.read,
            ways_too_short=raw.ways.too_short,
            ways_incomplete=_count_incomplete(raw),
            nodes_missing=len(raw.missing),
            relations_read=raw.relations.read,
            relations_incomplete=len(np.union1d(mapped.ids[mapped.missing & (mapped.kind == "r")], raw.empty)),
            services_repeated=found.repeated,
            services_closed=found.closed,
            synthetic=bool(chosen.kinds.has(raw.ways.tags, "source", "synthetic").any()),
            ways_under_construction=_count_under_construction(streets, chosen.kinds),
            **left_out,
            objects_deleted=osm.deleted,
            versions_older=osm.older,
            remark=osm.remark,
            added_on="",
        ),
    )


class _Selection:
    """The tables as requests to the reader, with the tags met."""

    def __init__(self, tables: TagTables) -> None:
        self.rule = WalkRule(tables.walkable)
        self.tables = tables
        self.services = selection.service_conditions(tables.services)
        self.features = selection.feature_conditions(tables.features)
        self.closed = selection.ClosedRule(tables.closed)
        places = [*self.services, *self.features]
        areas = [*places, selection.BOUNDARY, *((("building", value),) for value in selection.HOMES)]
        more = {"entrance", "type", "source"} | self.closed.keys(self.services)
        streets = self.rule.way_keys | self.rule.node_keys | squares_of.KEYS
        self.kinds = TagIndex(selection.keys_of(areas) | streets | more)
        self.texts = TagIndex(selection.TEXTS)
        self._places, self._areas = places, areas
        first = selection.first_keys
        self.nodes = self._request(first(places) | self.rule.marking_keys | {"entrance"}, self._wants_node)
        self.ways = self._request(first(areas) | self.rule.kind_keys, self._wants_way)
        self.relations = self._request(first(areas) | squares_of.AREA_KEYS, self._wants_relation)

    def _request(self, keys: frozenset[str], wanted: Callable[[Tags], Mask]) -> Request:
        return Request(keys, wanted, self.kinds, self.texts)

    def is_place(self, tags: Tags) -> Mask:
        """Tell which objects are a service or a feature."""
        return selection.meets_any(self.kinds, tags, self._places)

    def is_area(self, tags: Tags) -> Mask:
        """Tell which objects are a service, a feature, a municipality or a home."""
        return selection.meets_any(self.kinds, tags, self._areas)

    def _wants_node(self, tags: Tags) -> Mask:
        return self.is_place(tags) | self.rule.marks(tags, self.kinds) | self.kinds.has(tags, "entrance", "*")

    def _wants_way(self, tags: Tags) -> Mask:
        return self.is_area(tags) | self.rule.walkable(tags, self.kinds)

    def _wants_relation(self, tags: Tags) -> Mask:
        outlines = selection.meets_any(self.kinds, tags, [(("type", value),) for value in selection.AREAS])
        squares = squares_of.outlines_square(self.rule, self.kinds, tags)
        return outlines & self.is_area(tags) | squares | self.is_site(tags)

    def is_site(self, tags: Tags) -> Mask:
        """Tell which relations are a service made of members."""
        service = selection.meets_any(self.kinds, tags, self.services)
        return service & self.kinds.has(tags, "type", selection.SITE)


@dataclass(frozen=True)
class _Raw:
    """What was read, before anything is drawn.

    `members` are the ways of relations and of sites, `missing` nodes that the file does not have, inside the box or
    outside, `empty` relations of areas none of whose ways the file has.
    """

    selection: _Selection
    relations: Relations
    sites: Sites
    nodes: Nodes
    ways: Ways
    members: Ways
    missing: Ints
    empty: Ints


def _read_objects(osm: OsmFile, chosen: _Selection, box: Box) -> _Raw:
    relations = objects_of.read_relations(osm, chosen.relations)
    is_site = chosen.is_site(relations.tags)
    sites = read_sites(osm, relations.take(np.flatnonzero(is_site)))
    relations = relations.take(np.flatnonzero(~is_site))
    nodes = objects_of.read_nodes(osm, chosen.nodes, box)
    require_objects(osm.path, nodes, box)
    ways = objects_of.read_ways(osm, chosen.ways, nodes)
    members = objects_of.read_ways_by_id(osm, np.union1d(relations.way, sites.ways))
    drawn = relations.owner[np.isin(relations.way, members.ids)]
    empty = np.delete(relations.ids, np.unique(drawn))
    if box != objects_of.WORLD:  # without a box, what has no place at all is known to be incomplete
        near = members.ids[objects_of.touching(members, nodes)]
        relations = relations.take(np.unique(relations.owner[np.isin(relations.way, near)]))
        sites = sites.near(near, nodes)
        members = members.take(np.flatnonzero(np.isin(members.ids, np.union1d(relations.way, sites.ways))))
    lost = np.unique(np.concatenate([refs[nodes.find(refs) < 0] for refs in (ways.refs, members.refs, sites.nodes)]))
    found = objects_of.locate(osm, lost) if box != objects_of.WORLD and len(lost) else nodes.locations[:0]
    # Streets end at the border of what is read, but an area is known only when all of it is.
    areas = ways.take(np.flatnonzero(chosen.is_area(ways.tags)))
    kept = np.isin(found["id"], np.concatenate([areas.refs, members.refs, sites.nodes]))
    missing = np.setdiff1d(lost, found["id"])
    return _Raw(chosen, relations, sites, objects_of.with_locations(nodes, found[kept]), ways, members, missing, empty)


def _without_areas(ways: Ways, rule: WalkRule, kinds: TagIndex) -> Ways:
    """Leave out what is walked as a line but an area where it ends where it begins, unless it is a square."""
    is_ring = ways.refs[ways.offsets[:-1]] == ways.refs[ways.offsets[1:] - 1]
    is_area = is_ring & rule.is_area_as_ring(ways.tags, kinds) & ~squares_of.is_square(kinds, ways.tags)
    return ways.take(np.flatnonzero(~is_area)) if is_area.any() else ways


def _count_under_construction(streets: Ways, kinds: TagIndex) -> int:
    works = kinds.has(streets.tags, "construction", "*") & ~kinds.has(streets.tags, "construction", "no")
    return int(np.count_nonzero(works))


def _count_incomplete(raw: _Raw) -> int:
    lacking = objects_of.owners(raw.ways.offsets)[np.isin(raw.ways.refs, raw.missing)]
    return len(np.unique(lacking))


def _make_objects(raw: _Raw, places: Places) -> Objects:
    """Draw everything but streets and flagged nodes; what has no geometry at all is left out."""
    chosen = raw.selection
    rows = np.flatnonzero(chosen.is_place(raw.nodes.tags))
    points = point_objects(raw.nodes.tagged[rows], raw.nodes.tags.take(rows), raw.nodes.texts.take(rows), places)
    ways = raw.ways.take(np.flatnonzero(chosen.is_area(raw.ways.tags)))
    areas = relation_objects(raw.relations, raw.members, places)
    sites = site_objects(raw.sites, raw.members, places)
    mapped = join_objects([points, way_objects(ways, places), areas, sites])
    nowhere = shapely.is_missing(mapped.geometry) | shapely.is_empty(mapped.geometry)
    is_boundary = selection.meets(chosen.kinds, mapped.tags, selection.BOUNDARY)
    return mapped.take(np.flatnonzero(~nowhere | is_boundary))


def _boundaries(mapped: Objects, chosen: _Selection, crs: str) -> gpd.GeoDataFrame:
    """Return municipalities by name, the largest first; a way that does not close is but a piece of an outline."""
    is_area = shapely.get_dimensions(mapped.geometry) == 2  # noqa: PLR2004 - an area has two dimensions
    outlines = is_area | (mapped.kind == "r")
    rows = np.flatnonzero(selection.meets(chosen.kinds, mapped.tags, selection.BOUNDARY) & outlines)
    found, is_area = mapped.take(rows), is_area[rows]
    shapes = found.geometry.copy()
    shapes[~is_area] = None
    table = gpd.GeoDataFrame(
        {
            "osm_type": found.kind,
            "osm_id": found.ids,
            "name": chosen.texts.values(found.texts, "name"),
            "ref_istat": chosen.texts.values(found.texts, "ref:ISTAT"),
            "parts": shapely.get_num_geometries(shapes),
            "area_km2": np.nan_to_num(shapely.area(shapes)) / SQUARE_METRES_PER_KM2,
            "complete": is_area,
        },
        geometry=shapes,
        crs=crs,
    )
    return table.sort_values(["name", "area_km2"], ascending=[True, False], kind="stable").reset_index(drop=True)


def named_municipalities(boundaries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the complete, named boundaries of an extract: its territory where none is given."""
    return boundaries[boundaries["complete"] & (boundaries["name"] != "")].reset_index(drop=True)


def _services(
    mapped: Objects, raw: _Raw, places: Places, network: WalkNetwork
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, FoundServices]:
    chosen, nodes = raw.selection, raw.nodes
    services = find_services(
        mapped, (chosen.kinds, chosen.texts), chosen.tables.services, chosen.closed, raw.sites.members
    )
    found = services.table
    doors = places.find(np.union1d(entrance_nodes(chosen.kinds, nodes.tags, nodes.tagged), raw.sites.entrances))
    entrances = find_entrances(found, mapped, places, doors[doors >= 0], network)
    shown = found.drop_duplicates("service")
    rows = shown["object"].to_numpy()
    names = found["name"].where(found["name"] != "").groupby(found["service"]).first().fillna("")
    table = gpd.GeoDataFrame(
        {
            "category": shown["category"].to_numpy(),
            "name": names.to_numpy(),
            "osm_type": mapped.kind[rows],
            "osm_id": mapped.ids[rows],
            "level_unknown": shown["level_unknown"].to_numpy(),
        },
        geometry=shapely.point_on_surface(mapped.geometry[rows]),
        crs=network.crs,
    )
    return table, entrances, services


def _features(mapped: Objects, chosen: _Selection, crs: str) -> gpd.GeoDataFrame:
    names = chosen.texts.values(mapped.texts, "name")
    parts = []
    for condition, row in zip(chosen.features, chosen.tables.features.to_dict("records"), strict=True):
        fits = selection.meets(chosen.kinds, mapped.tags, condition)
        rows = np.flatnonzero(fits)
        rows = rows[selection.named(names[rows], str(row["name_pattern"]))]
        parts.append(
            pd.DataFrame(
                {
                    "feature": row["feature"],
                    "name": names[rows],
                    "osm_type": mapped.kind[rows],
                    "osm_id": mapped.ids[rows],
                    "geometry": mapped.geometry[rows],
                }
            )
        )
    table = pd.concat(parts, ignore_index=True).drop_duplicates(["feature", "osm_type", "osm_id"], ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


def _homes(mapped: Objects, chosen: _Selection) -> pd.DataFrame:
    is_home = selection.meets_any(chosen.kinds, mapped.tags, [(("building", value),) for value in selection.HOMES])
    shapes = mapped.geometry[is_home & (shapely.area(mapped.geometry) > 0)]
    centres = shapely.centroid(shapes)
    return pd.DataFrame({"x": shapely.get_x(centres), "y": shapely.get_y(centres), "area_m2": shapely.area(shapes)})


@dataclass(frozen=True)
class _Streets:
    """Ways that can be walked, with what the rule needs to describe them; `at` are the places of their nodes.

    `squares` are areas, some of them among the ways.
    """

    rule: WalkRule
    kinds: TagIndex
    nodes: Nodes
    ways: Ways
    at: Ints
    squares: Squares


def _build_network(
    path: Path, streets: _Streets, places: Places, area: shapely.Geometry | None, crs: str
) -> tuple[WalkNetwork, dict[str, int]]:
    """Return the network, and how many squares are not walked as others are."""
    rule, kinds, nodes = streets.rule, streets.kinds, streets.nodes
    walked = squares_of.with_outlines(_describe_streets(streets), streets.squares, places)
    at = walked.places
    if area is not None:
        used = np.unique(at[at >= 0])
        shapely.prepare(area)
        outside = used[~shapely.contains_xy(area, places.points(used))]
        at = np.where(np.isin(at, outside), -1, at)
    flags, kerbs_cm = np.zeros(len(places.ids), np.uint8), np.full(len(places.ids), NOT_MAPPED, np.uint8)
    flagged = places.find(nodes.tagged)
    here = flagged >= 0
    flags[flagged[here]] = rule.node_flags(nodes.tags, kinds)[here]
    kerbs_cm[flagged[here]] = rule.kerbs_cm(nodes.tags, kinds)[here]
    walked, left_out = squares_of.with_walks_across(replace(walked, places=at), streets.squares, places)
    network = build_network(
        walked, Points(places.ids, places.x, places.y, flags, kerbs_cm), crs=crs, classes=rule.classes
    )
    if network.edge_count == 0:
        raise OsmFileError(gettext("{path} has no walkable streets in the territory; give another extract.", path=path))
    return network, left_out


def _describe_streets(streets: _Streets) -> Streets:
    rule, kinds, ways = streets.rule, streets.kinds, streets.ways
    return Streets(
        ways.ids,
        ways.offsets,
        streets.at,
        classes=rule.class_of(ways.tags, kinds),
        flags=rule.way_flags(ways.tags, kinds),
        widths_cm=rule.widths_cm(ways.tags, kinds),
        slopes_percent=rule.slopes_percent(ways.tags, kinds),
        smoothness=rule.smoothness(ways.tags, kinds),
    )


def _every(tags: Tags) -> Mask:
    return np.ones(tags.count, bool)


@contextlib.contextmanager
def _opened(path: Path, scans: int, *, progress: bool) -> Iterator[OsmFile]:
    """Open a file to be scanned a number of times at most, with a bar over the bytes."""
    with progress_bar(quote(path.name), None, drawn=progress, unit="B") as bar, open_osm(path, bar.update) as osm:
        bar.reset(scans * osm.size)
        yield osm


def _place(nodes: Nodes, refs: list[Ints], crs: str) -> Places:
    """Bring the nodes that are used onto the plane."""
    used = np.zeros(len(nodes.locations), bool)
    for ids in refs:
        found = nodes.find(ids)
        used[found[found >= 0]] = True
    return _project(nodes, used, crs)


def _project(nodes: Nodes, used: Mask, crs: str) -> Places:
    locations = nodes.locations[used]
    return Places(np.ascontiguousarray(locations["id"]), *where.project(locations["x"], locations["y"], crs))
