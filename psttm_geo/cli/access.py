"""Commands that walk: accessibility, scenarios, places for services, isochrones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from psttm_geo.cli.options import (
    FILE,
    JSON,
    PATH,
    WORKSPACE,
    note,
    open_project,
    prepare_kernels,
    print_result,
    require_geopackage,
    with_settings,
)
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.settings import Settings

EXTRACT = click.option(
    "--osm", type=FILE, required=True, help="Estratto OpenStreetMap: .osm.pbf, .osm, .osm.gz, .osm.bz2."
)

TERRITORY = click.option(
    "--territory",
    default="milano",
    show_default=True,
    help="milano, osm:8 (i comuni completi dell'estratto) o un file vettoriale.",
)

NAME_FIELD = click.option("--name-field", help="Il campo con il nome delle unità (--units, o --territory FILE).")

SERVICES = click.option("--services", type=FILE, help="Tabella di servizi da usare al posto di services.csv.")

_KEPT = gettext("kept in the workspace: psttm-geo build delivers it, the map shows it.")


WALKER = "adulto"
"""As :data:`psttm_geo.access.profiles.BY_DEFAULT`, which takes long to import."""

LARGEST_MIN = 100
"""As :data:`psttm_geo.access.street_times.LARGEST_LIMIT_MIN`, which takes long to import."""


def read_minutes(context: click.Context, _: click.Parameter, value: str) -> tuple[int, ...]:
    """Return whole minutes parted by commas, from the smallest, or refuse them in one sentence."""
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < int(part) <= LARGEST_MIN for part in parts):
        settings: Settings = context.obj
        raise click.BadParameter(
            gettext(
                "found “{value}”, expected whole minutes from 1 to {largest_min} parted by commas, as 5,10,15.",
                value=value,
                largest_min=LARGEST_MIN,
            ).say(settings.language)
        )
    return tuple(sorted({int(part) for part in parts}))


def read_names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return identifiers parted by commas; whether there are such is seen with the tables."""
    return () if value is None else tuple(part.strip() for part in value.split(","))


LEAST_FOUND = 0.5
"""As :data:`psttm_geo.access.uncertainty.LEAST_FOUND`, which takes long to import."""


def read_found(context: click.Context, _: click.Parameter, value: float | None) -> float | None:
    """Return the part of services that is found, or refuse it in one sentence."""
    if value is None or LEAST_FOUND <= value <= 1:
        return value
    settings: Settings = context.obj
    raise click.BadParameter(
        gettext(
            "found {value:g}, expected a share from {least:g} to 1, as 0.9 for 90%.", value=value, least=LEAST_FOUND
        ).say(settings.language)
    )


def _refuse_unused(asked: Mapping[str, Any], settings: Settings) -> None:
    """Refuse files that would not be looked at: another territory has no residents, and its file is its units."""
    named = asked["units"] is not None or asked["territory"] not in ("milano", "osm:8")
    if asked["name_field"] is not None and not named:
        raise click.UsageError(
            gettext(
                "--name-field says how units are called, and there are none: add --units or leave the option out."
            ).say(settings.language)
        )
    if asked["territory"] == "milano":
        return
    unused = [f"--{name}" for name in ("registers", "census", "degurba") if asked.get(name)]
    if asked["units"] is not None and asked["territory"] != "osm:8":
        unused.append("--units")
    if unused:
        raise click.UsageError(
            gettext(
                "{listed} does not go with --territory {territory}: registers, sections and the Degree of "
                "Urbanisation serve for milano only, units for milano and osm:8; leave the option out.",
                listed=", ".join(unused),
                territory=asked["territory"],
            ).say(settings.language)
        )


UNCERTAINTY = click.option(
    "--uncertainty",
    is_flag=True,
    help="Calcola anche i limiti inferiore e superiore di quote e minuti, o delle loro variazioni: richiede più tempo.",
)

FOUND = click.option(
    "--found",
    type=float,
    callback=read_found,
    help="Come --uncertainty, con la parte dei servizi che si suppone presente nei dati, da 0.5 a 1, dove registri e "
    "OpenStreetMap non la dicono.",
)


