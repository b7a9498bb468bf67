"""Commands of the register of the plan's implementation: templates, what is added, what it answers, what comes back."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from psttm_geo.cli.options import JSON, PATH, WORKSPACE, echo, note, open_project, print_result, with_settings
from psttm_geo.core.messages import gettext
from psttm_geo.core.settings import Settings

_TABLES = ("agreements", "dup_links", "milestones", "indicators", "observations", "updates")

_SUFFIXES = (".csv", ".xlsx")


@click.group()
def monitoring() -> None:
    """Il registro di attuazione e monitoraggio: intese, DUP, traguardi, indicatori, osservazioni, aggiornamenti."""


@monitoring.command("template")
@click.argument("table", type=click.Choice((*_TABLES, "sheets")))
@click.option("-o", "--output", type=PATH, required=True, help="Il file .csv o .xlsx; per sheets una cartella.")
@click.option("--municipality", "municipalities", multiple=True, help="Per sheets: solo questo comune (ripetibile).")
@with_settings
def template(settings: Settings, *, table: str, output: Path, municipalities: tuple[str, ...]) -> None:
    """Scrive una tabella vuota da compilare, o la scheda DUP di ogni comune (sheets)."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    if table == "sheets":
        paths = jobs.write_sheet_templates(open_project(settings), output, municipalities)
        echo(
            gettext("{folder}: sheets of municipalities: {count}.", folder=output, count=len(paths)).say(
                settings.language
            )
        )
        return
    if output.suffix.lower() not in _SUFFIXES:
        raise click.BadParameter(
            gettext("found “{name}”, expected a name that ends in .csv or .xlsx.", name=output.name).say(
                settings.language
            ),
            param_hint="-o",
        )
    jobs.write_monitoring_template(output, table)
    echo(str(output))


@monitoring.command("add")
@click.argument("files", type=PATH, nargs=-1, required=True)
@WORKSPACE
@with_settings
def add(settings: Settings, *, files: tuple[Path, ...]) -> None:
    """Registra tabelle compilate: tutte, o nessuna se una contiene errori.

    CSV o XLSX, cartelle o zip. La tabella è riconosciuta dalle colonne e prende il posto di quella registrata; la
    scheda DUP di un comune sostituisce le righe dello stesso comune e triennio; gli aggiornamenti si aggiungono.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    added = jobs.add_monitoring(open_project(settings), files)
    note(added.notices, settings)
    for table, rows in added.rows.items():
        echo(f"{table}: {rows}, {settings.workspace}")
    if added.sheets:
        echo(gettext("sheets of municipalities read: {count}.", count=added.sheets).say(settings.language))


@monitoring.command("status")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Mostra anche che cosa è cambiato da questo giorno.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Il giorno a cui riferire le scadenze; oggi se manca.")
@WORKSPACE
@JSON
@with_settings
def status(settings: Settings, *, since: Any, today: Any, as_json: bool) -> None:  # noqa: ANN401 - click's own dates
    """Righe registrate, traguardi in scadenza entro sei mesi e in ritardo, comuni con righe del DUP."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    day = today.date() if today else date.today()  # noqa: DTZ011 - the user's own calendar day
    found = jobs.monitoring_status(open_project(settings), day, since.date() if since else None)
    print_result(found.for_machines, [line.say(settings.language) for line in found.lines], as_json=as_json)


@monitoring.command("export")
@click.argument("tables", type=click.Choice(_TABLES), nargs=-1)
@click.option("-o", "--output", type=PATH, required=True, help="Una cartella, o un file .csv o .xlsx per una tabella.")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), default="csv", help="In una cartella.")
@WORKSPACE
@with_settings
def export(settings: Settings, *, tables: tuple[str, ...], output: Path, form: str) -> None:
    """Riscrive le tabelle come sono state registrate, con le osservazioni calcolate in coda."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    for path in jobs.export_monitoring(open_project(settings), output, tables, form=form):
        echo(str(path))


COMMANDS = (monitoring,)
