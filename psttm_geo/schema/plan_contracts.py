"""Contracts of the tables on the plan: editions, memberships, goals, drivers, partnerships, where goals apply."""

import pandera.pandas as pa

from psttm_geo.core.messages import gettext
from psttm_geo.schema.cells import COUNT, FILLED, FREE, IDENTIFIER, NAME, SHORT, TITLE, YEAR, YES, day, text
from psttm_geo.schema.code_lists import FOCUS_RULES, LEVELS, LINK_KINDS, PARTNER_LINK_KINDS, SCOPES
from psttm_geo.schema.istat_codes import CODE_PATTERN

_CODE = gettext("a six-digit ISTAT code such as 015146")
_LINK = gettext("a link: {listed}", listed=", ".join(LINK_KINDS))
_SCOPE = gettext("a scope: {listed}", listed=", ".join(SCOPES))
_FOCUS = gettext("a rule: {listed}", listed=", ".join(FOCUS_RULES))
_BASIS = gettext("document, inherited or editorial")
_MARK = gettext("si, non_indicato or non_noto")
_LEVEL = gettext("a level: {listed}", listed=", ".join(LEVELS))
_PARTNER_LINK = gettext("a link: {listed}", listed=", ".join(PARTNER_LINK_KINDS))
_MARKS = r"si|non_indicato|non_noto"


def _goal() -> dict[str, pa.Column]:
    """Describe the three columns that name a goal."""
    return {
        "edition": text(NAME, IDENTIFIER),
        "mission": text(COUNT, r"\d+"),
        "number": text(COUNT, r"\d+"),
    }


def _lines() -> dict[str, pa.Column]:
    """Describe the columns that name lines of a document, and what they say."""
    return {
        "source": text(NAME, IDENTIFIER),
        "first_line": text(COUNT, r"[1-9]\d*"),
        "last_line": text(COUNT, r"[1-9]\d*"),
        "reading": text(FILLED),
    }