@click.command()
@EXTRACT
@TERRITORY
@click.option(
    "--registers", type=FILE, multiple=True, help="Registri di servizi, al posto di quelli della cartella di lavoro."
)
@click.option("--census", type=FILE, help="Sezioni di censimento, al posto di quelle della cartella di lavoro.")
@click.option("--degurba", type=FILE, help="Grado di urbanizzazione, di ISTAT o Eurostat; se non indicato, si calcola.")
@click.option("--units", type=PATH, help="Unità dell'ente: poligoni in un file vettoriale (Municipi, NIL ...).")
@NAME_FIELD
@SERVICES
@click.option(
    "--profiles",
    callback=read_names,
    help="Profili di profiles.csv, separati da virgole; se non indicati, quelli delle fasce d'età.",
)
@click.option(
    "--minutes",
    callback=read_minutes,
    default="5,10,15,20,30",
    show_default=True,
    help="Soglie degli indicatori, in minuti.",
)
@UNCERTAINTY
@click.option(
    "--choice",
    is_flag=True,
    help="Calcola anche il secondo e il terzo servizio più vicino, quanti se ne raggiungono in 15 minuti e i bacini.",
)
@FOUND
@click.option("-o", "--output", type=PATH, help="Scrive solo i layer dell'accessibilità in questo GeoPackage.")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def access(
    context: click.Context,
    settings: Settings,
    /,
    *,
    output: Path | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the request takes
) -> None:
    """Calcola la città a 15 minuti: minuti a piedi, quote di residenti, carenze, indicatori.

    Per l'intero territorio i risultati restano nella cartella di lavoro e psttm-geo build li consegna.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    if output is not None:
        require_geopackage(output, settings)
    _refuse_unused(asked, settings)
    request = jobs.AccessRequest(**asked)
    prepare_kernels(settings)
    computed = jobs.compute_access(project, request, progress=not context.meta["quiet"])
    note(computed.notices, settings)
    if output is not None:
        jobs.write_access(output, computed, project)
    kept = jobs.save_access(project, request, computed)
    if kept:
        note([_KEPT], settings)
    lines = [line.say(settings.language) for line in computed.summary]
    result = {
        "file": None if output is None else str(output),
        "kept": kept,
        "synthetic": computed.synthetic,
        "layers": {name: len(table) for name, table in computed.layers.items()},
        "sources": [source.title for source in computed.sources],
        "summary": lines,
    }
    print_result(result, lines, as_json=as_json)


@click.command("what-if")
@EXTRACT
@TERRITORY
@click.option("--scenario", type=FILE, required=True, help="Servizi aggiunti, spostati o chiusi (template scenario).")
@click.option(
    "--registers", type=FILE, multiple=True, help="Registri di servizi, al posto di quelli della cartella di lavoro."
)
@click.option("--census", type=FILE, help="Sezioni di censimento, al posto di quelle della cartella di lavoro.")
@click.option("--units", type=PATH, help="Unità dell'ente: poligoni in un file vettoriale (Municipi, NIL ...).")
@NAME_FIELD
@SERVICES
@click.option(
    "--profiles",
    callback=read_names,
    help="Profili di profiles.csv, separati da virgole; se non indicati, quelli delle fasce d'età.",
)
@UNCERTAINTY
@FOUND
@click.option("-o", "--output", type=PATH, required=True, help="Il GeoPackage da scrivere (.gpkg).")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def what_if(
    context: click.Context,
    settings: Settings,
    /,
    *,
    scenario: Path,
    output: Path,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the request takes
) -> None:
    """Calcola chi guadagna e chi perde se alcuni servizi vengono aggiunti, spostati o chiusi."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    require_geopackage(output, settings)
    _refuse_unused(asked, settings)
    request = jobs.AccessRequest(**asked)
    prepare_kernels(settings)
    computed, summary = jobs.what_if(project, request, scenario, progress=not context.meta["quiet"])
    note(computed.notices, settings)
    counts = jobs.write_access(output, computed, project)
    lines = [line.say(settings.language) for line in summary]
    result = {"file": str(output), "synthetic": computed.synthetic, "layers": counts, "summary": lines}
    print_result(result, lines, as_json=as_json)


