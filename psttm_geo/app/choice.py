"""The choice of data for the 15-minute city: five ways to results."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from psttm_geo import jobs
from psttm_geo.app import data, job_status, tasks
from psttm_geo.app.job_runner import JOBS, Task
from psttm_geo.app.state import PAGE, State, write_parameter
from psttm_geo.app.texts import TEXTS, day, number, plain, say
from psttm_geo.app.views.access_view import WHOLE
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import Source, say_name
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.fetch import catalogue
from psttm_geo.fetch.download_records import Download, say_size
from psttm_geo.jobs import Offer, Territory
from psttm_geo.jobs.preparation import DELIVERY

WAYS = ("everything", "file", "download", "municipality", "synthetic")

SIZES = (20_000, 100_000, 500_000)
"""Junctions of an invented territory; the largest is what ``psttm-geo synthetic`` makes by default."""

_SUPPORTING = ("census", "registers", "degurba")
"""Inputs of the workspace that a computation does better with."""

_OFFERS = "data_offers"

_WAY, _PATH, _UNITS_PATH = "data_way_chosen", "data_path_written", "data_units_written"
"""What was chosen and written, which fields forget while a job runs in their place."""


def show_data(state: State, territory: Territory, *, shown: bool) -> None:
    """Offer the ways to results: closed below those that are shown, else open; nothing while a job runs."""
    language = state.language
    job = JOBS.latest
    if Settings().served or (job is not None and job.running):
        return
    if not shown:
        st.header(say("Choose the data", language), anchor=False)
        _show_ways(state, territory)
        return
    with st.expander(_say_in_use(territory, language)):
        _show_ways(state, territory)


def show_served(language: Language) -> None:
    """Say, where the application is served to many, who chooses the data."""
    if Settings().served:
        st.caption(
            say(
                "Whoever runs the server chooses the data of this page: here they can be viewed, not changed.", language
            )
        )


def _say_in_use(territory: Territory, language: Language) -> str:
    source = source_in_use(territory)
    if source is None:
        return say("Choose the data", language)
    title = plain(say_name(source.title, language))
    if not source.reference_date:
        return say("Data in use: **{title}**. Change them…", language, title=title)
    return say(
        "Data in use: **{title}**, of {date}. Change them…",
        language,
        title=title,
        date=day(source.reference_date, language),
    )


def show_way(state: State) -> None:
    """Lead from a page that needs results to the one that makes them; served to many, say who chooses."""
    show_served(state.language)
    if not Settings().served:
        st.button(
            say("Choose the data on the page 15-minute city", state.language),
            icon=":material/arrow_forward:",
            on_click=write_parameter,
            args=(PAGE, "quindici_minuti"),
        )


def source_in_use(territory: Territory) -> Source | None:
    """Return the map that the results rest on; None where there are none."""
    rests_on = () if territory.results is None else territory.results.sources.get(WHOLE, ())
    return next((source for source in rests_on if source.identifier == "openstreetmap"), None)


def _show_ways(state: State, territory: Territory) -> None:
    language = state.language
    st.session_state.setdefault("data_way", st.session_state.get(_WAY, WAYS[0]))
    left, right = st.columns([2, 3], gap="large")
    with left:
        way = st.radio(
            say(TEXTS["data_way"], language),
            WAYS,
            format_func=lambda way: say(TEXTS[f"data_way_{way}"], language),
            captions=[say(TEXTS[f"data_way_{way}_caption"], language) for way in WAYS],
            key="data_way",
        )
    st.session_state[_WAY] = way
    with right, st.container(key="data_fields"):
        _FIELDS[way](state, territory)


def _show_everything(state: State, _: Territory) -> None:
    """Say what is missing and how much it is, without the network, and offer to bring it."""
    language = state.language
    needs = jobs.list_needs(data.project(), jobs.Preparation())
    rows = [
        say(
            "{title} ({publisher}): {state}",
            language,
            title=plain(one.title.say(language)),
            publisher=plain(one.publisher),
            state=need.said.say(language),
        )
        for need in needs
        for one in need.downloads
    ]
    st.markdown(plain(jobs.say_needs(needs, local=False).say(language)))
    st.caption("\n".join(f"- {row}" for row in rows))
    if st.button(say("Prepare everything", language), icon=":material/download:", type="primary"):
        _start(tasks.everything(DELIVERY), language)


def _show_file(state: State, territory: Territory) -> None:
    language = state.language
    with st.form("data_file", border=False):
        written = st.text_input(
            say("Path of the extract", language),
            value=st.session_state.get(_PATH) or str(_likely_extract(territory) or ""),
            placeholder="~/nord-ovest-latest.osm.pbf",
        )
        st.caption(
            say(
                "A .osm.pbf, .osm, .osm.gz or .osm.bz2 file. It stays where it is: it is read once, and the "
                "workspace keeps ready what is needed.",
                language,
            )
        )
        units = st.text_input(
            say("The office's own units (optional)", language), value=st.session_state.get(_UNITS_PATH, "")
        )
        st.caption(
            say(
                "The path of a vector file of polygons (Municipi, NIL…), where results are wanted by these too.",
                language,
            )
        )
        _show_supporting(territory, language)
        _show_replaced(territory, language)
        asked = st.form_submit_button(say("Compute", language), icon=":material/play_arrow:", type="primary")
    if asked:
        path, own = (_bare(text) for text in (written, units))
        st.session_state[_PATH], st.session_state[_UNITS_PATH] = path, own
        if path:
            task = tasks.from_file(Path(path).expanduser(), Path(own).expanduser() if own else None)
            _start(task, language)
        else:
            st.error(say("The path is missing: write that of an OpenStreetMap extract on this computer.", language))


def _bare(written: str) -> str:
    """Return a path without the quotes that copying it brings along."""
    return written.strip().strip("\"'")


def _likely_extract(territory: Territory) -> Path | None:
    """Return the extract that results rest on, else the one read last; none of those that the workspace makes."""
    workspace = Workspace(Settings().workspace)
    own = workspace.folder.resolve()
    known = {
        path: sha256
        for path, sha256 in workspace.remembered_files.items()
        if not path.is_relative_to(own) or path.is_relative_to(workspace.downloads.resolve())
    }
    source = source_in_use(territory)
    used = [path for path, sha256 in known.items() if source is not None and sha256 == source.sha256]
    return next(reversed([*known, *used]), None)


def _show_supporting(territory: Territory, language: Language) -> None:
    """Say what of the workspace is used, what is missing, and what that means."""
    held = set(Workspace(Settings().workspace).inputs)
    if territory.urbanisation is None or territory.urbanisation.experimental:
        held.discard("degurba")  # what an earlier computation left is computed anew
    residents = territory.residents.source
    lines = [
        say(
            "residents: {publisher}, {title}, {date};",
            language,
            publisher=plain(residents.publisher),
            title=plain(residents.title),
            date=day(territory.residents_date, language),
        ),
        *(say(TEXTS[f"data_{kind}_{'held' if kind in held else 'missing'}"], language) for kind in _SUPPORTING),
    ]
    st.caption(say("Used beside the extract:", language) + "\n" + "\n".join(f"- {line}" for line in lines))


def _show_replaced(territory: Territory, language: Language) -> None:
    source = source_in_use(territory)
    if source is not None:
        st.caption(
            say(
                "The new results take the place of today's ({title}), which stay until the computation has ended.",
                language,
                title=plain(source.title),
            )
        )


def _show_download(state: State, territory: Territory) -> None:
    language = state.language
    for download in catalogue.choose_downloads(
        data.project().tables["downloads.csv"], Settings().model_dump(), tasks.EXTRACTS, None
    ):
        st.markdown(_say_download(download, language))
    offers: list[Offer] | None = st.session_state.get(_OFFERS)
    known = offers is not None and all(offer.fault is None for offer in offers)
    if not known:
        st.button(
            say("Ask the server for the size", language), icon=":material/cloud:", on_click=_ask_sizes, type="primary"
        )
    if offers is None:
        return
    for offer in offers:
        _show_offer(offer, language)
    if not known:
        return
    _show_supporting(territory, language)
    _show_replaced(territory, language)
    sizes = [offer.size_bytes for offer in offers if offer.size_bytes is not None]
    size = say_size(sum(sizes)).say(language) if sizes else ""
    if st.button(say("Download {size} and compute", language, size=size), icon=":material/download:", type="primary"):
        del st.session_state[_OFFERS]
        _start(tasks.from_download(offers[0].path.name), language)


def _say_download(download: Download, language: Language) -> str:
    size = (
        say(TEXTS["non_noto"], language) if download.size_bytes is None else say_size(download.size_bytes).say(language)
    )
    return say(
        "**{title}** ({publisher}; licence {licence}): about {size}, from {server}. Nothing is asked "
        "of the network before the click.",
        language,
        title=plain(download.title.say(language)),
        publisher=plain(download.publisher),
        licence=download.licence,
        size=size,
        server=urlsplit(download.url).netloc,
    )


def _ask_sizes() -> None:
    st.session_state[_OFFERS] = jobs.list_offers(data.project(), (tasks.EXTRACTS,), year=None, folder=None)


def _show_offer(offer: Offer, language: Language) -> None:
    if offer.fault is not None:
        server = urlsplit(offer.download.url).netloc
        st.error(
            say(
                "{server}: {fault}. Nothing was downloaded; try again, or download the file elsewhere and "
                "give its path.",
                language,
                server=server,
                fault=plain(offer.fault.say(language)),
            )
        )
        return
    size = say(TEXTS["non_noto"], language) if offer.size_bytes is None else say_size(offer.size_bytes).say(language)
    free = say_size(shutil.disk_usage(_existing(offer.path)).free).say(language)
    st.markdown(
        say(
            "It has **{size}**; the disk has {free} left. It goes to {path}",
            language,
            size=size,
            free=free,
            path=plain(str(offer.path)),
        )
    )
    part = offer.path.with_name(f"{offer.path.name}.part")
    if part.is_file():
        st.markdown(
            say(
                "{done} are here already: it goes on from there, if the server's file is still the same.",
                language,
                done=say_size(part.stat().st_size).say(language),
            )
        )


def _existing(path: Path) -> Path:
    """Return the nearest folder above a path that exists."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _show_municipality(state: State, territory: Territory) -> None:
    language = state.language
    by_name = territory.municipalities.sort_values("municipality")
    names = dict(zip(by_name["municipality_code"], by_name["municipality"], strict=True))
    codes = list(names)
    with st.form("data_municipality", border=False):
        code = st.selectbox(
            say(TEXTS["municipality"], language),
            codes,
            index=codes.index(state.municipality) if state.municipality in codes else None,
            format_func=names.__getitem__,
            placeholder=say("Name of the municipality…", language),
        )
        st.caption(
            say(
                "{server} is asked for streets, services and buildings of the municipality and two kilometres around: "
                "this needs the network, and the service may keep one waiting. Shares weigh residential buildings, "
                "not residents. The page shows only the whole territory, so the result is a GeoPackage with hexagons, "
                "shares and gaps of the municipality; today's results stay as they are.",
                language,
                server=urlsplit(Settings().overpass_url).netloc,
            )
        )
        asked = st.form_submit_button(
            say("Download and compute", language), icon=":material/cloud_download:", type="primary"
        )
    if asked:
        if code is None:
            st.error(say("The municipality is missing: choose one.", language))
        else:
            _start(tasks.from_municipality(code, names[code]), language)


