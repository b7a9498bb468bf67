"""A synthetic territory as an OSM file: real outlines, everything inside invented, every object marked as such.

For benchmarks at full scale, for reconciliation over the whole territory and for trying things without data. No figure
computed on it says anything about Milan.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from psttm_geo.core.files import replacing, write_text
from psttm_geo.osm._drawing import Drawing
from psttm_geo.osm._synthetic_boundaries import BoundaryFault, draw_boundaries
from psttm_geo.osm._synthetic_places import draw_places
from psttm_geo.osm._synthetic_streets import draw_streets

MARK = {"source": "synthetic"}
"""Tags of every object in the file."""

GENERATOR = "psttm-geo synthetic"

_CROWDING = 0.85
"""Junctions of a municipality grow with its residents to this power: large towns have more people to a street."""


@dataclass(frozen=True)
class Synthetic:
    """What was written.

    Attributes
    ----------
    faults_file
        Where the list of what is wrong on purpose was written.
    counts
        ``nodes``, ``ways`` and ``relations`` in the file, and the ``junctions`` of streets among the nodes.
    faults
        What is wrong with the boundaries on purpose.
    """

    faults_file: Path
    counts: dict[str, int]
    faults: list[BoundaryFault]


def write_synthetic(
    path: Path, municipalities: gpd.GeoDataFrame, residents: pd.Series, *, node_count: int, seed: int
) -> Synthetic:
    """Write a synthetic territory and, beside it, the list of faults made on purpose in its boundaries.

    Parameters
    ----------
    path
        Ends in ``.osm.pbf``; replaced if it exists. The same arguments make the same bytes.
    municipalities
        ``municipality_code``, ``municipality``, ``cadastral_code`` and geometry in EPSG:32632, a valid coverage.
    residents
        By municipality code: where more people live there are more streets.
    node_count
        How many junctions of streets, about; all else is in proportion.
    seed
        Where chance begins.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    streets_rng, places_rng, boundaries_rng = np.random.default_rng(seed).spawn(3)
    drawing = Drawing(MARK)
    outlines = municipalities.geometry.to_numpy()
    weights = residents.reindex(municipalities["municipality_code"]).fillna(0).clip(lower=1).to_numpy() ** _CROWDING
    streets = draw_streets(drawing, outlines, weights, node_count, streets_rng)
    draw_places(drawing, streets, municipalities, node_count, places_rng)
    faults = draw_boundaries(drawing, municipalities, boundaries_rng)
    with replacing(path) as beside:
        drawing.write(beside, GENERATOR)
    listed = {"source": MARK["source"], "seed": seed, "faults": [fault.to_dict() for fault in faults]}
    faults_file = path.with_name(f"{path.name}.faults.json")
    write_text(faults_file, json.dumps(listed, ensure_ascii=False, indent=2) + "\n")
    return Synthetic(faults_file, {**drawing.counts, "junctions": len(streets.points)}, faults)
