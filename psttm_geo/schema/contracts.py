"""Contracts of the tables under ``data/``, and faults found when a table breaks its contract."""

from collections.abc import Hashable
from datetime import date
from typing import Any

import pandas as pd
import pandera.pandas as pa

from psttm_geo.core.errors import Fault, Text
from psttm_geo.schema.code_lists import (
    DOWNLOAD_GROUPS,
    FOCUS_RULES,
    LEVELS,
    LINK_KINDS,
    PARTNER_LINK_KINDS,
    SCOPES,
    SMOOTHNESS,
)
from psttm_geo.schema.istat_codes import CODE_PATTERN
from psttm_geo.schema.layers import AGE_BANDS

HEADER_LINES = 1
"""Lines above the first row of a table file; row numbers in faults count from the top of the file."""

_SHA256 = r"[0-9a-f]{64}"
_IDENTIFIER = r"[a-z0-9][a-z0-9_-]*"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(*, blank: bool = False) -> pa.Column:
    """Describe a column of dates."""
    return pa.Column(
        str,
        pa.Check(lambda text: (blank and not text) or _is_day(text), element_wise=True, error=_DAY.it),
        metadata={"expected": _DAY},
    )


def _text(
    expected: Text,
    pattern: str = r"\S(.*\S)?",
    *,
    unique: bool = False,
    blank: bool = False,
    default: str | None = None,
) -> pa.Column:
    """Describe a text column by a pattern and the sentence that says what was expected.

    With a `default` a table may leave the column out.
    """
    full = rf"(?:{pattern}){'?' if blank else ''}"
    return pa.Column(
        str,
        pa.Check.str_matches(rf"^{full}$", error=expected.it),
        unique=unique,
        required=default is None,
        metadata={"expected": expected, "default": default},
    )


_FILLED = Text("un testo non vuoto, senza spazi ai bordi", "a text that is not blank, without outer spaces")
_FREE = Text("un testo senza spazi ai bordi, o niente", "a text without outer spaces, or nothing")
_CODE = Text("un codice ISTAT di sei cifre, come 015146", "a six-digit ISTAT code such as 015146")
_DAY = Text("una data AAAA-MM-GG", "a date YYYY-MM-DD")
_YEAR = Text("un anno di quattro cifre", "a year of four digits")
_COUNT = Text("un numero intero", "a whole number")
_NUMBER = Text("un numero, decimali dopo il punto", "a number, decimals after the point")
_NAME = Text(
    "un identificativo di lettere minuscole, cifre, trattini",
    "an identifier of lower-case letters, digits, hyphens",
)
_LINK = Text("un legame: " + ", ".join(LINK_KINDS), "a link: " + ", ".join(LINK_KINDS))
_SCOPE = Text("un ambito: " + ", ".join(SCOPES), "a scope: " + ", ".join(SCOPES))
_FOCUS = Text("una regola: " + ", ".join(FOCUS_RULES), "a rule: " + ", ".join(FOCUS_RULES))
_BASIS = Text("document, inherited o editorial", "document, inherited or editorial")
_MARK = Text("si, non_indicato o non_noto", "si, non_indicato or non_noto")
_LEVEL = Text("un livello: " + ", ".join(LEVELS), "a level: " + ", ".join(LEVELS))
_PARTNER_LINK = Text("un legame: " + ", ".join(PARTNER_LINK_KINDS), "a link: " + ", ".join(PARTNER_LINK_KINDS))
_YES = Text("si o no", "si or no")
_YES_OR_NOTHING = Text("si, no o niente", "si, no or nothing")
_OBJECT = Text("way o node", "way or node")
_PATH = Text(
    "un percorso che comincia con /, con {year} dove sta l'anno", "a path from / on, {year} where the year stands"
)
_KIND = Text("csv, pbf o zip", "csv, pbf or zip")
_SERVER = Text("un indirizzo https:// senza percorso", "an address https:// without a path")
_WHAT = Text("un gruppo: " + ", ".join(DOWNLOAD_GROUPS), "a group: " + ", ".join(DOWNLOAD_GROUPS))
_SHORT = Text(
    "un titolo di al massimo 110 caratteri, senza spazi ai bordi",
    "a title of at most 110 characters, without outer spaces",
)

