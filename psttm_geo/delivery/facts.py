"""What layers state as their sources do, and what they compute from it."""

from collections.abc import Mapping

from psttm_geo.core.messages import gettext
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.plan.statements import STATEMENTS
from psttm_geo.schema.code_lists import CLASS_COLUMNS, MARK_COLUMNS
from psttm_geo.schema.dictionary import OnFirstUse
from psttm_geo.schema.layers import AGE_BANDS, LAYERS, RESIDENT_COUNTS

GEOMETRY = "geometry"
"""Stands for the place of a feature among the names of columns."""

FACTS = {
    "unions": gettext("Memberships: unioni di comuni"),
    "zones": gettext("Memberships: zone omogenee"),
    "goals": gettext("Goals"),
    "marks": gettext("Goals: levels"),
    "scopes": gettext("Goals: scopes and what is named in particular"),
    "drivers": gettext("Drivers"),
    "statements": gettext("What the documents state: actors, acts, instruments and others"),
    "boundaries": gettext("Boundaries"),
    "names": gettext("Names and codes of municipalities"),
    "residents": gettext("Residents"),
    "classes": gettext("Degree of Urbanisation"),
    "services": gettext("Services"),
    "projects": gettext("Projects"),
    "monitoring": gettext("Implementation as the office records it"),
    "scenario": gettext("Scenario"),
    "sources": gettext("Sources"),
}
"""What sources state, in the order in which a difference tells it."""


_PROJECT_LINKS = ("progetti_comuni", "progetti_driver", "progetti_obiettivi", "agenda_2030")


def _stated() -> dict[str, dict[str, str]]:
    return {
        "appartenenze": {"union": "unions", "zone": "zones"},
        "comuni": {
            "municipality": "names",
            "cadastral_code": "names",
            GEOMETRY: "boundaries",
            **dict.fromkeys((*RESIDENT_COUNTS, "residents_date"), "residents"),
            **dict.fromkeys(CLASS_COLUMNS, "classes"),
        },
        "obiettivi": {
            **dict.fromkeys(("title_it", "title_en", "reference", "measure"), "goals"),
            **dict.fromkeys(MARK_COLUMNS, "marks"),
            **dict.fromkeys(("scope", "scope_basis", "scope_reason_it", "focus_it"), "scopes"),
            "actors_it": "statements",
        },
        "driver": dict.fromkeys(("title_it", "title_en", "title_basis", "goals"), "drivers"),
        **{name: dict.fromkeys(LAYERS[name].columns, "statements") for name in STATEMENTS},
        **{name: dict.fromkeys(LAYERS[name].columns, "monitoring") for name in MONITORING},
        "servizi": dict.fromkeys((*LAYERS["servizi"].columns, GEOMETRY), "services"),
        "progetti": dict.fromkeys((n for n in LAYERS["progetti"].columns if n != "municipality_count"), "projects"),
        **{name: dict.fromkeys(LAYERS[name].columns, "projects") for name in _PROJECT_LINKS},
        "scenario_servizi": dict.fromkeys((*LAYERS["scenario_servizi"].columns, GEOMETRY), "scenario"),
        "fonti": dict.fromkeys(LAYERS["fonti"].columns, "sources"),
    }


STATED_COLUMNS = OnFirstUse(_stated)
"""By layer, the columns that repeat what a source states, and what that is; all other columns are computed."""

ROW_FACT = {
    "appartenenze": "unions",
    "comuni": "boundaries",
    "obiettivi": "goals",
    "driver": "drivers",
    **dict.fromkeys(STATEMENTS, "statements"),
    **dict.fromkeys(MONITORING, "monitoring"),
    "servizi": "services",
    "progetti": "projects",
    **dict.fromkeys(_PROJECT_LINKS, "projects"),
    "scenario_servizi": "scenario",
    "fonti": "sources",
}
"""By layer, what a source states by having a row at all."""

_WHERE = frozenset({"scopes", "goals", "boundaries", "residents", "classes"})

_WHO = _WHERE | {"marks"}

_WALKED = frozenset({"services", "residents", "boundaries", "classes", "scenario"})

_COMPUTED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("area_km2", GEOMETRY), frozenset({"boundaries"})),
    **dict.fromkeys((*RESIDENT_COUNTS, *AGE_BANDS, "residents_date"), frozenset({"residents"})),
    "density_per_km2": frozenset({"residents", "boundaries"}),
    "municipality": frozenset({"names"}),
    "zone": frozenset({"zones"}),
    "goal_count": frozenset({"goals"}),
    "indicator": _WALKED | {"goals"},
    "value": _WALKED | {"goals"},
    "focus": _WHERE,
    **dict.fromkeys(("basis", "reason_it", "focus_reason_it"), _WHERE | {"names"}),
    **dict.fromkeys(
        (
            "projects",
            "projects_unattributed",
            "projects_without_amount",
            "projects_of_edition",
            "projects_edition_unknown",
            "projects_possible",
            "amount_eur",
            "amount_of_edition_eur",
            "whole_amount_eur",
            "amount_share",
            "municipality_count",
        ),
        frozenset({"projects"}),
    ),
    "amount_per_resident_eur": frozenset({"projects", "residents"}),
    **dict.fromkeys(MARK_COLUMNS, frozenset({"marks"})),
}

_BEGINNINGS = {"applies": _WHERE, "called": _WHO}

_OF_UNITS = {"union": "unions", "zone": "zones", "driver": "drivers"}
"""What else computed columns rest on where a row is about one of these."""


def rests_on(layer: str, column: str, about: frozenset[str]) -> frozenset[str]:
    """Return the facts that a computed column rests on.

    Parameters
    ----------
    layer
        Italian name.
    column
        English name, or :data:`GEOMETRY`.
    about
        What the row is about: ``union``, ``zone``, ``driver`` ...
    """
    facts = _COMPUTED.get(column, _WALKED)
    if layer == "obiettivi" and column == GEOMETRY:
        facts = _WHERE
    for beginning, found in _BEGINNINGS.items():
        if column.startswith(beginning):
            facts = found
    return facts | {fact for unit, fact in _OF_UNITS.items() if unit in about}
