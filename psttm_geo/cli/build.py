"""Commands that check the tables and deliver layers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from psttm_geo.cli.options import (
    CRS,
    EDITIONS,
    JSON,
    MUNICIPALITIES,
    PATH,
    WORKSPACE,
    ZONES,
    note,
    open_project,
    prepare_kernels,
    print_result,
    require_geopackage,
    say_left_out,
    with_settings,
)
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import list_faults
from psttm_geo.core.messages import NOTHING, gettext
from psttm_geo.core.settings import Settings

FOUND_FAULTS = 1

_COMPARED = gettext("registers and OpenStreetMap compared, municipality by municipality in servizi_confronto:")

_EXPORT_FORMATS = ("gpkg", "geoparquet", "flatgeobuf", "geojson", "csv", "xlsx", "metadata", "qgz")


@click.command()
@JSON
@with_settings
def check(settings: Settings, *, as_json: bool) -> int:
    """Controlla tutte le tabelle, una per una e fra loro."""
    project = open_project(settings)

    faults = project.check()
    result = [{"file": fault.file, "row": fault.row, "message": fault.text.say(settings.language)} for fault in faults]
    done = gettext("Tables in order: no fault.").say(settings.language)
    print_result(result, list_faults(faults, settings.language, "--json") or [done], as_json=as_json)
    return FOUND_FAULTS if faults else 0


@click.command()
@click.option("-o", "--output", type=PATH, required=True, help="Il GeoPackage da scrivere (.gpkg).")
@EDITIONS
@ZONES
@MUNICIPALITIES
@CRS
@click.option("--boundaries", type=PATH, help="Confini di ISTAT (zip scaricato o cartella) o estratto OSM.")
@click.option("--residents", type=PATH, help="Residenti per età di ISTAT: il file POSAS scaricato.")
@WORKSPACE
@JSON
@with_settings
def build(
    settings: Settings,
    *,
    output: Path,
    crs: str | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the request takes
) -> None:
    """Scrive il GeoPackage con tutto il contenuto della cartella di lavoro, o la parte di una zona o di un comune."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)
    from psttm_geo.core.numbers import say_number  # noqa: PLC0415 - as above
    from psttm_geo.core.provenance import marked, say_date  # noqa: PLC0415 - as above

    require_geopackage(output, settings)
    built = jobs.build(output, project, jobs.BuildRequest(**asked, crs=crs or METRIC))
    territory, counts = built.territory, built.counts
    notices = (*territory.notices, *say_left_out(built.left_out))
    note(notices, settings)
    day, people = say_date(territory.residents_date), say_number(built.residents, 0)
    estimate = gettext(" (estimate)") if territory.residents.provisional else NOTHING
    heading = gettext(
        "{output}: {people} residents on {day}{estimate}", output=output, people=people, day=day, estimate=estimate
    )
    result = {
        "file": str(output),
        "layers": counts,
        "left_out": built.left_out,
        "crs": crs or METRIC,
        "residents": built.residents,
        "residents_date": territory.residents_date,
        "provisional": territory.residents.provisional,
        "sources": [source.title for source in territory.sources],
        "synthetic": territory.synthetic,
        "service_comparison": [line.say(settings.language) for line in territory.everyday.comparison],
        "notices": [notice.say(settings.language) for notice in notices],
    }
    said = marked(heading.say(settings.language), settings.language, synthetic=territory.synthetic)
    lines = [said, *(f"  {name}: {say_number(count, 0).say(settings.language)}" for name, count in counts.items())]
    if territory.everyday.comparison:
        lines.append(_COMPARED.say(settings.language))
        lines += [f"  {line.say(settings.language)}" for line in territory.everyday.comparison]
    print_result(result, lines, as_json=as_json)