@click.command()
@click.argument("category", metavar="CATEGORIA")
@EXTRACT
@TERRITORY
@click.option("-n", "--count", type=int, default=1, show_default=True, help="Quanti servizi.")
@click.option("--action", default="aggiungi", show_default=True, help="Che cosa si fa: aggiungi, sposta o chiudi.")
@click.option(
    "--aim",
    default="copertura",
    show_default=True,
    help="Lo scopo: copertura (più persone entro i minuti), media (cammino medio più breve), decimo_peggiore (cammino "
    "più breve per il decimo che cammina di più), equita (quota più alta nella zona in cui è più bassa).",
)
@click.option("--minutes", type=float, help="I minuti dello scopo; se non indicati: 15, per le medie 30 o più.")
@click.option(
    "--weight",
    default="residenti",
    show_default=True,
    help="Chi conta: residenti, oltre_15, 0_14, 15_64, 65_74, 75_piu, o una tabella con le colonne unita e peso.",
)
@click.option(
    "--candidates",
    default="esagoni",
    show_default=True,
    help="Dove: esagoni, una categoria di servizi (scuola, trasporto ...), o un file: vettoriale, o CSV con lon e lat.",
)
@click.option("--seconds", type=float, default=10, show_default=True, help="Per quanto si cerca, al massimo.")
@click.option(
    "--registers", type=FILE, multiple=True, help="Registri di servizi, al posto di quelli della cartella di lavoro."
)
@click.option("--census", type=FILE, help="Sezioni di censimento, al posto di quelle della cartella di lavoro.")
@click.option("--units", type=PATH, help="Unità dell'ente: poligoni in un file vettoriale (Municipi, NIL ...).")
@NAME_FIELD
@SERVICES
@click.option(
    "--profiles",
    callback=read_names,
    help="Profili di profiles.csv, separati da virgole; se non indicati, quelli delle fasce d'età.",
)
@click.option("-o", "--output", type=PATH, required=True, help="Il GeoPackage da scrivere (.gpkg).")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def site(
    context: click.Context,
    settings: Settings,
    /,
    *,
    output: Path,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the requests take
) -> None:
    """Trova i luoghi migliori per altri servizi di una categoria, o quelli che conviene spostare o chiudere.

    Accanto al GeoPackage, FILE.scenario.csv è lo scenario che psttm-geo what-if legge.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    require_geopackage(output, settings)
    _refuse_unused(asked, settings)
    names = ("category", "count", "action", "aim", "minutes", "weight", "candidates", "seconds")
    wanted = jobs.SiteRequest(**{name: asked.pop(name) for name in names})
    computed, found = jobs.site(project, jobs.AccessRequest(**asked), wanted, progress=not context.meta["quiet"])
    note(computed.notices, settings)
    counts = jobs.write_access(output, computed, project)
    scenario = jobs.write_site_scenario(output, found)
    lines = [line.say(settings.language) for line in found.summary]
    result = {
        "file": str(output),
        "scenario": str(scenario),
        "synthetic": computed.synthetic,
        "layers": counts,
        "before": found.siting.before,
        "after": found.siting.after,
        "bound": found.siting.bound,
        "gap": found.siting.gap,
        "summary": lines,
    }
    print_result(result, lines, as_json=as_json)


@click.command()
@EXTRACT
@TERRITORY
@SERVICES
@click.option(
    "--registers", type=FILE, multiple=True, help="Registri di servizi, al posto di quelli della cartella di lavoro."
)
@click.option("--lon", type=float, help="Longitudine del punto, gradi.")
@click.option("--lat", type=float, help="Latitudine del punto, gradi.")
@click.option("--category", help="Tutti i servizi di una categoria.")
@click.option("--places", type=PATH, help="Punti in un file vettoriale: un'isocrona per ciascuno.")
@click.option("--minutes", callback=read_minutes, default="5,10,15", show_default=True, help="Soglie, in minuti.")
@click.option("--profile", default=WALKER, show_default=True, help="Chi cammina: un profilo di profiles.csv.")
@click.option("-o", "--output", type=PATH, required=True, help="Il GeoPackage da scrivere (.gpkg).")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def isochrone(
    context: click.Context,
    settings: Settings,
    /,
    *,
    output: Path,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click gives what the request takes
) -> None:
    """Disegna fin dove si arriva a piedi da uno o più luoghi, o da dove si arriva a una categoria di servizi."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)
    from psttm_geo.core.provenance import mark_lines  # noqa: PLC0415 - as above

    require_geopackage(output, settings)
    starts = [(asked["lon"], asked["lat"]) != (None, None), asked["category"] is not None, asked["places"] is not None]
    if sum(starts) != 1 or (asked["lon"] is None) != (asked["lat"] is None):
        raise click.UsageError(
            gettext("say from where: --lon with --lat, --category or --places, one of them.").say(settings.language)
        )
    request = jobs.IsochroneRequest(**asked)
    prepare_kernels(settings)
    computed = jobs.compute_isochrones(project, request, progress=not context.meta["quiet"])
    note(computed.notices, settings)
    counts = jobs.write_access(output, computed, project)
    if jobs.save_isochrones(project, request, computed):
        note([_KEPT], settings)
    areas = computed.layers["isocrone"].assign(km2=lambda table: table.area / 1e6)
    columns = ["origin", "profile", "minutes", "km2"]
    rows = areas[columns].to_dict("records")
    result = {
        "file": str(output),
        "synthetic": computed.synthetic,
        "profile": request.profile,
        "layers": counts,
        "isochrones": rows,
    }
    lines = mark_lines([_say_area(row) for row in rows], synthetic=computed.synthetic)
    print_result(result, [line.say(settings.language) for line in lines], as_json=as_json)


def _say_area(row: Mapping[Any, Any]) -> Text:
    from psttm_geo.core.numbers import say_number  # noqa: PLC0415 - numpy is loaded only by commands that need it

    area = say_number(row["km2"], _AREA_DECIMALS)
    where = f"{row['origin']}, {row['profile']}, {row['minutes']} min"
    return gettext("{where}: {area} km²", where=where, area=area)


_AREA_DECIMALS = 3


COMMANDS = (access, what_if, site, isochrone)
