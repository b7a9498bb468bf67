"""What residents lack within 15 minutes, and of whom it is not known: nothing is lacking only where all is known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from psttm_geo.access.results import Results
from psttm_geo.app.texts import TEXTS, number, say
from psttm_geo.core.messages import Language

_LEAST = 0.5
"""Parts of residents below this are none: people are spread over places."""


@dataclass(frozen=True)
class Lacking:
    """What the residents of some municipalities lack, walking as one profile.

    Attributes
    ----------
    rows
        ``municipality_code``, ``category``, ``residents_beyond``, ``gap_minutes``, from the gravest.
    categories
        Those that are told of.
    municipalities
        How many there are.
    unknown_categories
        Those that are known of no municipality.
    unknown_municipalities
        How many there are of which no category is known.
    unknown_residents
        How many residents nothing is known of.
    """

    rows: pd.DataFrame
    categories: tuple[str, ...]
    municipalities: int
    unknown_categories: tuple[str, ...]
    unknown_municipalities: int
    unknown_residents: float


def find_lacking(results: Results, profile: str, codes: Collection[str] | None, categories: Sequence[str]) -> Lacking:
    """Find what is lacking.

    Parameters
    ----------
    results
        Of the workspace.
    profile
        Who walks.
    codes
        Of municipalities; None for all.
    categories
        Told of; each has a share within 15 minutes in the layers.
    """
    gaps, towns = results.layers["carenze_comuni"], results.layers["accessibilita_comuni"]
    towns = towns[towns["profile"] == profile]
    mine = gaps[(gaps["profile"] == profile) & gaps["category"].isin(categories)]
    if codes is not None:
        towns = towns[towns["municipality_code"].isin(codes)]
        mine = mine[mine["municipality_code"].isin(codes)]
    unknown = pd.DataFrame({name: towns[f"share_15_{name}"].isna() for name in categories}, index=towns.index)
    nothing = unknown.all(axis=1)
    untold = towns["residents"] * towns["share_unknown"].where(~nothing, other=1)
    count = len(towns) if codes is None else len(codes)
    return Lacking(
        rows=mine.sort_values("residents_beyond", ascending=False, kind="stable").reset_index(drop=True),
        categories=tuple(categories),
        municipalities=count,
        unknown_categories=tuple(name for name in categories if unknown[name].all()),
        unknown_municipalities=int(nothing.sum()) + count - len(towns),
        unknown_residents=float(untold.sum()),
    )


def total_by_category(lacking: Lacking) -> pd.DataFrame:
    """Add up what is lacking over municipalities.

    Returns
    -------
    DataFrame
        ``category``, ``residents_beyond``, ``gap_minutes`` (of these residents, on average), ``municipality_count``:
        from the category that concerns most residents; those of none are left out.
    """
    rows = lacking.rows.assign(walked=lacking.rows["residents_beyond"] * lacking.rows["gap_minutes"])
    sums = rows.groupby("category", as_index=False).agg(
        residents_beyond=("residents_beyond", "sum"),
        walked=("walked", "sum"),
        municipality_count=("municipality_code", "nunique"),
    )
    totals = sums.assign(gap_minutes=sums["walked"] / sums["residents_beyond"]).drop(columns="walked")
    return totals.sort_values("residents_beyond", ascending=False, kind="stable").reset_index(drop=True)


def say_what_is_known(lacking: Lacking, names: dict[str, str], language: Language) -> str:
    """Say that nothing is lacking, if that is known, and of what and of whom it is not known; else nothing.

    Parameters
    ----------
    lacking
        As :func:`find_lacking` returns it.
    names
        Categories in words.
    language
        Of the sentences.
    """
    if lacking.unknown_municipalities == lacking.municipalities:
        return say("What is lacking is not known: the extract does not say enough of it.", language)
    doubts = []
    if lacking.unknown_categories:
        listed = ", ".join(names[name] for name in lacking.unknown_categories)
        doubts.append(say("Not known for these categories: {names}.", language, names=listed))
    if lacking.unknown_municipalities:
        doubts.append(
            say(
                "Municipalities of which nothing is known: {count}.",
                language,
                count=number(lacking.unknown_municipalities, language),
            )
        )
    if lacking.unknown_residents >= _LEAST:
        doubts.append(
            say(
                "Residents of whom it is not known: {count}.",
                language,
                count=number(lacking.unknown_residents, language),
            )
        )
    if not lacking.rows.empty:
        return " ".join(doubts)
    return " ".join([say(TEXTS["gaps_none_known" if doubts else "gaps_none"], language), *doubts])


def say_residents(count: float, language: Language) -> str:
    """Say how many residents; of a part of one, that it is less than one."""
    return number(count, language) if count >= 1 else say("less than 1", language)
