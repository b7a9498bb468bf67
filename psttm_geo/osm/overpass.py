"""Objects of OpenStreetMap around one place, asked of Overpass and kept as a small extract; places from Nominatim.

Overpass gives nodes, ways and relations as they are. They become a file like any other extract, which
:mod:`psttm_geo.osm.extract_reader` reads: so the streets, the services and all else are found by the same rules.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import osmium
import shapely
from osmium.osm.mutable import Node, OSMObject, Relation, Way

from psttm_geo.core.crs import GEOGRAPHIC
from psttm_geo.core.errors import PsttmError, UnknownNameError
from psttm_geo.core.files import output_error, replacing
from psttm_geo.core.messages import gettext
from psttm_geo.core.progress_bar import progress_bar
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.osm import _clip as where
from psttm_geo.osm import _selection as selection
from psttm_geo.osm._overpass_server import Server, osmnx_asking, user_agent
from psttm_geo.osm._reader import DATE_OPTION
from psttm_geo.osm._tags import ANY
from psttm_geo.osm._write import writing
from psttm_geo.osm.extract_reader import TagTables

_SLACK_M = 200.0
"""Asked for beyond the margin, so that an outline of few corners holds all of it."""

Tagged = dict[str, bool | str | list[str]]
"""What to ask for, as OSMnx takes it: keys with any value (True), or with some values."""

_OVERPASS_REMEDY = gettext(
    "try again later, name another service with PSTTM_OVERPASS_URL, or download an extract with "
    "a browser and read it with psttm-geo osm read"
)

_NOMINATIM_REMEDY = gettext("try again later or name another service with PSTTM_NOMINATIM_URL")

_IDENTIFIER = re.compile(r"[RW]\d+")
"""A relation or a way, as Nominatim writes it."""

_OTHER_STREETS: Tagged = {"man_made": ["pier"], "public_transport": ["platform"], "railway": ["platform"]}
"""What is walked without ``highway``."""

_SURFACE = 2
"""Dimensions of an area."""


def fetch_extract(
    path: Path, territory: gpd.GeoDataFrame, tables: TagTables, *, url: str, progress: bool = False
) -> None:
    """Ask Overpass for all that a territory and the margin around it hold, and keep it as an extract.

    Reading the file for the same territory gives what an extract of the whole region gives: every object of the tables
    that has a part there is in it, whole, with all its nodes and members.

    Parameters
    ----------
    path
        The ``.osm.pbf`` file to write; one that is there stays until the new one is whole.
    territory
        Areas in any CRS.
    tables
        What to look for.
    url
        Of Overpass' interface, without ``/interpreter``.
    progress
        Whether to draw a bar on stderr.

    Raises
    ------
    DownloadError
        The service does not answer, is busy for too long, breaks off, or answers with something else than streets.
    OutputError
        The file, or the folder for what arrives, cannot be written.
    """
    outline, questions = _outline(territory), _questions(tables)
    objects: dict[tuple[int, int], OSMObject] = {}
    moments: list[str] = []
    try:
        with (
            progress_bar(urlsplit(url).netloc, len(questions), drawn=progress) as bar,
            scratch_folder(path.parent) as folder,
        ):
            server = Server(url, _OVERPASS_REMEDY, bar.set_postfix_str)
            for number, tagged in enumerate(questions):
                answers = _ask(server, url, outline, tagged, folder / str(number))
                moments.extend(_collect(server, answer, objects) for answer in answers)
                bar.update()
        if not any(isinstance(found, Way) and "highway" in (found.tags or {}) for found in objects.values()):
            raise server.failed(gettext("the service answers, but has no streets in this place"))
        _write(path, objects, min(moments))
    except PsttmError:  # some are errors of the system too, and say already what is wrong
        raise
    except OSError as error:
        raise output_error(path, error) from error


def fetch_place(name: str, *, url: str, progress: bool = False) -> gpd.GeoDataFrame:
    """Ask Nominatim for the outline of a place.

    Parameters
    ----------
    name
        As one would write it to a friend abroad, or the identifier of a relation or way such as ``R44915``.
    url
        Of Nominatim.
    progress
        Whether to draw a bar on stderr.

    Returns
    -------
    GeoDataFrame
        One row: ``name`` and its area, EPSG:4326.

    Raises
    ------
    DownloadError
        The service does not answer, is busy for too long, or answers with something else than places.
    UnknownNameError
        The service knows no area of that name.
    """
    with progress_bar(urlsplit(url).netloc, 1, drawn=progress) as bar:
        server = Server(url, _NOMINATIM_REMEDY, bar.set_postfix_str)
        with osmnx_asking(url, server, use_cache=False) as osmnx:
            by_identifier = _IDENTIFIER.fullmatch(name) is not None
            try:
                found = server.ask(lambda: osmnx.geocode_to_gdf(name, by_osmid=by_identifier), slots=False)
            except (ValueError, TypeError) as error:  # OSMnx: nothing found; nothing that is an area
                raise _unknown_place(name) from error
            except (KeyError, AttributeError) as error:
                raise _not_understood(server) from error
    if shapely.get_dimensions(found.geometry.iloc[0]) != _SURFACE:
        raise _unknown_place(name)
    called = str(found["name"].iloc[0]) if "name" in found else name
    return gpd.GeoDataFrame({"name": [called]}, geometry=found.geometry.to_numpy(), crs=GEOGRAPHIC)


def _unknown_place(name: str) -> UnknownNameError:
    return UnknownNameError(
        gettext(
            "Nominatim knows no area named “{name}”; write the province or the country too, or the "
            "identifier of the relation in OpenStreetMap (R44915).",
            name=name,
        )
    )


def _not_understood(server: Server) -> PsttmError:
    return server.failed(gettext("the answer is not the one expected"))


def _outline(territory: gpd.GeoDataFrame) -> shapely.Geometry:
    """Return the territory with the margin as an outline of few corners, in longitude and latitude."""
    metric = territory.to_crs(where.utm_of(territory))
    whole = shapely.union_all(metric.geometry.to_numpy())
    wide = shapely.simplify(shapely.buffer(whole, where.MARGIN_M + _SLACK_M), _SLACK_M / 2)
    outline: shapely.Geometry = gpd.GeoSeries([wide], crs=metric.crs).to_crs(GEOGRAPHIC).iloc[0]
    return outline


def _questions(tables: TagTables) -> list[Tagged]:
    """Divide what to look for into answers of a bearable size: streets, services, features and boundaries, homes.

    Of services any value of a key is asked for: one shop may be two things and say so in one value (``a;b``).
    """
    services = selection.first_keys(selection.service_conditions(tables.services)) - {"highway"}
    features: dict[str, set[str]] = {}
    for key, value in [row[0] for row in selection.feature_conditions(tables.features)] + [selection.BOUNDARY[0]]:
        features.setdefault(key, set()).add(value)
    places: Tagged = {
        key: True if ANY in values else sorted(values)
        for key, values in sorted(features.items())
        if key not in services | {"highway"}
    }
    questions: list[Tagged] = [
        {"highway": True, **_OTHER_STREETS},
        dict.fromkeys(sorted(services), True),
        places,
        {"building": list(selection.HOMES)},
    ]
    return [question for question in questions if question]


def _ask(server: Server, url: str, outline: shapely.Geometry, tagged: Tagged, folder: Path) -> Iterator[Any]:
    """Ask Overpass for what carries one of the tags, and give its answers as it wrote them.

    OSMnx has a mode in which it only keeps answers, and ends with an error of its own.
    """

    def question() -> None:
        asking = osmnx_asking(url, server, use_cache=True, cache_only_mode=True, cache_folder=folder)
        with asking as osmnx, contextlib.suppress(InterruptedError):
            osmnx.features_from_polygon(outline, tagged)

    try:
        server.ask(question, slots=True)
    except ValueError as error:  # OSMnx: no JSON
        raise _not_understood(server) from error
    answers = sorted(folder.glob("*.json"))
    if server.remark or not answers:
        raise server.failed(gettext("the service has broken off its answer (“{remark}”)", remark=server.remark))
    for answer in answers:
        yield json.loads(answer.read_text("utf-8"))


def _collect(server: Server, answer: Any, objects: dict[tuple[int, int], OSMObject]) -> str:  # noqa: ANN401 - as JSON has it
    """Add the objects of an answer to others, each once, and return the moment that they are of."""
    try:
        for element in answer["elements"]:
            kind = _KINDS.index(element["type"])
            objects[kind, element["id"]] = _MAKERS[kind](element)
        return str(answer["osm3s"]["timestamp_osm_base"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_understood(server) from error


def _node(element: dict[str, Any]) -> Node:
    return Node(id=element["id"], location=(element["lon"], element["lat"]), tags=element.get("tags"))


def _way(element: dict[str, Any]) -> Way:
    return Way(id=element["id"], nodes=element["nodes"], tags=element.get("tags"))


def _relation(element: dict[str, Any]) -> Relation:
    members = [(member["type"][0], member["ref"], member["role"]) for member in element["members"]]
    return Relation(id=element["id"], members=members, tags=element.get("tags"))


_KINDS = ("node", "way", "relation")

_MAKERS = (_node, _way, _relation)


def _write(path: Path, objects: dict[tuple[int, int], OSMObject], moment: str) -> None:
    """Write objects by kind and identifier, as files of OpenStreetMap are ordered."""
    header = osmium.io.Header()
    header.set("generator", user_agent())
    header.set(DATE_OPTION, moment)
    with replacing(path) as beside:
        target = osmium.io.File(beside, "pbf,add_metadata=none")
        try:
            with writing(osmium.SimpleWriter(target, header=header)) as writer:
                for key in sorted(objects):
                    writer.add(objects[key])
        except RuntimeError as error:
            raise output_error(path, error) from error
