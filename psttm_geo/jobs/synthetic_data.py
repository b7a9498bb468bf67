"""Make an invented territory to try things on."""

from pathlib import Path

from psttm_geo.core.errors import OutputError
from psttm_geo.core.messages import gettext
from psttm_geo.osm import synthetic_territory
from psttm_geo.osm.synthetic_territory import Synthetic
from psttm_geo.project import Project

SUFFIX = ".osm.pbf"


def write_synthetic(project: Project, output: Path, *, node_count: int, seed: int) -> Synthetic:
    """Write an OSM file of the 133 municipalities in which all but their shape is invented, and marked as such.

    Parameters
    ----------
    project
        Opened.
    output
        Ends in ``.osm.pbf``; the list of faults made on purpose goes beside it.
    node_count
        How many junctions of streets, about.
    seed
        Where chance begins: the same gives the same bytes.

    Raises
    ------
    TableError
        The snapshot cannot be used.
    OutputError
        The file has another suffix or cannot be written.
    """
    if not output.name.endswith(SUFFIX) or output.name == SUFFIX:
        raise OutputError(
            gettext(
                "{output}: the name must end with {suffix}, the format that is written; for example trial{suffix}.",
                output=output,
                suffix=SUFFIX,
            )
        )
    embedded = project.snapshot
    ages = embedded.residents.counts.set_index("municipality_code")[["males", "females"]]
    residents = ages.sum(axis=1).groupby(level=0).sum()
    return synthetic_territory.write_synthetic(
        output, embedded.boundaries.municipalities, residents, node_count=node_count, seed=seed
    )
