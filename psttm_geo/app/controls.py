"""What pages are steered with: every choice is a part of the address bar."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo.app.state import AFTER, BEFORE, EDITION, GOAL, MUNICIPALITY, PAGE, VIEW, write_parameter
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language

SEARCH_WIDTH_PX = 320

_RESTS_ON = {EDITION: GOAL, AFTER: BEFORE}
"""What a choice takes out of the address: in another edition the same number is another goal."""


def show_switch(
    parameter: str,
    label: str,
    options: Sequence[str],
    chosen: str,
    language: Language,
    show: Callable[[str], str] = str,
) -> None:
    """Show a switch whose state is a part of the address bar.

    Parameters
    ----------
    parameter
        Its name in the address.
    label
        Key of its label in :data:`psttm_geo.app.texts.TEXTS`.
    options, chosen
        Values in the address.
    language
        Of label and options.
    show
        Gives the words of an option.
    """
    key = f"choice_{parameter}"
    st.session_state[key] = chosen

    def changed() -> None:
        write_parameter(parameter, st.session_state[key])
        if parameter in _RESTS_ON:
            write_parameter(_RESTS_ON[parameter], None)

    st.segmented_control(
        say(TEXTS[label], language),
        options,
        required=True,
        key=key,
        format_func=show,
        on_change=changed,
        width="content",
    )


def worded(words: str, language: Language) -> Callable[[str], str]:
    """Return what gives the words of an option whose keys begin in the same way."""
    return lambda option: say(TEXTS[f"{words}_{option}"], language)


def show_select(
    parameter: str,
    label: str,
    names: Mapping[str, str],
    chosen: str | None,
    language: Language,
    *,
    key: str = "",
    **options: Any,  # noqa: ANN401 - Streamlit's
) -> None:
    """Show a list to choose from whose choice is a part of the address bar.

    Parameters
    ----------
    parameter, label, chosen, language
        As for :func:`show_switch`; None where nothing is chosen.
    names
        In words, by what stands in the address.
    key
        Of the list, where it is not named after the parameter.
    options
        As for Streamlit's lists.
    """
    key = key or f"choice_{parameter}"
    st.session_state[key] = chosen
    st.selectbox(
        say(TEXTS[label], language),
        list(names),
        key=key,
        format_func=names.__getitem__,
        on_change=lambda: write_parameter(parameter, st.session_state[key]),
        **options,
    )


def show_day(parameter: str, label: str, chosen: date | None) -> None:
    """Show a day whose choice is a part of the address bar, as ISO 8601; None where none is chosen."""
    key = f"day_{parameter}"
    st.session_state[key] = chosen

    def changed() -> None:
        picked = st.session_state[key]
        write_parameter(parameter, picked.isoformat() if picked else None)

    st.date_input(label, value=None, key=key, format="DD/MM/YYYY", on_change=changed)


def chosen_row(key: str, values: pd.Series, choose_one: Callable[[str | None], None]) -> dict[str, Any]:
    """Return the options of a table that tell what the chosen row stands for, one of `values`; None for none."""

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        choose_one(str(values.iloc[rows[0]]) if rows else None)

    return {"on_select": picked, "selection_mode": "single-row"}


def opener(page: str, parameter: str) -> Callable[[str | None], None]:
    """Return what opens a page at what was chosen for a part of the address bar; nothing chosen opens nothing."""

    def open_page(value: str | None) -> None:
        if value is not None:
            write_parameter(parameter, value)
            write_parameter(PAGE, page)

    return open_page


def renewed_key(name: str, value: str | None) -> tuple[str, Callable[[str | None], None]]:
    """Return the key of a field whose value is also chosen elsewhere, and what its own changes are to be told.

    A value chosen elsewhere gets a field of its own: the browser may still send what the old one says, and would take
    the choice back.
    """
    said, count = st.session_state.get(f"{name}_said", (value, 0))
    count += said != value
    st.session_state[f"{name}_said"] = (value, count)

    def remember(chosen: str | None) -> None:
        st.session_state[f"{name}_said"] = (chosen, count)

    return f"{name}_{count}", remember


def choose(code: str | None) -> None:
    """Choose a municipality; the map goes there by itself."""
    write_parameter(MUNICIPALITY, code)
    write_parameter(VIEW, None)


def show_pills(label: str, names: Mapping[str, str], key: str, pick: Callable[[str | None], None]) -> None:
    """Show municipalities by name, any of which can be picked; on paper too."""
    with st.container(key="near"):
        st.pills(
            label, list(names), format_func=names.__getitem__, key=key, on_change=lambda: pick(st.session_state[key])
        )
