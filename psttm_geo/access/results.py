"""What was computed and is kept in the workspace until a build delivers it."""

import dataclasses
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from psttm_geo.core.archive import read_arrays, write_arrays
from psttm_geo.core.errors import NetworkFileError
from psttm_geo.core.messages import gettext
from psttm_geo.core.provenance import Source, are_synthetic
from psttm_geo.core.reading import OF_ARRAYS, refusing
from psttm_geo.schema.layers import LAYERS

FORMAT = 6
"""Of the file of :meth:`Results.save`; raised when a column changes its meaning."""


RESTS_ON = ("boundaries", "residents", "registers", "census", "degurba")
"""Inputs of the workspace that results depend on; the extract is named by its sum among the sources."""


@dataclass(frozen=True)
class Results:
    """Layers that rest on computations, and what they rest on.

    Attributes
    ----------
    layers
        By Italian layer name, with the English columns of the contract.
    sources
        By Italian layer name.
    inputs
        The sums of the workspace's inputs that went into them, by kind: when one of them changes, the results are old.
    essential
        Categories of services that the share of residents who reach all of them asks for.
    computed_on
        The day on which the workspace took each layer, ISO 8601, by its name; empty for results of no workspace.
    """

    layers: Mapping[str, pd.DataFrame]
    sources: Mapping[str, tuple[Source, ...]]
    inputs: Mapping[str, str]
    essential: tuple[str, ...] = ()
    computed_on: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether something that they rest on is made up."""
        return any(are_synthetic(sources) for sources in self.sources.values())

    def joined(self, other: "Results") -> "Results":
        """Return the layers of both; of the same name, the other's."""
        return Results(
            {**self.layers, **other.layers},
            {**self.sources, **other.sources},
            {**self.inputs, **other.inputs},
            self.essential or other.essential,
            {**self.computed_on, **other.computed_on},
        )

    def of_editions(self, editions: Collection[str]) -> "Results":
        """Return what is about some of the editions; layers that are about others only are left out."""
        kept = {name: _of_editions(table, editions) for name, table in self.layers.items()}
        filled = {name: table for name, table in kept.items() if len(table) or self.layers[name].empty}
        return dataclasses.replace(self, layers=filled, sources={name: self.sources[name] for name in filled})

    def save(self, path: Path) -> None:
        """Write everything as one file, whole or not at all.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        tables: dict[str, np.ndarray] = {}
        shaped = {}
        for name, table in self.layers.items():
            kept, shapes = _part_shapes(table)
            tables[name] = _pack(kept)
            if shapes is not None:
                tables[f"{name}{_SHAPES}"] = _pack(shapes)
                shaped[name] = list(table.columns)
        told = {
            "layers": list(self.layers),
            "shaped": shaped,
            "sources": {name: [asdict(source) for source in sources] for name, sources in self.sources.items()},
            "inputs": dict(self.inputs),
            "essential": self.essential,
        }
        write_arrays(path, FORMAT, {**tables, "told": np.asarray(json.dumps(told))})

    @classmethod
    def load(cls, path: Path) -> "Results":
        """Read what :meth:`save` wrote.

        Raises
        ------
        NetworkFileError
            The file is damaged, of another format, or was written by something else.
        """
        damaged = NetworkFileError(gettext("{path} is damaged; compute it again with psttm-geo access.", path=path))
        with refusing(OF_ARRAYS, lambda _: damaged):
            told = json.loads(str(read_arrays(path, FORMAT, ["told"])["told"]))
            shaped = told["shaped"]
            tables = read_arrays(path, FORMAT, [*told["layers"], *(f"{name}{_SHAPES}" for name in shaped)])
            read = {name: _unpack(name, content, shaped) for name, content in tables.items()}
            shapes = {name: read.pop(f"{name}{_SHAPES}") for name in shaped}
            return cls(
                layers={
                    name: _with_shapes(table, shapes[name], shaped[name]) if name in shaped else table
                    for name, table in read.items()
                },
                sources={
                    name: tuple(Source(**source) for source in sources) for name, sources in told["sources"].items()
                },
                inputs=told["inputs"],
                essential=tuple(told["essential"]),
            )


def _of_editions(table: pd.DataFrame, editions: Collection[str]) -> pd.DataFrame:
    kept: pd.DataFrame = table
    for column in ("edition", "edition_or_all"):
        if column in kept.columns:
            kept = kept[kept[column].isin(["", *editions])].reset_index(drop=True)
    return kept


_SHAPES = "_shapes"
"""Ends the name of the shapes of a layer, each of which several of its rows have."""

_SHAPE = "shape"
"""The column of such a layer that says which."""


def _part_shapes(table: pd.DataFrame) -> tuple[pd.DataFrame, gpd.GeoDataFrame | None]:
    """Return a table without its shapes, and these, where several rows have each: most of what is written otherwise."""
    if not isinstance(table, gpd.GeoDataFrame):
        return table, None
    shapes = table.geometry.to_numpy()
    position, _ = pd.factorize(np.fromiter(map(id, shapes), np.int64, len(shapes)))
    first = np.flatnonzero(~pd.Series(position).duplicated())
    if len(first) * 2 >= len(shapes):
        return table, None
    distinct = gpd.GeoDataFrame(geometry=table.geometry.iloc[first].reset_index(drop=True))
    return pd.DataFrame(table.drop(columns=table.geometry.name)).assign(**{_SHAPE: position.astype(np.int32)}), distinct


def _with_shapes(table: pd.DataFrame, shapes: pd.DataFrame, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Return a table as it was before :func:`_part_shapes`."""
    geometry = gpd.GeoSeries(shapes.geometry.array.take(table[_SHAPE].to_numpy()), index=table.index)
    return gpd.GeoDataFrame(table.assign(geometry=geometry)[list(columns)], geometry="geometry", crs=shapes.crs)


def _pack(table: pd.DataFrame) -> np.ndarray:
    content = io.BytesIO()
    table.to_parquet(content, compression="zstd")
    return np.frombuffer(content.getvalue(), np.uint8)


def _unpack(name: str, content: np.ndarray, shaped: Collection[str]) -> pd.DataFrame:
    located = name.endswith(_SHAPES) or (LAYERS[name].spatial and name not in shaped)
    read = gpd.read_parquet if located else pd.read_parquet
    return read(io.BytesIO(content.tobytes()))