_MARKS = r"si|non_indicato|non_noto"
_TITLE = r"(?=.{1,110}$)\S(?:.*\S)?"

_MODE = Text("replaces o completes", "replaces or completes")
_CATEGORY_OR_ALL = Text("una categoria di services.csv, o * per tutte", "a category of services.csv, or * for all")
_CATEGORY = Text("una categoria di services.csv", "a category of services.csv")

_SMOOTHNESS = Text(
    f"un grado di OSM ({', '.join(SMOOTHNESS)}), o niente", f"a grade of OSM ({', '.join(SMOOTHNESS)}), or nothing"
)
_SPEED = Text(
    "una velocità a piedi in metri al secondo, da 0.1 a 3, decimali dopo il punto",
    "a walking speed in metres per second, from 0.1 to 3, decimals after the point",
)
_WALKING_SPEED = r"0\.[1-9]\d*|[12](\.\d+)?|3(\.0+)?"
_BAND = "|".join(AGE_BANDS)
_BANDS = Text(
    f"fasce d'età separate da spazi: {', '.join(AGE_BANDS)}", f"age bands parted by spaces: {', '.join(AGE_BANDS)}"
)

_SUM = Text("un'impronta SHA-256 di 64 cifre esadecimali", "a SHA-256 of 64 hexadecimal digits")


def _goal() -> dict[str, pa.Column]:
    """Describe the three columns that name a goal."""
    return {
        "edition": _text(_NAME, _IDENTIFIER),
        "mission": _text(_COUNT, r"\d+"),
        "number": _text(_COUNT, r"\d+"),
    }


def _lines() -> dict[str, pa.Column]:
    """Describe the columns that name lines of a document, and what they say."""
    return {
        "source": _text(_NAME, _IDENTIFIER),
        "first_line": _text(_COUNT, r"[1-9]\d*"),
        "last_line": _text(_COUNT, r"[1-9]\d*"),
        "reading": _text(_FILLED),
    }