PLAN = {
    "editions.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER, unique=True),
            "first_year": text(YEAR, r"\d{4}"),
            "last_year": text(YEAR, r"\d{4}"),
            "title_it": text(FILLED),
            "title_en": text(FILLED),
            "approved_on": day(blank=True),
            "approval_act": text(FREE, blank=True),
            "boundary_date": day(),
            "municipality_count": text(COUNT, r"\d+"),
            "zone_count": text(COUNT, r"\d+"),
            "union_count": text(COUNT, r"\d+"),
            "project_count": text(COUNT, r"\d+", blank=True),
            "project_amount_eur": text(COUNT, r"\d+", blank=True),
            "source": text(NAME, IDENTIFIER),
        },
        strict=True,
    ),
    "counted_projects.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER, unique=True),
            "kind_it": text(FILLED),
            "kind_en": text(FILLED),
            "note_it": text(FILLED),
            "note_en": text(FILLED),
            "source": text(NAME, IDENTIFIER),
            "reference": text(FILLED),
        },
        strict=True,
    ),
    "zone_names.csv": pa.DataFrameSchema(
        {
            "number": text(COUNT, r"\d+", unique=True),
            "zone": text(FILLED, unique=True),
        },
        strict=True,
    ),
    "zones.csv": pa.DataFrameSchema(
        {
            "municipality_code": text(_CODE, CODE_PATTERN),
            "municipality": text(FILLED),
            "zone": text(FILLED),
            "written_as": text(FREE, blank=True),
        },
        strict=True,
    ),
    "unions.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "union": text(FILLED),
            "municipality_code": text(_CODE, CODE_PATTERN),
            "municipality": text(FILLED),
            "written_as": text(FREE, blank=True),
        },
        strict=True,
    ),
    "predecessors.csv": pa.DataFrameSchema(
        {
            "municipality_code": text(_CODE, CODE_PATTERN, unique=True),
            "municipality": text(FILLED),
            "successor_code": text(_CODE, CODE_PATTERN),
            "successor": text(FILLED),
        },
        strict=True,
    ),
    "missions.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "mission": text(COUNT, r"\d+"),
            "title_it": text(SHORT, TITLE),
            "title_en": text(SHORT, TITLE),
            "goal_count": text(COUNT, r"\d+"),
        },
        unique=["edition", "mission"],
        strict=True,
    ),
    "key_words.csv": pa.DataFrameSchema(
        {
            "key_word": text(NAME, IDENTIFIER, unique=True),
            "title_it": text(SHORT, TITLE),
            "title_en": text(SHORT, TITLE),
        },
        strict=True,
    ),
    "goals.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "title_it": text(SHORT, TITLE),
            "title_en": text(SHORT, TITLE),
            "reference": text(FILLED),
            "measure": text(NAME, IDENTIFIER, blank=True),
            "note": text(FREE, blank=True),
        },
        unique=["edition", "mission", "number"],
        strict=True,
    ),
    "goal_marks.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "metropolitan_city": text(_MARK, _MARKS),
            "municipalities": text(_MARK, _MARKS),
            "others": text(_MARK, _MARKS),
            "doubtful": text(YES, r"si|no"),
        },
        unique=["edition", "mission", "number"],
        strict=True,
    ),
    "goal_text_levels.csv": pa.DataFrameSchema(
        {**_goal(), "level": text(_LEVEL, "|".join(LEVELS)), **_lines()},
        unique=["edition", "mission", "number", "level"],
        strict=True,
    ),
    "goal_links.csv": pa.DataFrameSchema(
        {
            "from_edition": text(NAME, IDENTIFIER, blank=True),
            "from_mission": text(COUNT, r"\d+", blank=True),
            "from_number": text(COUNT, r"\d+", blank=True),
            "to_edition": text(NAME, IDENTIFIER, blank=True),
            "to_mission": text(COUNT, r"\d+", blank=True),
            "to_number": text(COUNT, r"\d+", blank=True),
            "kind": text(_LINK, "|".join(LINK_KINDS)),
            "note": text(FREE, blank=True),
        },
        unique=["from_edition", "from_mission", "from_number", "to_edition", "to_mission", "to_number"],
        strict=True,
    ),
    "vision.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "key_word": text(NAME, IDENTIFIER),
            "mission": text(COUNT, r"\d+"),
            "mark": text(_MARK, _MARKS),
        },
        unique=["edition", "key_word", "mission"],
        strict=True,
    ),
    "vision_confirmations.csv": pa.DataFrameSchema(
        {"edition": text(NAME, IDENTIFIER, unique=True), "confirmed": text(NAME, IDENTIFIER), **_lines()},
        strict=True,
    ),
    "drivers.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "driver": text(COUNT, r"\d+"),
            "title_it": text(SHORT, TITLE),
            "title_en": text(SHORT, TITLE),
            "summary_it": text(FILLED),
            "summary_en": text(FILLED),
            "title_basis": text(_BASIS, r"document|inherited|editorial"),
            "reference": text(FILLED),
        },
        unique=["edition", "driver"],
        strict=True,
    ),
    "driver_missions.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "driver": text(COUNT, r"\d+"),
            "mission": text(COUNT, r"\d+"),
            "basis": text(_BASIS, r"document|inherited|editorial"),
            "passage": text(FILLED),
        },
        unique=["edition", "driver", "mission"],
        strict=True,
    ),
    "driver_goals.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "driver": text(COUNT, r"\d+"),
            "mission": text(COUNT, r"\d+"),
            "number": text(COUNT, r"\d+"),
            "basis": text(_BASIS, r"document|inherited|editorial"),
            "passage": text(FILLED),
        },
        unique=["edition", "driver", "mission", "number"],
        strict=True,
    ),
    "partnerships.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "number": text(COUNT, r"\d+"),
            "partner_it": text(SHORT, TITLE),
            "partner_en": text(SHORT, TITLE),
            "purpose_it": text(FILLED),
            "purpose_en": text(FILLED),
            "reference": text(FILLED),
        },
        unique=["edition", "number"],
        strict=True,
    ),
    "partner_links.csv": pa.DataFrameSchema(
        {
            "edition": text(NAME, IDENTIFIER),
            "number": text(COUNT, r"\d+"),
            "kind": text(_PARTNER_LINK, "|".join(PARTNER_LINK_KINDS)),
            "partner_edition": text(NAME, IDENTIFIER),
            "partner_number": text(COUNT, r"\d+"),
            "passage": text(FILLED),
        },
        unique=["edition", "number", "partner_edition", "partner_number"],
        strict=True,
    ),
    "scopes.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "scope": text(_SCOPE, "|".join(SCOPES)),
            "parameter": text(FREE, blank=True),
            "basis": text(_BASIS, r"document|editorial"),
            "reason_it": text(FILLED),
            "reason_en": text(FILLED),
        },
        unique=["edition", "mission", "number"],
        strict=True,
    ),
    "focuses.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "rule": text(_FOCUS, "|".join(FOCUS_RULES)),
            "parameter": text(FREE, blank=True),
            "name_it": text(SHORT, TITLE),
            "name_en": text(SHORT, TITLE),
            "basis": text(_BASIS, r"document|editorial"),
            "passage": text(FILLED),
            "reason_it": text(FILLED),
            "reason_en": text(FILLED),
        },
        unique=["edition", "mission", "number", "rule", "parameter"],
        strict=True,
    ),
    "scope_lists.csv": pa.DataFrameSchema(
        {
            "list": text(NAME, r"[a-z0-9_]+"),
            "municipality_code": text(_CODE, CODE_PATTERN),
            "municipality": text(FILLED),
            "fact_it": text(FILLED),
            "fact_en": text(FILLED),
            "source": text(FILLED),
            "address": text(FREE, blank=True),
        },
        strict=True,
    ),
}
