"""Web maps of the territory: their layers, what they show, and, on folium, a map in a file of its own."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element
from folium.elements import JSCSSMixin
from folium.plugins import DualMap
from folium.template import Template

from psttm_geo.core.crs import GEOGRAPHIC, METRIC, require_metric
from psttm_geo.schema import colours
from psttm_geo.webmap.map_areas import UNITS_PER_DEGREE, Areas

TOLERANCE_M = 60
"""Outlines on the web are simplified by this much, as a coverage: borders still meet."""

RING_TOLERANCE_M = 150
"""The same for borders within the ring around."""

REACHED_TOLERANCE_M = 2
"""Outlines of what is reached from a place are simplified by this much: less than the squares they are drawn on."""

DEGREE_DECIMALS = 5
"""About a metre."""

ZOOM_SNAP = 0.25
"""The map zooms in quarter steps, so that the whole territory fills its frame."""

CLOSEST_ZOOM = 19
"""The closest zoom that OpenStreetMap's tiles have."""

START_VIEW = (45.47, 9.19, 10)
"""Latitude, longitude and zoom of the map before its layers have arrived and it goes where it should."""

OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"

OSM_ATTRIBUTION = '&copy; <a href="https://www.openstreetmap.org/copyright">OpenStreetMap contributors</a>'

OPTIONS: Mapping[str, Any] = {
    "start": START_VIEW,
    "snap": ZOOM_SNAP,
    "closest": CLOSEST_ZOOM,
    "tiles": OSM_TILES,
    "attribution": OSM_ATTRIBUTION,
    "steps": UNITS_PER_DEGREE,
    "colours": {
        "outside": colours.OUTSIDE_FILL,
        "outline": colours.OUTLINE,
        "union": colours.UNION_OUTLINE,
        "selected": colours.SELECTED_OUTLINE,
        "service": colours.SERVICE,
        "change": colours.CHANGE,
        "unknown": colours.UNKNOWN,
        "hatch": colours.HATCH,
        "hatch_css": colours.HATCH_CSS,
        "marks": colours.MARK_INKS,
        "mark_css": colours.MARK_CSS,
    },
}
"""What every map is made with."""


@dataclass(frozen=True)
class MapState:
    """What the map shows at the moment; a change of it reaches the map without drawing it anew.

    Attributes
    ----------
    edition
        Whose unions are outlined.
    language
        Of labels, ``it`` or ``en``.
    selected
        Code of the municipality to highlight and show; None for none.
    tiles
        Whether OpenStreetMap's tiles are the background.
    title
        What the map shows, for screen readers.
    view
        Latitude, longitude and zoom to open with; None for the whole territory.
    fills
        Fill of every municipality by code (:data:`psttm_geo.schema.colours.UNKNOWN` is hatched); None for the zones.
    tips
        What the pointer reads on a municipality, by code, in place of its residents.
    marks
        Signs over the fills, by code: :data:`psttm_geo.schema.colours.NAMED` or ``NAMED_UNKNOWN``.
    heading
        Which of several maps this one is; empty for a map by itself.
    pointing
        Whether a click tells where it was, in place of the municipality.
    point
        Latitude and longitude of a place to mark; None for none.
    reached
        What is reached from there, as :func:`reached_layer` returns it; empty for nothing.
    areas
        Drawn in place of the fills of municipalities; None for none.
    credits
        Whom the map names beside ISTAT, as the licences of what it shows ask.
    legend
        Name and fill of what its colours mean, for pictures of it and for files of their own; beside others, the first
        map's is theirs.
    services
        Drawn as dots, as :func:`psttm_geo.webmap.service_marks.service_points` returns them; empty for none.
    changes
        Of services, as :func:`psttm_geo.webmap.service_marks.change_marks` returns them; empty for none.
    editing
        Whether services can be added, moved and closed there.
    """

    edition: str
    language: str
    selected: str | None
    tiles: bool
    title: str
    view: tuple[float, float, float] | None
    fills: Mapping[str, str] | None = None
    tips: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    heading: str = ""
    pointing: bool = False
    point: tuple[float, float] | None = None
    reached: str = ""
    areas: Areas | None = None
    credits: Sequence[str] = ()
    legend: Sequence[tuple[str, str]] = ()
    services: str = ""
    changes: str = ""
    editing: bool = False


