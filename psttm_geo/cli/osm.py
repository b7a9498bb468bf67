"""Commands on extracts of OpenStreetMap."""

from pathlib import Path
from typing import Any

import click

from psttm_geo.cli.options import FILE, JSON, WORKSPACE, note, open_project, print_result, with_settings
from psttm_geo.core.messages import NOTHING, SEMICOLON, Text, gettext, same
from psttm_geo.core.provenance import say_date
from psttm_geo.core.settings import Settings

_IN_FORCE = gettext("services, boundaries and features of this extract are in force in the workspace from now on.")

_IN_PART = gettext(
    "the extract covers a part of the territory only: it changes no scopes, services or boundaries of the workspace."
)


@click.group()
def osm() -> None:
    """Estratti di OpenStreetMap."""


@osm.command("read")
@click.argument("file", type=FILE)
@click.option(
    "--territory",
    default="milano",
    show_default=True,
    help="milano, osm:8 (i comuni completi dell'estratto) o un file vettoriale.",
)
@click.option("--services", type=FILE, help="Tabella di servizi da usare al posto di services.csv.")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def read(
    context: click.Context, settings: Settings, *, file: Path, territory: str, services: Path | None, as_json: bool
) -> None:
    """Legge un estratto una volta, ne mostra il contenuto e lo conserva nella cartella di lavoro."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    extract = jobs.read_extract(
        project, file, territory=territory, services=services, progress=not context.meta["quiet"]
    )
    note(jobs.territory_notices(territory), settings)
    compared = None
    if territory == "milano":
        kept = jobs.save_extract(project, extract)
        note([_IN_FORCE if kept else _IN_PART], settings)
        compared = jobs.compare_extract(project, extract) if kept else None
    described = jobs.describe_extract(extract)
    lines = _lines(described)
    if compared is not None:
        lines += compared.summary
        described["comparison"] = {
            "outcomes": compared.reconciliation.municipalities["outcome"].value_counts().to_dict(),
            "doubts": [doubt.say(settings.language) for doubt in compared.reconciliation.doubts],
        }
    print_result(described, [line.say(settings.language) for line in lines], as_json=as_json)


@osm.command("fetch")
@click.option("--municipality", help="Un comune del territorio: codice ISTAT o nome.")
@click.option("--union", help="Un'unione di comuni del Piano.")
@click.option("--edition", help="L'edizione dell'unione; l'ultima che la elenca se non indicata.")
@click.option("--place", help="Un altro luogo: nome, o relazione di OpenStreetMap (R44915).")
@click.option("--services", type=FILE, help="Tabella di servizi da cercare al posto di services.csv.")
@WORKSPACE
@JSON
@with_settings
@click.pass_context
def fetch(
    context: click.Context,
    settings: Settings,
    /,
    *,
    edition: str | None,
    services: Path | None,
    as_json: bool,
    **place: Any,  # noqa: ANN401 - click gives plain text
) -> None:
    """Scarica un comune, un'unione o un luogo con due chilometri intorno, e ne mostra il contenuto.

    L'estratto resta nella cartella di lavoro e si rilegge senza rete; per rinnovarlo, ripetere il comando.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    project = open_project(settings)

    asked: list[Any] = [(kind, name) for kind, name in place.items() if name is not None]
    if len(asked) != 1 or (edition is not None and place["union"] is None):
        raise click.UsageError(
            gettext("give one of --municipality, --union and --place; --edition goes with --union.").say(
                settings.language
            )
        )
    kind, name = asked[0]
    fetched = jobs.fetch_extract(
        project, jobs.Place(kind, name, edition), services=services, progress=not context.meta["quiet"]
    )
    described = jobs.describe_extract(fetched.extract)
    described |= {"file": str(fetched.file), "territory": str(fetched.outline)}
    lines = [*_lines(described), *_kept_lines(described)]
    print_result(described, [line.say(settings.language) for line in lines], as_json=as_json)


def _kept_lines(described: dict[str, Any]) -> list[Text]:
    again = f'psttm-geo osm read "{described["file"]}" --territory "{described["territory"]}"'
    return [
        gettext("to read it again without the network: {again}", again=again),
        gettext("to renew it: repeat this command"),
    ]


def _lines(described: dict[str, Any]) -> list[Text]:
    from psttm_geo.core.numbers import say_number, say_percent  # noqa: PLC0415 - numpy takes its time

    report, streets = described["report"], described["streets"]
    km, largest = say_number(streets["km"], 1), say_percent(streets["largest_component_percent"] / 100)
    nodes, edges, parts = (say_number(streets[name], 0) for name in ("nodes", "edges", "components"))
    return [
        *_heading(report, described),
        gettext(
            "walkable streets: {km} km, {nodes} nodes, {edges} edges, {parts} components (the largest "
            "has {largest} of the nodes), {crs}",
            km=km,
            nodes=nodes,
            edges=edges,
            parts=parts,
            largest=largest,
            crs=streets["crs"],
        ),
        *_class_lines(streets["km_by_class"]),
        *_service_lines(described["services"]),
        *_municipality_lines(described),
        *_feature_lines(described),
        *_missing_lines(report),
    ]