@click.command()
@click.argument("file", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="La cartella in cui scrivere.")
@click.option("--format", "form", type=click.Choice(_EXPORT_FORMATS), required=True, help="Il formato.")
@click.option("--layers", multiple=True, help="Layer da esportare (ripetibile); tutti se non indicato.")
@EDITIONS
@ZONES
@MUNICIPALITIES
@CRS
@JSON
@with_settings
def export(
    settings: Settings,
    *,
    file: Path,
    output: Path,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the request takes
) -> None:
    """Esporta un GeoPackage, o una sua parte, in altri formati; o i suoi metadati, o il suo progetto QGIS."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    _refuse_unused(asked, settings)
    exported = jobs.export(file, output, project, jobs.ExportRequest(**asked))
    note([*exported.notices, *say_left_out(exported.left_out)], settings)
    files = [str(path) for path in exported.files]
    result = {"files": files, "left_out": exported.left_out, "synthetic": exported.synthetic}
    print_result(result, files, as_json=as_json)


_ROWS = {"editions": "--edition", "zones": "--zone", "municipalities": "--municipality"}

_UNUSED = {
    "geojson": (("crs",), gettext("GeoJSON is always in EPSG:4326")),
    "csv": (("crs",), gettext("a CSV table has no geometries")),
    "xlsx": (("crs",), gettext("an XLSX sheet has no geometries")),
    "metadata": (("crs", *_ROWS), gettext("metadata are those of the whole file")),
    "qgz": (("layers", "crs", *_ROWS), gettext("the project is exported whole")),
}
"""Options that mean nothing in a format, and why."""


def _refuse_unused(asked: Mapping[str, Any], settings: Settings) -> None:
    names, reason = _UNUSED.get(asked["form"], ((), NOTHING))
    unused = ", ".join(_ROWS.get(name, f"--{name}") for name in names if asked[name])
    if unused:
        raise click.UsageError(
            gettext(
                "{unused} does not go with --format {form}: {reason}; leave the option out.",
                unused=unused,
                form=asked["form"],
                reason=reason,
            ).say(settings.language)
        )


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="La porta.")
@click.option("--base-path", default="", help="Il percorso sotto cui un reverse proxy pubblica la mappa.")
@click.option("--served", is_flag=True, help="Per molti visitatori: la cartella di lavoro è in sola lettura.")
@click.option(
    "--address", default="127.0.0.1", show_default=True, help="L'indirizzo su cui il server ascolta; con --served."
)
@WORKSPACE
@with_settings
def app(settings: Settings, *, port: int, base_path: str, served: bool, address: str) -> None:
    """Apre la mappa nel browser."""
    from psttm_geo.app.server import HOST, serve  # noqa: PLC0415 - Streamlit is loaded only by the app

    served = served or settings.served
    if address != HOST and not served:
        raise click.UsageError(
            gettext(
                "--address {address} opens the map to others, who could change the workspace: add --served.",
                address=address,
            ).say(settings.language)
        )
    prepare_kernels(settings)
    serve(settings.model_copy(update={"served": served}), address=address, port=port, base_path=base_path)


@click.command()
@WORKSPACE
@JSON
@with_settings
def status(settings: Settings, *, as_json: bool) -> None:
    """Mostra il contenuto della cartella di lavoro."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)
    entries = project.workspace.inputs.entries
    old = jobs.list_old(project)
    empty = gettext("empty: the embedded data are in force").say(settings.language)
    lines = [f"{settings.workspace}: {'' if entries else empty}".rstrip(" :")]
    for entry in entries.values():
        lines.append(f"  {entry.kind}: {entry.path.name}, {entry.added_at}, sha256 {entry.sha256}")
        if entry.state != "ok":
            lines.append(f"    {entry.fault.say(settings.language)}")
        if entry.kind in old:
            lines.append(f"    {_GROWN_OLD.fill(days=old[entry.kind]).say(settings.language)}")
    result = {
        "workspace": str(settings.workspace),
        "inputs": {
            kind: {
                "file": str(entry.path),
                "sha256": entry.sha256,
                "added_at": entry.added_at,
                "state": entry.state,
                "old": kind in old,
            }
            for kind, entry in entries.items()
        },
    }
    print_result(result, lines, as_json=as_json)


_GROWN_OLD = gettext("registered more than {days} days ago: psttm-geo prepare --refresh renews what it has brought.")


COMMANDS = (check, build, export, app, status)