@dataclass(frozen=True)
class Colouring:
    """Municipalities coloured by a theme, with its legend.

    Attributes
    ----------
    fills, tips, marks
        As in :class:`MapState`.
    legend
        Name and fill of each class, in order; signs after them.
    areas
        In place of municipalities; None for none.
    credits
        As in :class:`MapState`.
    """

    fills: Mapping[str, str]
    tips: Mapping[str, str]
    legend: Sequence[tuple[str, str]]
    areas: Areas | None = None
    credits: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)


def web_layers(
    municipalities: gpd.GeoDataFrame, ring: gpd.GeoDataFrame, memberships: pd.DataFrame, zones: Sequence[str]
) -> str:
    """Return the layers of the map as one JSON text, which the browser gets once.

    Parameters
    ----------
    municipalities
        The columns of the layer ``comuni``; EPSG:32632.
    ring
        ``municipality``, ``province`` and geometry of the municipalities around; EPSG:32632.
    memberships
        ``edition``, ``municipality_code``, ``union``.
    zones
        Names of the zones in order.

    Returns
    -------
    str
        ``municipalities``, ``ring``, ``zones``, ``unions`` (GeoJSON, EPSG:4326) and ``bounds`` (south-west and
        north-east corner of the territory).

    Raises
    ------
    CrsError
        A layer is not metric.
    """
    require_metric(municipalities, "comuni")
    require_metric(ring, "corona")
    simplified, around = _simplify(municipalities, ring)
    south_west, north_east = _corners(simplified)
    members = memberships.dropna(subset=["union"])[["edition", "municipality_code", "union"]]
    in_unions = simplified.merge(members, on="municipality_code", how="inner", validate="1:m")
    unions = {
        code: dict(zip(mine["edition"], mine["union"], strict=True))
        for code, mine in members.groupby("municipality_code")
    }
    shown = simplified.assign(
        fill=simplified["zone"].map(colours.zone_fills(zones)),
        unions=[unions.get(code, {}) for code in simplified["municipality_code"]],
    )
    return json.dumps(
        {
            "municipalities": _features(
                shown,
                {
                    "municipality_code": "code",
                    "municipality": "name",
                    "zone": "zone",
                    "residents": "residents",
                    "fill": "fill",
                    "unions": "unions",
                },
            ),
            "ring": _features(around, {"municipality": "name", "province": "province"}),
            "zones": _features(_outlines(simplified, ["zone"]), {"zone": "name", "label": "label"}),
            "unions": _features(
                _outlines(in_unions, ["edition", "union"]), {"edition": "edition", "union": "name", "label": "label"}
            ),
            "bounds": [south_west, north_east],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def reached_layer(isochrones: gpd.GeoDataFrame, tips: Sequence[str]) -> str:
    """Return isochrones of one place as JSON text for :attr:`MapState.reached`.

    Parameters
    ----------
    isochrones
        One per threshold, from the nearest on, each inside the next; EPSG:32632.
    tips
        What the pointer reads on each.

    Returns
    -------
    str
        GeoJSON, EPSG:4326, the farthest first: each is drawn over those around it. Outlines are simplified by
        :data:`REACHED_TOLERANCE_M`.

    Raises
    ------
    CrsError
        They are not metric.
    """
    require_metric(isochrones, "isocrone")
    shown = isochrones[["geometry"]].assign(fill=colours.nested_fills(len(isochrones)), tip=list(tips))
    shown = shown.set_geometry(shown.geometry.simplify(REACHED_TOLERANCE_M)).iloc[::-1]
    return json.dumps(_features(shown, {"fill": "fill", "tip": "tip"}), ensure_ascii=False, separators=(",", ":"))


def standalone_map(layers: str, states: Sequence[MapState]) -> folium.Map | DualMap:
    """Return one map, or two that move together, with their layers inside, for a file of its own.

    Parameters
    ----------
    layers
        As :func:`web_layers` returns them.
    states
        What each map shows; their titles together are the file's.
    """
    figure = _new_figure(json.loads(layers), len(states))
    figure.get_root().add_child(_ShowStates(states))
    title = " ".join(state.title for state in states)
    figure.get_root().header.add_child(Element(f"<title>{html.escape(title)}</title>"), name="title")
    return figure


def _new_figure(layers: Mapping[str, Any], count: int) -> folium.Map | DualMap:
    *location, zoom = START_VIEW
    options = {"location": location, "zoom_start": zoom, "zoom_control": False, "zoom_snap": ZOOM_SNAP, "tiles": None}
    if count == 1:
        figure = folium.Map(**options)
        figure.add_child(_TerritoryLayers(layers))
        return figure
    twins = DualMap(**options)
    twins.m1.add_child(_TerritoryLayers(layers))
    twins.m2.add_child(_TerritoryLayers(None))
    return twins


class _TerritoryLayers(JSCSSMixin, folium.MacroElement):
    """The layers of the territory, drawn by ``psttm_map.js``."""

    _template = Template(
        "{% macro script(this, kwargs) %}psttm.start({{ this._parent.get_name() }}, {{ this.options|tojson }});"
        "{% endmacro %}"
    )
    default_js = [("html-to-image", "html_to_image/html-to-image.js"), ("psttm_map", "psttm_map.js")]  # noqa: RUF012 - folium's own way to declare them
    default_css = [("psttm_map_css", "psttm_map.css")]  # noqa: RUF012 - as above

    def __init__(self, layers: Mapping[str, Any] | None) -> None:
        super().__init__()
        self._name = "TerritoryLayers"
        self.options = {**OPTIONS, "layers": layers}


class _ShowStates(folium.MacroElement):
    """The state of each map, carried to their script."""

    _template = Template("{% macro script(this, kwargs) %}psttm.show({{ this.states|tojson }});{% endmacro %}")

    def __init__(self, states: Sequence[MapState]) -> None:
        super().__init__()
        self._name = "ShowStates"
        self.states = [asdict(state) for state in states]


def _simplify(municipalities: gpd.GeoDataFrame, ring: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Simplify both as one coverage, so that they meet; borders within the ring, which is only context, more."""
    both = np.concatenate([municipalities.geometry.to_numpy(), ring.geometry.to_numpy()])
    inside, around = np.split(shapely.coverage_simplify(both, TOLERANCE_M), [len(municipalities)])
    coarser = shapely.coverage_simplify(around, RING_TOLERANCE_M, simplify_boundary=False)
    return _with_shapes(municipalities, inside), _with_shapes(ring, coarser)


def _with_shapes(layer: gpd.GeoDataFrame, shapes: np.ndarray) -> gpd.GeoDataFrame:
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=METRIC))


def _outlines(members: gpd.GeoDataFrame, by: list[str]) -> gpd.GeoDataFrame:
    """Dissolve members and find where a label has most room: the centre of the largest circle inside."""
    outlines = members[[*by, "geometry"]].dissolve(by, as_index=False, method="coverage", sort=False)
    radii = shapely.maximum_inscribed_circle(outlines.geometry.to_numpy(), TOLERANCE_M)
    centres = gpd.GeoSeries(shapely.get_point(radii, 0), crs=METRIC).to_crs(GEOGRAPHIC)
    labels = [[round(point.y, DEGREE_DECIMALS), round(point.x, DEGREE_DECIMALS)] for point in centres]
    return outlines.assign(label=labels)


def _corners(layer: gpd.GeoDataFrame) -> tuple[list[float], list[float]]:
    west, south, east, north = np.round(layer.to_crs(GEOGRAPHIC).total_bounds, DEGREE_DECIMALS).tolist()
    return [south, west], [north, east]


def _features(layer: gpd.GeoDataFrame, properties: Mapping[str, str]) -> dict[str, Any]:
    shown = layer[[*properties, "geometry"]].rename(columns=dict(properties)).to_crs(GEOGRAPHIC)
    rounded = shapely.transform(shown.geometry.to_numpy(), lambda points: np.round(points, DEGREE_DECIMALS))
    collection: dict[str, Any] = shown.set_geometry(
        gpd.GeoSeries(rounded, index=shown.index, crs=GEOGRAPHIC)
    ).to_geo_dict(drop_id=True)
    return collection
