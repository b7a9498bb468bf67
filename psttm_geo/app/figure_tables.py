"""Tables of figures on the screen and on paper: right-aligned, sortable, and of units to choose from."""

import html
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from psttm_geo.app import controls
from psttm_geo.app.texts import TEXTS, bold, say
from psttm_geo.app.views.figures import say_figures
from psttm_geo.core.errors import Fault
from psttm_geo.core.messages import Language
from psttm_geo.core.numbers import SHARE_DECIMALS

LIST_HEIGHT_PX = 330

ROW_HEIGHT_PX = 35

TALL_ROW_HEIGHT_PX = 65
"""From four rems on Streamlit breaks a cell's text into lines."""


def show_figures(
    table: pd.DataFrame,
    key: str,
    language: Language,
    *,
    printed: bool = False,
    **options: Any,  # noqa: ANN401 - Streamlit's
) -> None:
    """Show a table with its figures in words, which a screen reader reads as they are, right-aligned and sortable.

    A `printed` one comes whole on paper too.
    """
    figures = [column for column in table.columns if is_numeric_dtype(table[column])]
    said = table.assign(**{column: _say_column(table[column], column, language) for column in figures})
    st.dataframe(
        said,
        key=key,
        hide_index=True,
        height=min(LIST_HEIGHT_PX, ROW_HEIGHT_PX * (len(table) + 1) + 2),
        column_config={
            say("Title", language): st.column_config.TextColumn(width="medium"),
            **{column: st.column_config.TextColumn(alignment="right") for column in figures},
        },
        **options,
    )
    if printed:
        show_printed(said, figures)


def _say_column(figures: pd.Series, heading: str, language: Language) -> list[str]:
    """Say the figures of a column as its heading asks: percentages have their decimals, whole ones too."""
    if heading.endswith("(%)"):
        return say_figures(figures, language, SHARE_DECIMALS, always=True)
    return say_figures(figures, language, 2 if heading.endswith("(€)") else 1)


def show_ranking(table: pd.DataFrame, key: str, units: str, language: Language) -> None:
    """Show a ranking of units; of municipalities, whose codes are the last column, a chosen row chooses one."""
    st.markdown(bold(say("Ranking", language)))
    choice = controls.chosen_row(key, table.iloc[:, -1], controls.choose) if units == "comuni" else {}
    show_figures(table, key, language, **choice)


def show_printed(table: pd.DataFrame, figures: Sequence[str] = ()) -> None:
    """Set a table for paper: the one on the screen shows a window of its rows, and is left out there.

    Parameters
    ----------
    table
        As it is to be read.
    figures
        Its columns of figures, set to the right.
    """
    heads = "".join(f"<th scope='col'>{html.escape(str(name))}</th>" for name in table.columns)
    classes = [" class='figure'" if name in figures else "" for name in table.columns]
    rows = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{html.escape(str(cell))}</td>" for kind, cell in zip(classes, cells, strict=True))
        + "</tr>"
        for cells in table.itertuples(index=False)
    )
    st.html(f"<table class='psttm-print'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")


def show_faults(faults: Collection[Fault], language: Language) -> None:
    """Show what is wrong with a table that somebody gave, row by row."""
    told = {
        say(TEXTS["file"], language): [fault.file for fault in faults],
        say("Row", language): [fault.row for fault in faults],
        say("Fault", language): [fault.text.say(language) for fault in faults],
    }
    st.dataframe(pd.DataFrame(told), hide_index=True, row_height=TALL_ROW_HEIGHT_PX)
