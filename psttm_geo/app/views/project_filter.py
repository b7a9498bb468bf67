"""Which projects of a register are asked for: of which kind of body, and in which state."""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.app.state import BODY, STATUS, read_choice
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory

BODY_KINDS = ("citta_metropolitana", "comune", "altro")


@dataclass(frozen=True)
class ProjectFilter:
    """Which projects are asked for; None for all.

    Attributes
    ----------
    body
        One of :data:`BODY_KINDS`.
    status
        A state, as :func:`list_states` spells it.
    """

    body: str | None = None
    status: str | None = None

    def keep(self, projects: pd.DataFrame) -> pd.DataFrame:
        """Return the projects asked for."""
        kept = projects
        if self.body is not None:
            kept = kept[kept["body_kind"] == self.body]
        if self.status is not None:
            kept = kept[kept["status"] == self.status]
        return kept

    def say(self, language: Language) -> list[str]:
        """Name what is asked for; nothing where it is all."""
        named = [] if self.body is None else [say(TEXTS[f"body_{self.body}"], language)]
        return named if self.status is None else [*named, self.status]


EVERY_PROJECT = ProjectFilter()


def list_states(territory: Territory) -> list[str]:
    """Return the states that the register has, each in one spelling."""
    registered = territory.plan.projects
    return [] if registered is None else sorted(set(registered.projects["status"]) - {""})


def list_bodies(territory: Territory) -> list[str]:
    """Return the kinds of bodies that the register has."""
    registered = territory.plan.projects
    return [] if registered is None else [k for k in BODY_KINDS if (registered.projects["body_kind"] == k).any()]


def read_filter(territory: Territory) -> ProjectFilter:
    """Read from the address bar which projects are asked for."""
    return ProjectFilter(read_choice(BODY, list_bodies(territory)), read_choice(STATUS, list_states(territory)))
