"""The long work that the application does, as it stands: how far it is, how it ended, and what came of it."""

import dataclasses
import html
import time
from pathlib import Path

import streamlit as st

from psttm_geo.app import assets, download_button, map_panel, tasks
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.job_runner import JOBS, Job
from psttm_geo.app.state import State, map_state, restore_address
from psttm_geo.app.texts import TEXTS, duration, number, plain, say
from psttm_geo.app.views import access_view, unit_maps
from psttm_geo.app.views.access_view import EVERYTHING, SHARE, category_name, profile_name
from psttm_geo.core import gdal
from psttm_geo.core.events import Progress
from psttm_geo.core.messages import Language
from psttm_geo.core.numbers import say_percent
from psttm_geo.core.provenance import marked
from psttm_geo.core.settings import Settings
from psttm_geo.fetch.download_records import say_size
from psttm_geo.jobs import Territory
from psttm_geo.osm.extract_records import ATTRIBUTION
from psttm_geo.schema.layers import LAYERS
from psttm_geo.webmap.map_areas import area_shapes

_POLL_S = 1.0

_BYTES = "B"

_LONGEST_SAID = 160

BEGUN = "data_begun"
"""Set by whoever begins a job."""

_GO_THERE = """<script>
  const status = document.querySelector(".st-key-job [role=status]");
  status?.closest(".st-key-job").scrollIntoView({ block: "nearest" });
  status?.focus({ preventScroll: true });
</script>"""

_UNITS, _HEXAGONS = "accessibilita_unita", "accessibilita_esagoni"
"""The layers of a file that hold the one unit it was computed for, and its hexagons."""

_MAP_HEIGHT_PX = 480


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
    if st.session_state.pop(BEGUN, False):
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
                "For {since}. The page remains usable, and the computation continues even if it is closed or "
                "loaded again.",
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
        with st.expander(say("Notes on this computation", language)):
            st.markdown("\n".join(f"- {plain(text)}" for text in lasting))


def _show_figures(path: Path, name: str, language: Language, territory: Territory) -> None:
    """Show the figures of the one unit of a file."""
    table = gdal.read_dataframe(path, layer=_UNITS, read_geometry=False)
    row = LAYERS[_UNITS].in_english(table).iloc[0]
    st.markdown(f"**{plain(name)}, {profile_name(row['profile'], language, territory)}**")
    show_figures(access_view.category_table({"": row}, language, territory), f"live_{language}", language)
    st.caption(
        say(
            "Shares and minutes weighted by residential buildings, or by streets where there are none: "
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
            "The computation stopped without an explanation (code {code}; last line: {last}).{killed} "
            "Earlier results, if any, are unchanged.",
            language,
            code=job.code,
            last=plain(last),
            killed=killed,
        ),
        icon=":material/error:",
    )


def _show_cancelled(job: Job, language: Language) -> None:
    kept = (
        say(" What was downloaded is kept; the next download resumes there.", language)
        if job.task.name == "download"
        else ""
    )
    said = say(
        "Cancelled: {name}. Earlier results, if any, are unchanged.{kept}",
        language,
        name=say(TEXTS[f"data_task_{job.task.name}"], language).lower(),
        kept=kept,
    )
    st.info(said, icon=":material/cancel:")


_ENDS = {"done": _show_done, "failed": _show_failed, "cancelled": _show_cancelled}
