"""Goals and targets of the 2030 Agenda that projects of the recovery plan reach: by Italia Domani's official mapping.

The mapping says which targets a sub-measure serves. That a project reaches a target follows from the sub-measure that
finances it, and what a driver or a goal of the plan reaches follows from its projects: such links are derived, and say
so. Where the mapping names a goal of the Agenda and no target of it, the target is not known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import Source
from psttm_geo.core.spreadsheets import cell_fault, parse_whole, read_table
from psttm_geo.plan.driver_projects import find_drivers

DERIVED = "derivato"
"""How a link is known: it follows from others, no document states it."""

AGENDA_KEY = ["sdg_goal", "sdg_target"]

_COLUMNS = {
    "codice univoco submisura": "submeasure",
    "goal": "sdg_goal",
    "target": "sdg_target",
    "des_target": "sdg_target_title",
    "prevalente": "prevalent",
    "indicator": "sdg_indicator",
    "des_indicatore": "bes_indicator",
}

_NEEDED = ("codice univoco submisura", "goal", "target")

_SUBMEASURE = re.compile(r"M\d+C\d+[IR]\d+(?:\.\d+)*")

_TARGET = re.compile(r"(\d+)\.[0-9a-z]+")

_GOALS = range(1, 18)

_NONE = ("", "n.c.", "n.c", "nc", "n/a", "n/d", "-")

_BETWEEN = "; "

_TITLE = "Italia Domani, mappatura delle misure del PNRR e dell'Agenda 2030"


@dataclass(frozen=True)
class Agenda:
    """A mapping of sub-measures to the 2030 Agenda.

    Attributes
    ----------
    targets
        One row per sub-measure, goal of the Agenda and target: ``submeasure``, ``sdg_goal`` (1-17), ``sdg_target``
        (empty where the mapping names none), ``sdg_target_title``, ``sdg_indicator``, ``bes_indicator`` (separated by
        ``; ``), ``prevalent`` (bool).
    source
        Where it comes from.
    notices
        What was read, for the user.
    """

    targets: pd.DataFrame
    source: Source
    notices: tuple[Text, ...]


def read_agenda(path: Path) -> Agenda:
    """Read Italia Domani's mapping.

    Parameters
    ----------
    path
        CSV or XLSX, as :func:`psttm_geo.core.spreadsheets.read_table` reads them.

    Returns
    -------
    Agenda
        Whole: a mapping with any fault is not loaded at all.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row: missing columns, codes of sub-measures, goals or targets that are none.
    """
    table = read_table(path, tuple(_COLUMNS))
    missing = ", ".join(name for name in _NEEDED if name not in table.rows.columns)
    if missing:
        text = gettext(
            "the columns {missing} are missing; give Italia Domani's mapping of the measures to the 2030 Agenda.",
            missing=missing,
        )
        raise TableError([Fault(path.name, table.header, text)])
    rows = table.rows.reindex(columns=list(_COLUMNS), fill_value="").rename(columns=_COLUMNS)
    clean = rows.apply(lambda column: column.where(~column.str.casefold().isin(_NONE), ""))
    cells = zip(clean.index, clean["submeasure"], clean["sdg_goal"], clean["sdg_target"], strict=True)
    faults = [fault for row in cells for fault in _faults(path, *row)]
    if faults:
        raise TableError(faults, rows=len(rows))
    clean = clean.assign(sdg_goal=clean["sdg_goal"].map(parse_whole), prevalent=clean["prevalent"].str.lower() == "si")
    return Agenda(_one_per_target(clean), _source(path), (*table.say_explaining(), *_say(clean)))


def _faults(path: Path, line: int, submeasure: str, goal: str, target: str) -> Iterator[Fault]:
    number, parts = parse_whole(goal), _TARGET.fullmatch(target)
    if not _SUBMEASURE.fullmatch(submeasure):
        text = gettext("found “{submeasure}”, expected the code of a sub-measure", submeasure=submeasure)
        yield cell_fault(path, line, text)
    if number not in _GOALS:
        yield cell_fault(path, line, gettext("found the goal “{goal}”, expected 1-17", goal=goal))
    elif target and (parts is None or int(parts[1]) != number):
        text = gettext("found “{target}”, expected a target of goal {goal} or n.c.", target=target, goal=goal)
        yield cell_fault(path, line, text)


def project_targets(projects: pd.DataFrame, agenda: Agenda) -> pd.DataFrame:
    """Return which goals and targets of the Agenda projects reach through the sub-measures that finance them.

    Parameters
    ----------
    projects
        ``project``, ``submeasure`` (one or several, separated by ``; ``).
    agenda
        The mapping.

    Returns
    -------
    DataFrame
        The layer ``agenda_2030``: one row per project, sub-measure, goal and target, with ``target_link``; projects
        without a sub-measure that is mapped have none.
    """
    codes = projects[["project", "submeasure"]].assign(submeasure=projects["submeasure"].str.split(_BETWEEN))
    found = codes.explode("submeasure").merge(agenda.targets, on="submeasure", validate="m:m")
    return found.assign(target_link=DERIVED).reset_index(drop=True)


def driver_targets(
    targets: pd.DataFrame, projects: pd.DataFrame, links: pd.DataFrame, drivers: pd.DataFrame
) -> pd.DataFrame:
    """Return which goals and targets of the Agenda drivers reach, and through which projects.

    Parameters
    ----------
    targets
        As :func:`project_targets` returns them.
    projects
        ``project``, ``title``, ``amount_eur``.
    links
        Their drivers, as :attr:`psttm_geo.plan.project_records.Projects.drivers`: a project reaches its targets for
        each of its drivers.
    drivers
        As for :func:`psttm_geo.plan.driver_projects.find_drivers`.

    Returns
    -------
    DataFrame
        One row per ``edition``, ``driver``, ``sdg_goal``, ``sdg_target`` and ``project``, with ``sdg_target_title``,
        ``prevalent``, ``title``, ``amount_eur`` (of the whole project, which stands at each of its targets: not to be
        added up over targets), ``certain`` (whether the project is the driver's for sure) and ``target_link``.
    """
    pairs = find_drivers(links[["project", "edition", "driver"]], drivers)
    mine = pairs.merge(projects[["project", "title", "amount_eur"]], on="project", validate="m:1")
    key = ["edition", "driver", *AGENDA_KEY, "project"]
    reached = targets.sort_values("prevalent", ascending=False).drop_duplicates(["project", *AGENDA_KEY])
    found = mine.drop(columns="project_edition").merge(
        reached[["project", *AGENDA_KEY, "sdg_target_title", "prevalent", "target_link"]], on="project", validate="m:m"
    )
    columns = [*key, "title", "amount_eur", "sdg_target_title", "prevalent", "certain", "target_link"]
    order = found.assign(place=found["sdg_target"].map(_place)).sort_values(
        ["edition", "driver", "sdg_goal", "place", "project"]
    )
    return order[columns].reset_index(drop=True)


def goal_targets(reached: pd.DataFrame, driver_goals: pd.DataFrame) -> pd.DataFrame:
    """Return which goals and targets of the Agenda goals of the plan reach, through the drivers that carry them out.

    Parameters
    ----------
    reached
        As :func:`driver_targets` returns it.
    driver_goals
        ``edition``, ``driver``, ``mission``, ``number`` (whole numbers).

    Returns
    -------
    DataFrame
        One row per ``edition``, ``mission``, ``number``, ``sdg_goal`` and ``sdg_target``: ``drivers`` (that lead there,
        separated by ``; ``), ``projects`` (how many certain ones) and ``target_link``.
    """
    certain = reached[reached["certain"]]
    goals = driver_goals[["edition", "driver", "mission", "number"]]
    pairs = certain.merge(goals, on=["edition", "driver"], validate="m:m")
    key = ["edition", "mission", "number", *AGENDA_KEY]
    found = pairs.groupby(key, as_index=False).agg(
        drivers=("driver", lambda some: _BETWEEN.join(map(str, sorted(set(some))))), projects=("project", "nunique")
    )
    return found.assign(target_link=DERIVED)


def _place(target: str) -> tuple[int, int, str]:
    """Return where a target stands: 1.2, 1.10, 1.a; the goal alone first."""
    part = target.rpartition(".")[2]
    return (0, 0, "") if not part else (1, int(part), "") if part.isdigit() else (2, 0, part)


def _one_per_target(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per sub-measure and target: several indicators of a target are listed in it."""
    joined = dict.fromkeys(("sdg_target_title", "sdg_indicator", "bes_indicator"), _join)
    grouped = rows.groupby(["submeasure", *AGENDA_KEY], sort=False, as_index=False)
    return grouped.agg({**joined, "prevalent": "any"})


def _join(texts: pd.Series) -> str:
    return _BETWEEN.join(dict.fromkeys(text for text in texts if text))


def _say(rows: pd.DataFrame) -> tuple[Text, ...]:
    alone = rows.index[rows["sdg_target"] == ""]
    return (
        gettext(
            "Sub-measures mapped to the 2030 Agenda: {count}, in {rows} rows; rows that name a goal of the Agenda "
            "without a target: {alone}.",
            count=rows["submeasure"].nunique(),
            rows=len(rows),
            alone=len(alone),
        ),
    )


def _source(path: Path) -> Source:
    return Source(
        identifier="agenda-file",
        title=f"{_TITLE} ({path.name})",
        publisher="Presidenza del Consiglio dei Ministri (Italia Domani)",
        address="https://www.italiadomani.gov.it/content/sogei-ng/it/it/catalogo-open-data.html",
        reference_date="",
        licence="CC BY 4.0",
        attribution="Italia Domani, dati di attuazione del PNRR",
        sha256=sha256_of(path),
    )