def _heading(report: dict[str, Any], described: dict[str, Any]) -> list[Text]:
    from psttm_geo.core.numbers import say_number, say_percent  # noqa: PLC0415 - numpy takes its time

    lines = []
    nodes, ways, relations = (say_number(report[f"{name}_read"], 0) for name in ("nodes", "ways", "relations"))
    if report["synthetic"]:
        lines.append(gettext("SYNTHETIC DATA: they describe no place"))
    lines.append(
        gettext(
            "{file}: read {nodes} nodes, {ways} ways and {relations} relations of use; {attribution}, {licence}",
            file=report["file"],
            nodes=nodes,
            ways=ways,
            relations=relations,
            attribution=described["attribution"],
            licence=described["licence"],
        )
    )
    if report["date"]:
        day = say_date(report["date"])
        lines.append(gettext("data of {day}", day=day))
    if report["overlap_percent"] is not None:
        covered = say_percent(report["overlap_percent"] / 100)
        lines.append(gettext("covers {covered} of the territory", covered=covered))
    return lines


def _class_lines(km_by_class: dict[str, float]) -> list[Text]:
    from psttm_geo.core.numbers import say_number  # noqa: PLC0415 - numpy takes its time

    ordered = sorted(km_by_class.items(), key=lambda item: -item[1])
    listed = SEMICOLON.join(same("{name} {km}").fill(name=name, km=say_number(km, 1)) for name, km in ordered)
    return [gettext("  km by class: {listed}", listed=listed)]


def _service_lines(services: list[dict[str, Any]]) -> list[Text]:
    lines = [gettext("services (* essential):")]
    for row in services:
        star = "*" if row["essential"] else " "
        doubt = NOTHING
        if row["level_unknown"]:
            doubt = gettext(", {level_unknown} of unknown level", level_unknown=row["level_unknown"])
        tags = ", ".join(row["tags"])
        lines.append(
            same("  {star} {name}: {count}{doubt} ({tags})").fill(
                star=star, name=Text(row["name_it"], row["name_en"]), count=row["count"], doubt=doubt, tags=tags
            )
        )
    return lines


def _municipality_lines(described: dict[str, Any]) -> list[Text]:
    from psttm_geo.core.numbers import say_number  # noqa: PLC0415 - numpy takes its time

    rows, incomplete = described["municipalities"], described["incomplete_boundaries"]
    lines = [gettext("complete municipalities: {count}", count=len(rows))]
    for row in rows:
        code = f" ({row['ref_istat']})" if row["ref_istat"] else ""
        area = say_number(row["area_km2"], 2)
        parts = gettext(", {parts} parts", parts=row["parts"]) if row["parts"] > 1 else NOTHING
        named = f"  {row['name']}{code}"
        lines.append(gettext("{named}: {area} km²{parts}", named=named, area=area, parts=parts))
    if incomplete:
        names = ", ".join(incomplete)
        lines.append(gettext("  incomplete, not used: {count} ({names})", count=len(incomplete), names=names))
    return lines


def _feature_lines(described: dict[str, Any]) -> list[Text]:
    listed = ", ".join(f"{name} {count}" for name, count in described["features"].items()) or "0"
    return [
        gettext("features for scopes: {listed}", listed=listed),
        gettext("residential buildings: {homes}", homes=described["homes"]),
    ]


def _missing_lines(report: dict[str, Any]) -> list[Text]:
    """Say what was incomplete or dropped; nothing when all was there."""
    told = {
        "nodes_out_of_range": gettext("nodes with impossible coordinates, dropped"),
        "ways_too_short": gettext("ways of fewer than two nodes, dropped"),
        "ways_incomplete": gettext("ways that lack nodes, used where they are there"),
        "nodes_missing": gettext("nodes referenced but missing"),
        "relations_incomplete": gettext("relations that are incomplete and give no area"),
        "squares_uncrossed": gettext("squares where too many walks meet, walked along their outlines only"),
        "squares_alone": gettext("squares drawn by relations that no walk meets, not walked or in part only"),
        "objects_deleted": gettext("objects deleted in the file, not counted"),
        "versions_older": gettext("older versions and repetitions of objects, not counted: the newest version counts"),
        "services_repeated": gettext("services mapped twice, counted once"),
        "services_closed": gettext("services closed, private or disused, not counted"),
    }
    lines = [
        same("  {text}: {count}").fill(text=text, count=report[name]) for name, text in told.items() if report[name]
    ]
    if report["remark"]:
        said = report["remark"]
        lines.append(gettext("  remark of the server: “{said}”", said=said))
    lines = [gettext("incomplete or repeated:"), *lines] if lines else []
    works = report["ways_under_construction"]
    if works:
        lines.append(gettext("streets with works, counted as open: {works}", works=works))
    return lines


COMMANDS = (osm,)