SCHEMAS = {
    "editions.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER, unique=True),
            "first_year": _text(_YEAR, r"\d{4}"),
            "last_year": _text(_YEAR, r"\d{4}"),
            "title_it": _text(_FILLED),
            "title_en": _text(_FILLED),
            "approved_on": _day(blank=True),
            "approval_act": _text(_FREE, blank=True),
            "boundary_date": _day(),
            "municipality_count": _text(_COUNT, r"\d+"),
            "zone_count": _text(_COUNT, r"\d+"),
            "union_count": _text(_COUNT, r"\d+"),
            "project_count": _text(_COUNT, r"\d+", blank=True),
            "project_amount_eur": _text(_COUNT, r"\d+", blank=True),
            "source": _text(_NAME, _IDENTIFIER),
        },
        strict=True,
    ),
    "counted_projects.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER, unique=True),
            "kind_it": _text(_FILLED),
            "kind_en": _text(_FILLED),
            "note_it": _text(_FILLED),
            "note_en": _text(_FILLED),
            "source": _text(_NAME, _IDENTIFIER),
            "reference": _text(_FILLED),
        },
        strict=True,
    ),
    "zone_names.csv": pa.DataFrameSchema(
        {
            "number": _text(_COUNT, r"\d+", unique=True),
            "zone": _text(_FILLED, unique=True),
        },
        strict=True,
    ),
    "zones.csv": pa.DataFrameSchema(
        {
            "municipality_code": _text(_CODE, CODE_PATTERN),
            "municipality": _text(_FILLED),
            "zone": _text(_FILLED),
            "written_as": _text(_FREE, blank=True),
        },
        strict=True,
    ),
    "unions.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "union": _text(_FILLED),
            "municipality_code": _text(_CODE, CODE_PATTERN),
            "municipality": _text(_FILLED),
            "written_as": _text(_FREE, blank=True),
        },
        strict=True,
    ),
    "predecessors.csv": pa.DataFrameSchema(
        {
            "municipality_code": _text(_CODE, CODE_PATTERN, unique=True),
            "municipality": _text(_FILLED),
            "successor_code": _text(_CODE, CODE_PATTERN),
            "successor": _text(_FILLED),
        },
        strict=True,
    ),
    "missions.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "mission": _text(_COUNT, r"\d+"),
            "title_it": _text(_SHORT, _TITLE),
            "title_en": _text(_SHORT, _TITLE),
            "goal_count": _text(_COUNT, r"\d+"),
        },
        unique=["edition", "mission"],
        strict=True,
    ),
    "key_words.csv": pa.DataFrameSchema(
        {
            "key_word": _text(_NAME, _IDENTIFIER, unique=True),
            "title_it": _text(_SHORT, _TITLE),
            "title_en": _text(_SHORT, _TITLE),
        },
        strict=True,
    ),
    "goals.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "title_it": _text(_SHORT, _TITLE),
            "title_en": _text(_SHORT, _TITLE),
            "reference": _text(_FILLED),
            "measure": _text(_NAME, _IDENTIFIER, blank=True),
            "note": _text(_FREE, blank=True),
        },
        unique=["edition", "mission", "number"],
        strict=True,
    ),
    "goal_marks.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "metropolitan_city": _text(_MARK, _MARKS),
            "municipalities": _text(_MARK, _MARKS),
            "others": _text(_MARK, _MARKS),
            "doubtful": _text(_YES, r"si|no"),
        },
        unique=["edition", "mission", "number"],
        strict=True,
    ),
    "goal_text_levels.csv": pa.DataFrameSchema(
        {**_goal(), "level": _text(_LEVEL, "|".join(LEVELS)), **_lines()},
        unique=["edition", "mission", "number", "level"],
        strict=True,
    ),
    "goal_links.csv": pa.DataFrameSchema(
        {
            "from_edition": _text(_NAME, _IDENTIFIER, blank=True),
            "from_mission": _text(_COUNT, r"\d+", blank=True),
            "from_number": _text(_COUNT, r"\d+", blank=True),
            "to_edition": _text(_NAME, _IDENTIFIER, blank=True),
            "to_mission": _text(_COUNT, r"\d+", blank=True),
            "to_number": _text(_COUNT, r"\d+", blank=True),
            "kind": _text(_LINK, "|".join(LINK_KINDS)),
            "note": _text(_FREE, blank=True),
        },
        unique=["from_edition", "from_mission", "from_number", "to_edition", "to_mission", "to_number"],
        strict=True,
    ),
    "vision.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "key_word": _text(_NAME, _IDENTIFIER),
            "mission": _text(_COUNT, r"\d+"),
            "mark": _text(_MARK, _MARKS),
        },
        unique=["edition", "key_word", "mission"],
        strict=True,
    ),
    "vision_confirmations.csv": pa.DataFrameSchema(
        {"edition": _text(_NAME, _IDENTIFIER, unique=True), "confirmed": _text(_NAME, _IDENTIFIER), **_lines()},
        strict=True,
    ),
    "drivers.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "driver": _text(_COUNT, r"\d+"),
            "title_it": _text(_SHORT, _TITLE),
            "title_en": _text(_SHORT, _TITLE),
            "summary_it": _text(_FILLED),
            "summary_en": _text(_FILLED),
            "title_basis": _text(_BASIS, r"document|inherited|editorial"),
            "reference": _text(_FILLED),
        },
        unique=["edition", "driver"],
        strict=True,
    ),
    "driver_missions.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "driver": _text(_COUNT, r"\d+"),
            "mission": _text(_COUNT, r"\d+"),
            "basis": _text(_BASIS, r"document|inherited|editorial"),
            "passage": _text(_FILLED),
        },
        unique=["edition", "driver", "mission"],
        strict=True,
    ),
    "driver_goals.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "driver": _text(_COUNT, r"\d+"),
            "mission": _text(_COUNT, r"\d+"),
            "number": _text(_COUNT, r"\d+"),
            "basis": _text(_BASIS, r"document|inherited|editorial"),
            "passage": _text(_FILLED),
        },
        unique=["edition", "driver", "mission", "number"],
        strict=True,
    ),
    "partnerships.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "number": _text(_COUNT, r"\d+"),
            "partner_it": _text(_SHORT, _TITLE),
            "partner_en": _text(_SHORT, _TITLE),
            "purpose_it": _text(_FILLED),
            "purpose_en": _text(_FILLED),
            "reference": _text(_FILLED),
        },
        unique=["edition", "number"],
        strict=True,
    ),
    "partner_links.csv": pa.DataFrameSchema(
        {
            "edition": _text(_NAME, _IDENTIFIER),
            "number": _text(_COUNT, r"\d+"),
            "kind": _text(_PARTNER_LINK, "|".join(PARTNER_LINK_KINDS)),
            "partner_edition": _text(_NAME, _IDENTIFIER),
            "partner_number": _text(_COUNT, r"\d+"),
            "passage": _text(_FILLED),
        },
        unique=["edition", "number", "partner_edition", "partner_number"],
        strict=True,
    ),
    "scopes.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "scope": _text(_SCOPE, "|".join(SCOPES)),
            "parameter": _text(_FREE, blank=True),
            "basis": _text(_BASIS, r"document|editorial"),
            "reason_it": _text(_FILLED),
            "reason_en": _text(_FILLED),
        },
        unique=["edition", "mission", "number"],
        strict=True,
    ),
    "focuses.csv": pa.DataFrameSchema(
        {
            **_goal(),
            "rule": _text(_FOCUS, "|".join(FOCUS_RULES)),
            "parameter": _text(_FREE, blank=True),
            "name_it": _text(_SHORT, _TITLE),
            "name_en": _text(_SHORT, _TITLE),
            "basis": _text(_BASIS, r"document|editorial"),
            "passage": _text(_FILLED),
            "reason_it": _text(_FILLED),
            "reason_en": _text(_FILLED),
        },
        unique=["edition", "mission", "number", "rule", "parameter"],
        strict=True,
    ),
    "scope_lists.csv": pa.DataFrameSchema(
        {
            "list": _text(_NAME, r"[a-z0-9_]+"),
            "municipality_code": _text(_CODE, CODE_PATTERN),
            "municipality": _text(_FILLED),
            "fact_it": _text(_FILLED),
            "fact_en": _text(_FILLED),
            "source": _text(_FILLED),
            "address": _text(_FREE, blank=True),
        },
        strict=True,
    ),
    "registers.csv": pa.DataFrameSchema(
        {
            "register": _text(_NAME, _IDENTIFIER, unique=True),
            "title": _text(_FILLED),
            "publisher": _text(_FILLED),
            "address": _text(_FREE, blank=True),
            "licence": _text(_FILLED),
            "mode": _text(_MODE, r"replaces|completes"),
            "crs": _text(_FILLED),
            "name": _text(_FILLED),
            "code": _text(_FREE, blank=True),
            "x": _text(_FILLED),
            "y": _text(_FILLED),
            "municipality_code": _text(_FREE, blank=True),
            "municipality": _text(_FREE, blank=True),
            "type": _text(_FREE, blank=True),
        },
        strict=True,
    ),
    "register_categories.csv": pa.DataFrameSchema(
        {
            "register": _text(_NAME, _IDENTIFIER),
            "type": _text(_FILLED),
            "category": _text(_CATEGORY, r"[a-z0-9_]+", blank=True),
            "reason_it": _text(_FREE, blank=True),
            "reason_en": _text(_FREE, blank=True),
        },
        unique=["register", "type"],
        strict=True,
    ),
    "walkable.csv": pa.DataFrameSchema(
        {
            "object": _text(_OBJECT, r"way|node"),
            "key": _text(_FILLED),
            "value": _text(_FILLED),
            "rank": _text(_COUNT, r"[1-9]", blank=True),
            "verdict": _text(_YES_OR_NOTHING, r"si|no", blank=True),
            "flag": _text(_FREE, blank=True),
            "kerb_cm": _text(_COUNT, r"\d{1,2}", blank=True),
            "reason_it": _text(_FILLED),
            "reason_en": _text(_FILLED),
        },
        unique=["object", "key", "value"],
        strict=True,
    ),
    "services.csv": pa.DataFrameSchema(
        {
            "category": _text(_NAME, r"[a-z0-9_]+"),
            "name_it": _text(_SHORT, _TITLE),
            "name_en": _text(_SHORT, _TITLE),
            "icon": _text(_FILLED),
            "essential": _text(_YES, r"si|no"),
            "reason_it": _text(_FILLED, default=""),
            "reason_en": _text(_FILLED, default=""),
            "source": _text(_FILLED, default=""),
            "key": _text(_FILLED),
            "value": _text(_FILLED),
            "and_key": _text(_FREE, blank=True),
            "and_value": _text(_FREE, blank=True),
            "level_unknown": _text(_YES, r"si|no"),
            "open_air": _text(_YES, r"si|no", default="no"),
            "note_it": _text(_FREE, blank=True, default=""),
            "note_en": _text(_FREE, blank=True, default=""),
        },
        unique=["category", "key", "value", "and_key", "and_value"],
        strict=True,
    ),
    "closed_services.csv": pa.DataFrameSchema(
        {
            "category": _text(_CATEGORY_OR_ALL, r"[a-z0-9_]+|\*"),
            "key": _text(_FILLED),
            "value": _text(_FILLED),
            "rank": _text(_COUNT, r"[1-9]", blank=True),
            "verdict": _text(_YES_OR_NOTHING, r"si|no", blank=True),
            "reason_it": _text(_FILLED),
            "reason_en": _text(_FILLED),
        },
        unique=["category", "key", "value"],
        strict=True,
    ),
    "profiles.csv": pa.DataFrameSchema(
        {
            "profile": _text(_NAME, r"[a-z0-9_]+", unique=True),
            "name_it": _text(_SHORT, _TITLE),
            "name_en": _text(_SHORT, _TITLE),
            "speed_m_s": _text(_SPEED, _WALKING_SPEED),
            "steps_speed_m_s": _text(_SPEED, _WALKING_SPEED, blank=True),
            "crossing_s": _text(_NUMBER, r"\d+(\.\d+)?"),
            "kerb_max_cm": _text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "slope_max_percent": _text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "ramp_max_percent": _text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "width_min_cm": _text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "smoothness_worst": _text(_SMOOTHNESS, "|".join(SMOOTHNESS), blank=True),
            "rough": _text(_YES_OR_NOTHING, r"si|no", blank=True),
            "limits_source": _text(_FREE, blank=True),
            "bands": _text(_BANDS, rf"({_BAND})( ({_BAND}))*", blank=True),
            "reason_it": _text(_FILLED),
            "reason_en": _text(_FILLED),
            "source": _text(_FILLED),
            "address": _text(_FILLED, r"https://\S+"),
        },
        strict=True,
    ),
    "features.csv": pa.DataFrameSchema(
        {
            "feature": _text(_NAME, r"[a-z0-9_]+"),
            "name_it": _text(_SHORT, _TITLE),
            "name_en": _text(_SHORT, _TITLE),
            "key": _text(_FILLED),
            "value": _text(_FILLED),
            "name_pattern": _text(_FREE, blank=True),
        },
        unique=["feature", "key", "value", "name_pattern"],
        strict=True,
    ),
    "downloads.csv": pa.DataFrameSchema(
        {
            "download": _text(_NAME, _IDENTIFIER, unique=True),
            "what": _text(_WHAT, "|".join(DOWNLOAD_GROUPS)),
            "title_it": _text(_FILLED),
            "title_en": _text(_FILLED),
            "publisher": _text(_FILLED),
            "server": _text(_SERVER, r"https://[^/\s]+"),
            "mirror_setting": _text(_NAME, r"[a-z0-9_]+_url"),
            "path": _text(_PATH, r"/\S+"),
            "checksum_path": _text(_PATH, r"/\S+", blank=True),
            "file": _text(_FILLED, r"[^/\\\s]+"),
            "kind": _text(_KIND, r"csv|pbf|zip"),
            "expects": _text(_FREE, blank=True),
            "first_year": _text(_YEAR, r"\d{4}", blank=True),
            "last_year": _text(_YEAR, r"\d{4}", blank=True),
            "latest_year": _text(_YEAR, r"\d{4}", blank=True),
            "size_mb": _text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "licence": _text(_FILLED),
            "attribution": _text(_FILLED),
            "page": _text(_FILLED, r"https://\S+"),
        },
        strict=True,
    ),
    "sources.csv": pa.DataFrameSchema(
        {
            "source": _text(_NAME, _IDENTIFIER, unique=True),
            "file": _text(_FREE, blank=True),
            "title": _text(_FILLED),
            "publisher": _text(_FILLED),
            "address": _text(_FREE, blank=True),
            "reference_date": _day(),
            "taken_on": _day(),
            "licence": _text(_FILLED),
            "attribution": _text(_FILLED),
            "sha256": _text(_SUM, _SHA256, blank=True),
        },
        strict=True,
    ),
}


