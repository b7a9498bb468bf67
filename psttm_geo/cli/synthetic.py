"""The command that makes an invented territory."""

from pathlib import Path

import click

from psttm_geo.cli.options import FILE, JSON, open_project, print_result, with_settings
from psttm_geo.core.messages import gettext
from psttm_geo.core.settings import Settings

FEWEST_NODES = 1_000
"""Fewer junctions make no streets in 133 municipalities."""

MOST_NODES = 20_000_000


@click.command("synthetic")
@click.option("-o", "--output", type=FILE, required=True, help="Il file .osm.pbf da scrivere.")
@click.option(
    "--nodes",
    type=click.IntRange(FEWEST_NODES, MOST_NODES),
    default=500_000,
    show_default=True,
    help="Numero approssimativo di incroci di strade; il resto in proporzione.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Seme casuale: lo stesso numero dà lo stesso file.",
)
@JSON
@with_settings
def make_synthetic(settings: Settings, *, output: Path, nodes: int, seed: int, as_json: bool) -> None:
    """Scrive un territorio inventato nel formato di OpenStreetMap, per provare senza dati.

    I contorni dei 133 comuni sono quelli reali, un po' spostati; strade, servizi ed edifici sono inventati e ogni
    oggetto porta source=synthetic. Accanto al file, FILE.faults.json elenca gli errori inseriti di proposito nei
    confini.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    made = jobs.write_synthetic(project, output, node_count=nodes, seed=seed)
    counts = made.counts
    text = gettext(
        "{output}: SYNTHETIC DATA, {junctions} junctions, {nodes} nodes, {ways} ways, {relations} "
        "relations; {count} deliberate faults of boundaries in {faults_file}",
        output=output,
        junctions=counts["junctions"],
        nodes=counts["nodes"],
        ways=counts["ways"],
        relations=counts["relations"],
        count=len(made.faults),
        faults_file=made.faults_file,
    )
    result = {
        "file": str(output),
        "faults_file": str(made.faults_file),
        "counts": counts,
        "faults": [fault.to_dict() for fault in made.faults],
    }
    print_result(result, [text.say(settings.language)], as_json=as_json)


COMMANDS = (make_synthetic,)
