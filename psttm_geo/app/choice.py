"""The choice of data for the 15-minute city: four ways to results, the work in the background, and what came of it."""

import dataclasses
import html
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from psttm_geo import jobs
from psttm_geo.app import assets, data, download_button, map_panel, tasks
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.job_runner import JOBS, Job, Task
from psttm_geo.app.state import PAGE, State, map_state, restore_address, write_parameter
from psttm_geo.app.texts import TEXTS, day, duration, number, plain, say
from psttm_geo.app.views import access_view, unit_maps
from psttm_geo.app.views.access_view import EVERYTHING, SHARE, WHOLE, category_name, profile_name
from psttm_geo.core import gdal
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.events import Progress
from psttm_geo.core.messages import Language
from psttm_geo.core.numbers import say_percent
from psttm_geo.core.provenance import Source, marked, say_name
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.fetch import catalogue
from psttm_geo.fetch.download_records import Download, say_size
from psttm_geo.jobs import Offer, Territory
from psttm_geo.osm.extract_records import ATTRIBUTION
from psttm_geo.schema.layers import LAYERS
from psttm_geo.webmap.map_areas import area_shapes

WAYS = ("file", "download", "municipality", "synthetic")

SIZES = (20_000, 100_000, 500_000)
"""Junctions of an invented territory; the largest is what ``psttm-geo synthetic`` makes by default."""

_POLL_S = 1.0

_BYTES = "B"

_SUPPORTING = ("census", "registers", "degurba")
"""Inputs of the workspace that a computation does better with."""

_OFFERS = "data_offers"

_LONGEST_SAID = 160

_WAY, _PATH, _UNITS_PATH = "data_way_chosen", "data_path_written", "data_units_written"
"""What was chosen and written, which fields forget while a job runs in their place."""

_BEGUN = "data_begun"

_GO_THERE = """<script>
  const status = document.querySelector(".st-key-job [role=status]");
  status?.closest(".st-key-job").scrollIntoView({ block: "nearest" });
  status?.focus({ preventScroll: true });
</script>"""

_UNITS, _HEXAGONS = "accessibilita_unita", "accessibilita_esagoni"
"""The layers of a file that hold the one unit it was computed for, and its hexagons."""

_MAP_HEIGHT_PX = 480


# What is being done, or was.


