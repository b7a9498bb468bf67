"""The command that fetches data from their publishers."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from psttm_geo.cli.options import FOLDER, JSON, WORKSPACE, open_project, print_result, tell, with_settings
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.settings import Settings
from psttm_geo.fetch.download_records import say_size
from psttm_geo.schema.code_lists import DOWNLOAD_GROUPS, MORE_DOWNLOADS, PROJECT_DOWNLOADS

if TYPE_CHECKING:
    from psttm_geo.jobs import Offer


@click.command()
@click.argument("what", type=click.Choice((*DOWNLOAD_GROUPS, *MORE_DOWNLOADS)), nargs=-1, required=True)
@click.option(
    "--year",
    type=click.IntRange(1990, 2100),
    help="L'anno dei dati; se non indicato, l'ultimo di cui è nota la pubblicazione.",
)
@click.option(
    "--to",
    "folder",
    type=FOLDER,
    help="Cartella in cui salvarli; se non indicata, la cartella di lavoro: confini, residenti e progetti valgono da "
    "subito.",
)
@click.option("--dry-run", is_flag=True, help="Mostra che cosa scaricherebbe, quanto e da dove, senza scaricare.")
@WORKSPACE
@JSON
@with_settings
def fetch(
    settings: Settings, *, what: tuple[str, ...], year: int | None, folder: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Scarica i dati dai loro editori.

    osm: estratto di Geofabrik; istat: confini; census: sezioni di censimento; residents: residenti per sesso ed età;
    registers: farmacie, scuole e strutture di ricovero di Regione Lombardia; pnrr: progetti e localizzazioni di Italia
    Domani (circa 380 MB), con tenders le gare (111 MB) e con payments i pagamenti, di cui restano le sole righe del
    territorio. Un download interrotto riprende da dove si era
    fermato, ripetendo lo stesso comando; quelli di pnrr ricominciano da capo.
    """
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    groups = sorted(set(what), key=(*DOWNLOAD_GROUPS, *MORE_DOWNLOADS).index)
    if PROJECT_DOWNLOADS not in groups and set(MORE_DOWNLOADS) & set(groups):
        said = gettext("tenders and payments go with the projects: psttm-geo fetch pnrr tenders payments.")
        raise click.UsageError(said.say(settings.language))
    project = open_project(settings)

    if dry_run:
        offers = jobs.list_offers(project, groups, year=year, folder=folder)
        lines = [text.say(settings.language) for offer in offers for text in _describe(offer)]
        print_result([_to_dict(offer) for offer in offers], lines, as_json=as_json)
        return
    paths = jobs.fetch(
        project,
        groups,
        year=year,
        folder=folder,
        progress=not click.get_current_context().meta["quiet"],
        tell=partial(tell, settings=settings),
    )
    print_result({"files": [str(path) for path in paths]}, [str(path) for path in paths], as_json=as_json)


def _to_dict(offer: "Offer") -> dict[str, object]:
    download = offer.download
    return {
        "download": download.identifier,
        "url": download.url,
        "file": str(offer.path),
        "size_bytes": offer.size_bytes,
        "size_bytes_about": download.size_bytes,
        "licence": download.licence,
        "attribution": download.attribution,
        "page": download.page,
        "fault": None if offer.fault is None else offer.fault.en,
    }


def _describe(offer: "Offer") -> list[Text]:
    download = offer.download
    if offer.size_bytes is not None:
        size = say_size(offer.size_bytes)
    elif download.size_bytes is not None:
        about = say_size(download.size_bytes)
        size = gettext("about {about} (the server does not say)", about=about)
    else:
        size = gettext("not stated")
    lines = [
        Text("{title} ({publisher})", "{title} ({publisher})").fill(title=download.title, publisher=download.publisher),
        gettext("  from: {url}", url=download.url),
        gettext("  to: {path}", path=offer.path),
        gettext("  size: {size}", size=size),
        gettext(
            "  licence: {licence}; attribution: {attribution}",
            licence=download.licence,
            attribution=download.attribution,
        ),
        gettext("  page: {page}", page=download.page),
    ]
    if offer.fault is not None:
        lines.append(gettext("  warning: {fault}", fault=offer.fault))
    return lines


COMMANDS = (fetch,)
