"""Commands that check the tables and deliver layers."""

from pathlib import Path

import click

from psttm_geo.cli.options import JSON, PATH, WORKSPACE, note, require_geopackage, say, with_settings
from psttm_geo.errors import Text
from psttm_geo.settings import Settings

FOUND_FAULTS = 1

_COMPARED = Text(
    "registri e OpenStreetMap a confronto, comune per comune in servizi_confronto:",
    "registers and OpenStreetMap compared, municipality by municipality in servizi_confronto:",
)

_EXPORT_FORMATS = ("geoparquet", "geojson", "csv", "xlsx", "metadata", "qgz")


@click.command()
@JSON
@with_settings
def check(settings: Settings, *, as_json: bool) -> int:
    """Controlla tutte le tabelle, una per una e fra loro."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    faults = workflows.check_tables(settings)
    result = [{"file": fault.file, "row": fault.row, "message": fault.text.say(settings.language)} for fault in faults]
    done = Text("Tabelle in ordine: nessun errore.", "Tables in order: no fault.").say(settings.language)
    say(result, [fault.say(settings.language) for fault in faults] or [done], as_json=as_json)
    return FOUND_FAULTS if faults else 0


@click.command()
@click.option("-o", "--output", type=PATH, required=True, help="Il GeoPackage da scrivere (.gpkg).")
@click.option("--edition", "editions", multiple=True, help="Edizione da includere; tutte se non indicata.")
@click.option("--boundaries", type=PATH, help="Confini di ISTAT (zip scaricato o cartella) o estratto OSM.")
@click.option("--residents", type=PATH, help="Residenti per età di ISTAT: il file POSAS scaricato.")
@WORKSPACE
@JSON
@with_settings
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

    require_geopackage(output, settings)
    territory, counts = workflows.build(output, settings, boundaries=boundaries, residents=residents, editions=editions)
    note(territory.notices, settings)
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
        "synthetic": territory.synthetic,
        "service_comparison": [line.say(settings.language) for line in territory.service_comparison],
        "notices": [notice.say(settings.language) for notice in territory.notices],
    }
    lines = [heading.say(settings.language), *(f"  {name}: {count}" for name, count in counts.items())]
    if territory.service_comparison:
        lines.append(_COMPARED.say(settings.language))
        lines += [f"  {line.say(settings.language)}" for line in territory.service_comparison]
    say(result, lines, as_json=as_json)


@click.command()
@click.argument("file", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="La cartella in cui scrivere.")
@click.option("--format", "form", type=click.Choice(_EXPORT_FORMATS), required=True, help="Il formato.")
@click.option("--layers", multiple=True, help="Layer da esportare (ripetibile); tutti se non indicato.")
@JSON
@with_settings
def export(settings: Settings, *, file: Path, output: Path, form: str, layers: tuple[str, ...], as_json: bool) -> None:
    """Esporta i layer di un GeoPackage in altri formati, o i suoi metadati, o il suo progetto QGIS."""
    from psttm_geo import workflows  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    if form == "qgz" and layers:
        raise click.UsageError(
            Text("il progetto si esporta intero, senza --layers.", "the project is exported whole, no --layers.").say(
                settings.language
            )
        )
    written = workflows.export(file, output, form=form, layers=layers)
    say({"files": [str(path) for path in written]}, [str(path) for path in written], as_json=as_json)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="La porta.")
@click.option("--base-path", default="", help="Il percorso sotto cui la serve un reverse proxy.")
@WORKSPACE
@with_settings
def app(settings: Settings, *, port: int, base_path: str) -> None:
    """Apre la mappa nel browser."""
    from psttm_geo.app.server import serve  # noqa: PLC0415 - Streamlit is loaded only by the app

    serve(settings, port=port, base_path=base_path)


@click.command()
@WORKSPACE
@JSON
@with_settings
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
    say(result, lines, as_json=as_json)


COMMANDS = (check, build, export, app, status)