def show_status(state: State, territory: Territory) -> None:
    """Show the job that runs, to whoever opens the page, or how the last one ended; nothing where it was dismissed."""
    job = None if Settings().served else JOBS.latest
    if job is None:
        return
    if job.running:
        st.fragment(_show_running, run_every=_POLL_S)(state.language)
        _go_there()
        return
    with st.container(key="job"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _ENDS[job.outcome](job, state.language)
            st.button(say("Dismiss", state.language), icon=":material/close:", on_click=JOBS.forget)
        _show_details(job, state, territory)


def _go_there() -> None:
    """Bring the job that was just begun into view, and to whoever has the page read aloud, once."""
    if st.session_state.pop(_BEGUN, False):
        st.html(_GO_THERE, unsafe_allow_javascript=True)


def _show_running(language: Language) -> None:
    """Show how far the job is, again and again, and the page anew when it has ended."""
    restore_address()
    job = JOBS.latest
    if job is None or not job.running:
        st.rerun()
    with st.container(border=True, key="job"):
        name, about = say(TEXTS[f"data_task_{job.task.name}"], language), html.escape(job.task.about)
        step = say(
            "Step {number} of {count}: {name}",
            language,
            number=job.step + 1,
            count=len(job.task.steps),
            name=say(TEXTS[f"data_step_{job.task.steps[job.step].name}"], language),
        )
        st.html(f'<p role="status" tabindex="-1"><b>{name}: {about}</b><br>{step}</p>')
        told = say_progress(job, language)
        if job.progress is not None and job.progress.total:
            st.progress(fraction(job), text=told)
        else:
            st.caption(told)
        since = duration(time.time() - job.started_s, language)
        st.caption(
            say(
                "For {since}. The page stays usable, and the work goes on even if it is closed or loaded again.",
                language,
                since=since,
            )
        )
        st.button(
            say(TEXTS["data_stopping" if job.stopping else "data_cancel"], language),
            icon=":material/stop_circle:",
            disabled=job.stopping,
            on_click=JOBS.cancel,
        )


def fraction(job: Job) -> float:
    """Return how much of a step is done, 0 to 1; an extract that is read is the first part of a computation."""
    progress = job.progress
    if progress is None or not progress.total:
        return 0.0
    done = min(1.0, progress.done / progress.total)
    reading = _is_reading(job, progress)
    return done / tasks.PARTS if reading else done


def _is_reading(job: Job, progress: Progress) -> bool:
    return progress.unit == _BYTES and job.task.steps[job.step].name == tasks.COMPUTE


def say_progress(job: Job, language: Language) -> str:
    """Say how far a step is, with its units."""
    progress = job.progress
    if progress is None or not progress.total:
        if not job.notices:
            return say("Under way…", language)
        return plain(job.notices[-1].text.say(language)[:_LONGEST_SAID])
    if _is_reading(job, progress):
        told = say(
            "reading the extract: {share}", language, share=say_percent(progress.done / progress.total, 0).say(language)
        )
    elif progress.unit == _BYTES:
        done, total = (say_size(int(size)).say(language) for size in (progress.done, progress.total))
        told = say("{done} of {total}", language, done=done, total=total)
    else:
        done, total = (number(count, language) for count in (progress.done, progress.total))
        told = say("{done} parts of {total} done", language, done=done, total=total)
    return f"{told} ({plain(progress.note)})" if progress.note else told


def _show_done(job: Job, language: Language) -> None:
    said = say(TEXTS[f"data_done_{job.task.name}"], language, about=plain(job.task.about))
    st.success(said, icon=":material/check_circle:")


def _show_details(job: Job, state: State, territory: Territory) -> None:
    """Show what the page itself does not: figures that went into a file, and what the commands had to say."""
    language = state.language
    written = Path(str(job.result.get("file")))
    if written.is_file():
        language, made_up = state.language, bool(job.result.get("synthetic"))
        of_file = dataclasses.replace(state, synthetic=made_up)
        left, right = st.columns(2, gap="medium")
        with left:
            _show_map(written, job.task.about, of_file, territory)
        with right:
            _show_figures(written, marked(job.task.about, language, synthetic=made_up), language, territory)
        download_button.offer(
            say("Download the municipality's GeoPackage", language), written.name, written.read_bytes, width="content"
        )
    lasting = [notice.text.say(language) for notice in job.notices if notice.lasting]
    if job.outcome == "done" and lasting:
        with st.expander(say("What to know of this computation", language)):
            st.markdown("\n".join(f"- {plain(text)}" for text in lasting))


def _show_figures(path: Path, name: str, language: Language, territory: Territory) -> None:
    """Show the figures of the one unit of a file."""
    table = gdal.read_dataframe(path, layer=_UNITS, read_geometry=False)
    row = LAYERS[_UNITS].in_english(table).iloc[0]
    st.markdown(f"**{plain(name)}, {profile_name(row['profile'], language, territory)}**")
    show_figures(access_view.category_table({"": row}, language, territory), f"live_{language}", language)
    st.caption(
        say(
            "Shares and minutes weighted by buildings to live in, or by streets where there are none: "
            "not by residents.",
            language,
        )
    )


def _show_map(path: Path, municipality: str, state: State, territory: Territory) -> None:
    """Show the hexagons of a file on a map of its own, which the browser gets once."""
    language = state.language
    table = LAYERS[_HEXAGONS].in_english(gdal.read_dataframe(path, layer=_HEXAGONS))
    walker = table["profile"].iloc[0]
    mine = table[table["profile"] == walker]
    shares = mine.set_index("hexagon")["share_all_15"]
    colouring = access_view.colour_areas(shares, area_shapes(mine, "hexagon"), SHARE, language)
    title = say(
        "{reach}: {category}; {profile}; by {units}.",
        language,
        reach=say(TEXTS["reach_quota"], language),
        category=category_name(EVERYTHING, language, territory),
        profile=profile_name(walker, language, territory),
        units=say(TEXTS["units_esagoni"], language).lower(),
    )
    towns = territory.municipalities
    (code,) = towns["municipality_code"][towns["municipality"] == municipality]
    shown = map_state(
        dataclasses.replace(state, municipality=code, view=None),
        title,
        unit_maps.class_legend(colouring.legend, state),
        dataclasses.replace(colouring, credits=(marked(ATTRIBUTION, language, synthetic=state.synthetic),)),
    )
    assets.show_page(map_panel.map_page(shown), title, _MAP_HEIGHT_PX)


def _show_failed(job: Job, language: Language) -> None:
    if job.error is not None:
        st.error(plain(job.error.say(language)), icon=":material/error:")
        return
    last = job.last_line[:_LONGEST_SAID] or say(TEXTS["non_noto"], language)
    killed = say(" The system stopped it: there may not have been enough memory.", language) if job.code < 0 else ""
    st.error(
        say(
            "The work broke off without an explanation (code {code}; last line: {last}).{killed} The "
            "results from before, if there were any, are as they were.",
            language,
            code=job.code,
            last=plain(last),
            killed=killed,
        ),
        icon=":material/error:",
    )


def _show_cancelled(job: Job, language: Language) -> None:
    kept = (
        say(" What has arrived stays: another download goes on from there.", language)
        if job.task.name == "download"
        else ""
    )
    said = say(
        "Cancelled: {name}. The results from before, if there were any, are as they were.{kept}",
        language,
        name=say(TEXTS[f"data_task_{job.task.name}"], language).lower(),
        kept=kept,
    )
    st.info(said, icon=":material/cancel:")


_ENDS = {"done": _show_done, "failed": _show_failed, "cancelled": _show_cancelled}


# The four ways.


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
                "Whoever runs the server chooses the data of this page: here they are looked at and not changed.",
                language,
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
            say("Ask the server how large it is", language),
            icon=":material/cloud:",
            on_click=_ask_sizes,
            type="primary",
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
    st.session_state[_OFFERS] = jobs.list_offers(data.project(), tasks.EXTRACTS, year=None, folder=None)


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
                "{server} is asked for streets, services and buildings of the municipality and two "
                "kilometres around: this needs the network, and the service may keep one waiting. Shares "
                "weigh buildings to live in, not residents. The page shows only the whole territory, so the "
                "result is a GeoPackage with hexagons, shares and gaps of the municipality; today's results "
                "stay as they are.",
                language,
                server=urlsplit(Settings().overpass_url).netloc,
            )
        )
        asked = st.form_submit_button(
            say("Ask and compute", language), icon=":material/cloud_download:", type="primary"
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
            "SYNTHETIC DATA: outlines and residents of the municipalities are the real ones, streets, "
            "services and buildings are invented. No share and no minute describes Milan, and every page "
            "will say so.",
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
        say("Invent and compute", language), icon=":material/science:", type="primary", disabled=not understood
    ):
        try:
            extract = Workspace(Settings().workspace).make_cache() / f"sintetico-{count}.osm.pbf"
        except PsttmError as error:
            st.error(plain(error.text.say(language)))
            return
        _start(tasks.invented(extract, count), language)


_FIELDS: Mapping[str, Any] = {
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
    st.session_state[_BEGUN] = True
    st.rerun()
