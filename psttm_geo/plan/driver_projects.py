"""Which projects are at work for which driver, in whatever edition of the plan.

A project may have several drivers: it counts once for each of them, so that sums by driver do not add up to those of
all projects.

A project belongs to a driver of its own edition, and to that of another edition where the number stands for the same
driver in both (one title). Where its edition is unknown, it belongs to the number's driver if all editions mean the
same by it; if they do not, it may be either: it is counted for none, and none of them is said to have no project.
"""

import pandas as pd

from psttm_geo.plan.driver_coverage import activated_coverage
from psttm_geo.plan.project_records import UNKNOWN_EDITION

COUNTS = ("projects", "amount_eur", "projects_without_amount")
"""What :func:`count_projects` counts of certain projects; NA where none is known and some may be."""

_KEYS = ["edition", "driver", "unit"]

_OWN = ("project_edition", "driver")


def find_drivers(links: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    """Find the drivers, of every edition, that projects belong to.

    Parameters
    ----------
    links
        ``edition`` (of the project, may be unknown), ``driver``; other columns are carried.
    drivers
        ``edition``, ``driver``, ``title_it``, ``same_in_all``.

    Returns
    -------
    DataFrame
        One row per project and driver that it belongs to, or may belong to: the columns of `links`, with the
        driver's ``edition`` and the project's as ``project_edition``, and ``certain`` (bool).
    """
    titles = drivers[["edition", "driver", "title_it", "same_in_all"]].astype({"driver": "int64"})
    pairs = (
        links.astype({"driver": "int64"})
        .rename(columns={"edition": "project_edition"})
        .merge(titles, on="driver", validate="m:m")
    )
    meant = titles.set_index(["edition", "driver"])["title_it"].reindex(pd.MultiIndex.from_frame(pairs[[*_OWN]]))
    unknown = pairs["project_edition"] == UNKNOWN_EDITION
    same = pairs["title_it"] == meant.to_numpy()
    told = pairs.assign(certain=pairs["same_in_all"].where(unknown, other=True).astype(bool))
    return told[unknown | same].drop(columns=["title_it", "same_in_all"]).reset_index(drop=True)


def of_edition(pairs: pd.DataFrame, asked: str | pd.Series | None) -> pd.DataFrame:
    """Keep the projects of an edition: certain where it is theirs, possible where theirs is unknown.

    Parameters
    ----------
    pairs
        As :func:`find_drivers` returns them.
    asked
        An edition, :data:`UNKNOWN_EDITION`, or one per row; None for all.
    """
    if asked is None:
        return pairs
    theirs = pairs["project_edition"] == asked
    kept = pairs.assign(certain=pairs["certain"] & theirs)[theirs | (pairs["project_edition"] == UNKNOWN_EDITION)]
    return kept.reset_index(drop=True)


def count_projects(  # noqa: PLR0913 - the last two choose what counts
    rows: pd.DataFrame,
    members: pd.DataFrame,
    projects: pd.DataFrame,
    links: pd.DataFrame,
    drivers: pd.DataFrame,
    *,
    asked: str | None = None,
    own: bool = False,
) -> pd.DataFrame:
    """Count the projects of drivers in units, each once in a unit, with the amounts that fall to its municipalities.

    Parameters
    ----------
    rows
        ``edition``, ``driver``, ``unit``: what is counted for.
    members
        ``edition`` (or absent: then the same in all), ``unit``, ``municipality_code``.
    projects
        One row per project and municipality: ``project``, ``municipality_code``, ``edition``, ``amount_eur`` (what
        falls to the municipality), ``waits`` (bool, as :func:`psttm_geo.plan.project_records.waits`).
    links
        The drivers of all projects of the register, also of those that `projects` leave out, as
        :attr:`psttm_geo.plan.project_records.Projects.drivers`: of which drivers anything is known is said by all.
    drivers
        As for :func:`find_drivers`.
    asked
        Projects of which edition, as for :func:`of_edition`.
    own
        Count for each row the projects of its own edition only, in place of `asked`.

    Returns
    -------
    DataFrame
        In the order and with the index of `rows`: :data:`COUNTS`, and ``projects_possible``, which may be the driver's
        or not. Zero is said only of a driver that attributed projects can belong to, in a unit where no project may be
        its own.
    """

    def find(some: pd.DataFrame) -> pd.DataFrame:
        pairs = find_drivers(some, drivers)
        return of_edition(pairs, pairs["edition"] if own else asked)

    located = projects[["project", "municipality_code", "amount_eur"]]
    pairs = find(links).merge(located, on="project", validate="m:m")
    index = pd.MultiIndex.from_frame(rows[_KEYS].astype({"driver": "int64"}))
    counts = _by_unit(pairs[pairs["certain"]], members).reindex(index)
    possible = _by_unit(pairs[~pairs["certain"]], members)["projects"].reindex(index).fillna(0)
    covered = index.droplevel("unit").isin(known_drivers(links, drivers, asked=asked, own=own))
    waiting = find(_of_every_driver(projects.loc[projects["waits"], ["edition", "municipality_code"]], drivers))
    may_be = index.isin(_index(_in_units(waiting, members)[_KEYS])) | (possible > 0)
    none = counts["projects"].isna() & covered & ~may_be
    filled = {name: counts[name].mask(none, 0) for name in COUNTS}
    whole = dict.fromkeys(("projects", "projects_without_amount", "projects_possible"), "Int64")
    return pd.DataFrame({**filled, "projects_possible": possible}).astype(whole).set_axis(rows.index)


def known_drivers(
    links: pd.DataFrame, drivers: pd.DataFrame, *, asked: str | None = None, own: bool = False
) -> pd.MultiIndex:
    """Return ``edition`` and ``driver`` of the drivers that a register says something of.

    Parameters
    ----------
    links, drivers, asked, own
        As for :func:`count_projects`.

    Returns
    -------
    MultiIndex
        Those that an attributed project could belong to by its edition, whatever its number; of all others the
        register says nothing.
    """
    told = find_drivers(_of_every_driver(links[["edition"]], drivers), drivers)
    if own or asked is not None:
        told = told[told["project_edition"] == (told["edition"] if own else asked)]
    return _index(told[_KEYS[:2]])


def _by_unit(pairs: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Count :data:`COUNTS` by edition and driver, as of the driver, and unit."""
    found = [
        activated_coverage(mine, _members_in(members, str(edition))).assign(edition=edition)
        for edition, mine in pairs.groupby("edition")
    ]
    if not found:
        return pd.DataFrame(columns=list(COUNTS), index=_index(pd.DataFrame(columns=_KEYS)), dtype="float64")
    return pd.concat(found, ignore_index=True).set_index(_KEYS)[list(COUNTS)]


def _of_every_driver(projects: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    """Give each project, or what is told of it, every number of a driver; rows that are alike once."""
    return projects.drop_duplicates().merge(drivers[["driver"]].drop_duplicates(), how="cross")


def _in_units(pairs: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    keys = ["municipality_code", *(["edition"] if "edition" in members.columns else [])]
    return pairs.merge(members[[*keys, "unit"]], on=keys, validate="m:m")


def _members_in(members: pd.DataFrame, edition: str) -> pd.DataFrame:
    """Return the members of units in an edition; units that no edition names are the same in all."""
    return members[members["edition"] == edition] if "edition" in members.columns else members


def _index(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows)
