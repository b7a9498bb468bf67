"""The command that leads from nothing to real figures."""

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from psttm_geo.cli.options import (
    FOLDER,
    JSON,
    PATH,
    WORKSPACE,
    open_project,
    print_result,
    require_geopackage,
    tell,
    with_settings,
)
from psttm_geo.core.events import Error, report
from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.core.settings import Settings

if TYPE_CHECKING:
    from psttm_geo.jobs import Need

INCOMPLETE = 1


@click.command()
@click.option(
    "-o", "--output", type=PATH, help="Il GeoPackage da scrivere; se non indicato, psttm.gpkg nella cartella di lavoro."
)
@click.option(
    "--dry-run", is_flag=True, help="Mostra che cosa manca, quanto è grande e da dove viene, senza fare nulla."
)
@click.option(
    "--offline", "folder", type=FOLDER, help="Cartella con i file degli editori, con i loro nomi: non si usa la rete."
)
@click.option("--refresh", is_flag=True, help="Riprende anche i dati invecchiati, se li ha portati questo comando.")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def prepare(
    context: click.Context,
    settings: Settings,
    /,
    *,
    dry_run: bool,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the request takes
) -> int:
    """Scarica ciò che manca, lo registra, calcola, scrive il GeoPackage e un rapporto.

    Estratto di OpenStreetMap, sezioni di censimento, residenti, registri dei servizi, progetti del PNRR: ciò che la
    cartella di lavoro contiene già non si scarica di nuovo. Un passo che non riesce è riferito e gli altri proseguono;
    interrotto, riprende ripetendo lo stesso comando. Il rapporto, accanto al GeoPackage, si può inviare a chi cura il
    pacchetto.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    request = jobs.Preparation(**asked)
    if request.output is not None:
        require_geopackage(request.output, settings)
    project = open_project(settings)
    if dry_run:
        needs = jobs.list_needs(project, request)
        lines = [*map(_say_need, needs), jobs.say_needs(needs, local=request.folder is not None)]
        print_result(
            [_describe(need) for need in needs], [line.say(settings.language) for line in lines], as_json=as_json
        )
        return 0
    prepared = jobs.prepare(project, request, progress=not context.meta["quiet"], tell=partial(tell, settings=settings))
    result = {
        "delivery": None if prepared.delivery is None else str(prepared.delivery),
        "report": str(prepared.report),
        "complete": prepared.complete,
        "synthetic": prepared.synthetic,
        "layers": dict(prepared.layers),
        "steps": [{"step": step.name, "outcome": step.outcome} for step in prepared.steps],
    }
    lines = [
        *(
            same("{name}: {outcome}, {seconds} s").fill(
                name=step.name, outcome=_OUTCOMES[step.outcome], seconds=round(step.seconds)
            )
            for step in prepared.steps
        ),
        gettext("report: {report}", report=prepared.report),
        *([] if prepared.delivery is None else [gettext("delivery: {delivery}", delivery=prepared.delivery)]),
    ]
    print_result(result, [line.say(settings.language) for line in lines], as_json=as_json)
    if prepared.complete:
        return 0
    names = ", ".join(step.name for step in prepared.steps if step.outcome not in ("done", "held"))
    report(Error(gettext("Not done: {names}; the report says why: {report}", names=names, report=prepared.report)))
    return INCOMPLETE


_OUTCOMES = {
    "done": gettext("done"),
    "held": gettext("was there already"),
    "left_out": gettext("left out"),
    "failed": gettext("failed"),
}


def _describe(need: "Need") -> dict[str, object]:
    return {
        "group": need.group,
        "state": need.state,
        "wanted": need.wanted,
        "size_bytes_about": need.size_bytes,
        "files": [one.file for one in need.downloads],
        "urls": [one.url for one in need.downloads],
    }


def _say_need(need: "Need") -> Text:
    from psttm_geo.fetch.download_records import say_size  # noqa: PLC0415 - loaded only by commands that need it

    size = gettext("about {said}", said=say_size(need.size_bytes)) if need.size_bytes else gettext("size not stated")
    files = ", ".join(f"{one.file} ({one.url})" for one in need.downloads)
    return same("{group}: {state}; {files}; {size}").fill(group=need.group, state=need.said, files=files, size=size)


COMMANDS = (prepare,)
