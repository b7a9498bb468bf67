"""What an extract of OpenStreetMap gives: streets, services, boundaries, features, homes, and a report."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.core.archive import read_arrays, write_arrays
from psttm_geo.core.errors import NetworkFileError
from psttm_geo.core.kept_model import Model, require_offsets, require_within
from psttm_geo.core.messages import gettext
from psttm_geo.core.provenance import Source, marked
from psttm_geo.core.reading import OF_ARRAYS, refusing
from psttm_geo.osm.extent import Extent
from psttm_geo.osm.network import WalkNetwork

FORMAT = 5
"""Of kept extracts and of :meth:`Mapped.save`; raised when a column changes its meaning or the reader its rules."""

ATTRIBUTION = "© OpenStreetMap contributors"

LICENCE = "ODbL 1.0"


@dataclass(frozen=True)
class ExtractReport:
    """What was read and what was missing.

    Attributes
    ----------
    file, sha256
        The extract.
    date
        The day that its data are of, ISO 8601; empty where the file does not say.
    overlap_percent
        How much of the territory's area the extract covers, by :class:`psttm_geo.osm.extent.Extent`; None without a
        territory.
    nodes_read, nodes_out_of_range
        Nodes of the file, and those that lie nowhere on earth and were dropped.
    ways_read, ways_too_short
        Ways with a tag asked for, and those dropped because they have fewer than two nodes.
    ways_incomplete, nodes_missing
        Ways that name nodes which are not in the file, and how many such nodes there are; the ways were used as far as
        they are there.
    relations_read, relations_incomplete
        Relations with a tag asked for, and those used whose members are not all there or whose rings do not close.
    services_repeated
        Objects that are a service mapped a second time.
    synthetic
        Whether objects say that they are made up.
    ways_under_construction
        Walked ways on which works are mapped (``construction=yes``, ``minor``): counted as open.
    squares_uncrossed
        Squares where so many walks meet that they are walked along their outlines only.
    squares_alone
        Multipolygons that are squares and were not walked, or not all around, since no walk meets them.
    services_closed
        Objects left out of a category of services that their tags name: closed, private or disused.
    objects_deleted
        Objects that the file says are no more: deleted in an editor, or in the history that it holds.
    versions_older
        Versions of objects of which the file has a newer one, and repetitions: none of them counts.
    remark
        What the server that wrote the file has remarked; empty when nothing.
    added_on
        The day on which the workspace took it, ISO 8601; empty for an extract that is read by itself.
    """

    file: str
    sha256: str
    date: str
    overlap_percent: float | None
    nodes_read: int
    nodes_out_of_range: int
    ways_read: int
    ways_too_short: int
    ways_incomplete: int
    nodes_missing: int
    relations_read: int
    relations_incomplete: int
    services_repeated: int
    synthetic: bool
    ways_under_construction: int = 0
    squares_uncrossed: int = 0
    squares_alone: int = 0
    services_closed: int = 0
    objects_deleted: int = 0
    versions_older: int = 0
    remark: str = ""
    added_on: str = ""

    @property
    def source(self) -> Source:
        """Where all of this comes from; said to be synthetic where it is."""
        return Source(
            identifier="openstreetmap",
            title=marked(f"OpenStreetMap, {self.file}", synthetic=self.synthetic),
            publisher="OpenStreetMap contributors",
            address="https://www.openstreetmap.org/copyright",
            reference_date=self.date,
            licence=LICENCE,
            attribution=marked(ATTRIBUTION, synthetic=self.synthetic),
            sha256=self.sha256,
            added_on=self.added_on,
        )


@dataclass(frozen=True)
class Extract:
    """What was read of an extract inside a territory and a margin around it. All coordinates are metres.

    Attributes
    ----------
    network
        The streets.
    extent
        The area that the extract speaks of.
    services
        ``category``, ``name``, ``osm_type`` (n, w, r), ``osm_id``, ``level_unknown`` (a school whose level is not
        mapped or cannot be read: it counts as primary or lower-secondary, which of the two is not known, where no
        register says better), and a point.
    entrances
        Where one gets into a service: ``service`` (row of `services`), ``x``, ``y``, ``access`` (node, entrance,
        outline, inside); at least one for each service, sorted by service.
    boundaries
        Municipalities: ``osm_type``, ``osm_id``, ``name``, ``ref_istat`` (empty where not mapped), ``parts``,
        ``area_km2`` (on the plane), ``complete``, and their area; without geometry where incomplete.
    features
        What scope rules look for: ``feature``, ``name``, ``osm_type``, ``osm_id`` and geometry; an object may stand
        under several features.
    homes
        Buildings that people may live in: ``x``, ``y`` of the centre, ``area_m2`` of the footprint.
    service_tags
        The table of services that was looked for (``services.csv``): to be named beside every figure that rests on it.
    report
        What was read and what was missing.
    """

    network: WalkNetwork
    extent: Extent
    services: gpd.GeoDataFrame
    entrances: pd.DataFrame
    boundaries: gpd.GeoDataFrame
    features: gpd.GeoDataFrame
    homes: pd.DataFrame
    service_tags: pd.DataFrame
    report: ExtractReport

    @property
    def mapped(self) -> "Mapped":
        """What is on the map beside the streets."""
        return Mapped(self.services, self.boundaries, self.features, self.service_tags, self.report)

    def kept(self) -> Model:
        """Return everything as it is kept."""
        tables = {name: getattr(self, name) for name in TABLES}
        return Model(self.network.arrays(), {"extent": self.extent.table, **tables}, {"report": asdict(self.report)})

    @classmethod
    def of_kept(cls, model: Model) -> "Extract":
        """Return what was kept.

        Raises
        ------
        IndexError
            The arrays do not fit each other.
        """
        network = WalkNetwork.from_arrays(model.arrays)
        require_within("edge_from", network.edge_from, network.node_count)
        require_within("edge_to", network.edge_to, network.node_count)
        require_within("edge_class", network.edge_class, len(network.classes))
        require_offsets("geometry_offsets", network.geometry_offsets, network.edge_count, len(network.geometry_x))
        tables = {name: model.tables[name] for name in TABLES}
        report = ExtractReport(**model.told["report"])
        return cls(network=network, extent=Extent(model.tables["extent"]), report=report, **tables)


@dataclass(frozen=True)
class Mapped:
    """What an extract holds beside its streets: what the layers of a build need of it.

    Attributes
    ----------
    services, boundaries, features, service_tags, report
        As in :class:`Extract`.
    """

    services: gpd.GeoDataFrame
    boundaries: gpd.GeoDataFrame
    features: gpd.GeoDataFrame
    service_tags: pd.DataFrame
    report: ExtractReport

    def save(self, path: Path) -> None:
        """Write everything as one file, whole or not at all.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        write_arrays(path, FORMAT, _packed(self, _MAPPED))

    @classmethod
    def load(cls, path: Path) -> "Mapped":
        """Read what :meth:`save` wrote.

        Raises
        ------
        NetworkFileError
            The file is damaged, of another format, or was written by something else.
        """
        arrays = read_arrays(path, FORMAT, [*_MAPPED, "report"])
        return cls(**_unpacked(path, arrays, _MAPPED))