def contract_faults(name: str, table: pd.DataFrame) -> list[Fault]:
    """Return every place where a table breaks its contract.

    Parameters
    ----------
    name
        File name, a key of :data:`SCHEMAS`.
    table
        All columns as text, blank cells as empty text.

    Returns
    -------
    list of Fault
        In the order of the file; empty when the table is right.
    """
    schema = SCHEMAS[name]
    missing = [name for name, column in schema.columns.items() if column.required and name not in table.columns]
    surplus = [column for column in table.columns if column not in schema.columns]
    if missing or surplus:
        return [_columns_fault(name, missing, surplus)]
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases.dropna(subset=["index"]).sort_values(["index", "column"])
        # A key of several columns fails once per column: told once.
        joint = cases["check"].astype(str).str.startswith("multiple_fields")
        cases = cases[~joint | ~cases.duplicated(["index", "check"])]
        return [_case_fault(name, schema, case) for case in cases.to_dict("records")]
    return []


def with_defaults(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that a table leaves out and may leave out, each with the cell that stands for nothing said."""
    columns = SCHEMAS[name].columns.items()
    left_out = {key: column.metadata["default"] for key, column in columns if key not in table and not column.required}
    return table.assign(**left_out)


def _columns_fault(name: str, missing: list[str], surplus: list[str]) -> Fault:
    expected = ",".join(SCHEMAS[name].columns)
    parts_it = [f"mancano le colonne {', '.join(missing)}"] if missing else []
    parts_en = [f"columns {', '.join(missing)} are missing"] if missing else []
    if surplus:
        parts_it.append(f"colonne non previste: {', '.join(surplus)}")
        parts_en.append(f"unexpected columns: {', '.join(surplus)}")
    return Fault(
        name,
        HEADER_LINES,
        Text(
            it=f"{'; '.join(parts_it)}; l'intestazione attesa è «{expected}», separata da virgole.",
            en=f"{'; '.join(parts_en)}; the header expected is “{expected}”, separated by commas.",
        ),
    )


def _case_fault(name: str, schema: pa.DataFrameSchema, case: dict[Hashable, Any]) -> Fault:
    """Say one failure case of pandera in words."""
    row, check, column, value = (
        int(case["index"]) + HEADER_LINES + 1,
        str(case["check"]),
        case["column"],
        case["failure_case"],
    )
    if check.startswith("multiple_fields"):
        key = ", ".join(schema.unique)
        return Fault(
            name,
            row,
            Text(
                it=f"la riga ripete la chiave {key} di un'altra; tenere una sola riga.",
                en=f"the row repeats the key {key} of another one; keep one row only.",
            ),
        )
    if "unique" in check:
        return Fault(
            name,
            row,
            Text(
                it=f"«{column}» ripete «{value}»; tenere una sola riga.",
                en=f"“{column}” repeats “{value}”; keep one row only.",
            ),
        )
    expected = schema.columns[column].metadata["expected"]
    return Fault(
        name,
        row,
        Text(
            it=f"«{column}» vale «{value}», atteso {expected.it}; correggere la cella.",
            en=f"“{column}” is “{value}”, expected {expected.en}; correct the cell.",
        ),
    )