def _show_synthetic(state: State, territory: Territory) -> None:
    language = state.language
    st.warning(
        say(
            "SYNTHETIC DATA: outlines and residents of the municipalities are the real ones, streets, services and "
            "buildings are invented. No share and no minute describes Milan, and every page will say so.",
            language,
        ),
        icon=":material/science:",
    )
    count = st.selectbox(
        say("How large", language),
        SIZES,
        format_func=lambda count: say(TEXTS["data_junctions"], language, count=number(count, language)),
        key="data_junctions",
    )
    source, understood = source_in_use(territory), True
    if source is not None and not source.synthetic:
        title = plain(say_name(source.title, language))
        understood = st.checkbox(
            say("Replace today's real results ({title}) with invented ones", language, title=title),
            key="data_understood",
        )
        st.caption(
            say(
                "To go back to the real results, compute them again from their extract, with “An extract on "
                "this computer”.",
                language,
            )
        )
    if st.button(
        say("Generate and compute", language), icon=":material/science:", type="primary", disabled=not understood
    ):
        try:
            extract = Workspace(Settings().workspace).make_cache() / f"sintetico-{count}.osm.pbf"
        except PsttmError as error:
            st.error(plain(error.text.say(language)))
            return
        _start(tasks.invented(extract, count), language)


_FIELDS: Mapping[str, Any] = {
    "everything": _show_everything,
    "file": _show_file,
    "download": _show_download,
    "municipality": _show_municipality,
    "synthetic": _show_synthetic,
}


def _start(task: Task, language: Language) -> None:
    try:
        JOBS.start(task, {"PSTTM_WORKSPACE": str(Settings().workspace.absolute())})
    except PsttmError as error:
        st.error(plain(error.text.say(language)))
        return
    st.session_state[job_status.BEGUN] = True
    st.rerun()