_LOCATED = ("services", "boundaries", "features")

_MAPPED = ("services", "boundaries", "features", "service_tags")

TABLES = (*_MAPPED, "entrances", "homes")
"""What an extract holds beside its network and extent."""


def _packed(held: Mapped, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    report = np.asarray(json.dumps(asdict(held.report)))
    return {**{name: _pack(getattr(held, name)) for name in names}, "report": report}


def _unpacked(path: Path, arrays: Mapping[str, npt.NDArray[Any]], names: Sequence[str]) -> dict[str, Any]:
    damaged = NetworkFileError(gettext("{path} is damaged; read the extract again.", path=path))
    with refusing(OF_ARRAYS, lambda _: damaged):
        tables = {name: _unpack(arrays[name], located=name in _LOCATED) for name in names}
        return {**tables, "report": ExtractReport(**json.loads(str(arrays["report"])))}


def _pack(table: pd.DataFrame) -> npt.NDArray[np.uint8]:
    content = io.BytesIO()
    table.to_parquet(content, compression=None)
    return np.frombuffer(content.getvalue(), np.uint8)


def _unpack(content: npt.NDArray[np.uint8], *, located: bool) -> pd.DataFrame:
    read = gpd.read_parquet if located else pd.read_parquet
    # On one thread: each would keep some megabytes for itself, of tables that are read in milliseconds.
    return read(io.BytesIO(content.tobytes()), use_threads=False)
