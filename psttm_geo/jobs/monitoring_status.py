"""What the register of the plan's implementation holds and answers on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from psttm_geo.core.errors import quote
from psttm_geo.core.messages import Text, gettext
from psttm_geo.jobs.monitoring_register import open_monitoring
from psttm_geo.plan.monitoring_answers import LATE, changed_since, due_milestones, dup_coverage
from psttm_geo.plan.monitoring_references import METROPOLITAN_CITY
from psttm_geo.project import Project

_DUE_MONTHS = 6


@dataclass(frozen=True)
class MonitoringStatus:
    """What is told of the register.

    Attributes
    ----------
    rows
        Of each table.
    due
        Milestones that are late or due in six months, as :func:`due_milestones`.
    coverage
        Rows of the DUP of every municipality, as :func:`dup_coverage`.
    own_rows
        Rows of the Metropolitan City's own DUP.
    today
        The day of the question.
    since
        The day from which on changes are told; None for none.
    changes
        Revisions of the plan's data since then.
    """

    rows: Mapping[str, int]
    due: pd.DataFrame
    coverage: pd.DataFrame
    own_rows: int
    today: date
    since: date | None
    changes: pd.DataFrame

    @property
    def for_machines(self) -> dict[str, Any]:
        """All of it as plain values."""
        missing = self.coverage[self.coverage["dup_rows"] == 0]
        told = {
            "today": self.today.isoformat(),
            "rows": dict(self.rows),
            "milestones": self.due.to_dict("records"),
            "dup": {
                "metropolitan_city_rows": self.own_rows,
                "municipalities": self.coverage.to_dict("records"),
                "municipalities_without_rows": missing["municipality_code"].tolist(),
            },
        }
        return told if self.since is None else {**told, "changes": self.changes.to_dict("records")}

    @property
    def lines(self) -> list[Text]:
        """All of it as sentences."""
        covered = int((self.coverage["dup_rows"] > 0).sum())
        lines = [gettext("{table}: {rows}", table=table, rows=rows) for table, rows in self.rows.items()]
        lines += [_say_due(row) for row in self.due.to_dict("records")]
        lines.append(
            gettext(
                "DUP: municipalities with rows {covered} of {count}; rows of the Metropolitan City {own}",
                covered=covered,
                count=len(self.coverage),
                own=self.own_rows,
            )
        )
        if self.since is not None:
            lines.append(gettext("Changed since {day}: {count}", day=self.since, count=len(self.changes)))
            lines += [_say_change(row) for row in self.changes.to_dict("records")]
        return lines


def _say_due(row: Mapping[Any, Any]) -> Text:
    values = {"code": row["milestone"], "text": quote(row["milestone_text"]), "day": row["due_on"]}
    if row["due_state"] == LATE:
        return gettext("late since {day}, not recorded as reached: {code}, {text}", **values)
    return gettext("due by {day}: {code}, {text}", **values)


def _say_change(row: Mapping[Any, Any]) -> Text:
    return gettext(
        "{day}, {edition}, {table} {item}, {field}: “{before}” became “{after}”",
        day=row["revised_on"],
        edition=row["edition"],
        table=row["plan_table"],
        item=row["item"],
        field=row["field"],
        before=quote(row["before"]),
        after=quote(row["after"]),
    )


def monitoring_status(project: Project, today: date, since: date | None = None) -> MonitoringStatus:
    """Return what the register holds and answers.

    Parameters
    ----------
    project
        Opened.
    today
        The day that milestones are compared with.
    since
        The day from which on changes of the plan's data are told; None for none.

    Raises
    ------
    TableError, WorkspaceError
        As :func:`psttm_geo.jobs.monitoring_register.open_monitoring`.
    """
    register = open_monitoring(project)
    tables = register.tables
    zones = project.tables["zones.csv"]
    return MonitoringStatus(
        rows={name: len(table) for name, table in tables.items()},
        due=due_milestones(tables["milestones"], today, _DUE_MONTHS),
        coverage=dup_coverage(tables["dup_links"], zones),
        own_rows=int((tables["dup_links"]["body"] == METROPOLITAN_CITY).sum()),
        today=today,
        since=since,
        changes=changed_since(tables["updates"], since or today),
    )
