"""Tables of the plan put together into one :class:`~psttm_geo.plan.records.Plan` per edition."""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from psttm_geo.core.messages import Text
from psttm_geo.plan.levels import resolve_marks
from psttm_geo.plan.records import Counted, Edition, Plan
from psttm_geo.schema.code_lists import GOAL_KEY

_NUMBERS = ("mission", "number", "driver", "from_mission", "from_number", "to_mission", "to_number")


def with_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of text with its numbers of missions, goals and drivers as whole numbers, NA where blank."""
    numbers = {name: table[name].replace("", None).astype("Int64") for name in _NUMBERS if name in table.columns}
    return table.assign(
        **{name: column if column.isna().any() else column.astype("int64") for name, column in numbers.items()}
    )


def build_plans(tables: Mapping[str, pd.DataFrame], editions: Sequence[str]) -> tuple[Plan, ...]:
    """Build the plans of the editions wanted.

    Parameters
    ----------
    tables
        By file name, right by their contracts and with each other.
    editions
        Identifiers; all editions where empty. Marks are inherited from editions that are left out, too.

    Returns
    -------
    tuple of Plan
        In the order of ``editions.csv``.
    """
    goals = _goals(tables)
    told = {**tables, "drivers.csv": _drivers(tables["drivers.csv"])}
    return tuple(
        _plan(row, told, goals)
        for row in tables["editions.csv"].to_dict("records")
        if not editions or row["edition"] in editions
    )


def _goals(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the goals of all editions with their marks and scopes, and what they name in particular."""
    goals = with_numbers(tables["goals.csv"])
    written = with_numbers(tables["goal_marks.csv"])
    marks = resolve_marks(
        goals,
        written.assign(doubtful=written["doubtful"] == "si"),
        with_numbers(tables["goal_links.csv"]),
        _named_levels(tables),
    )
    scopes = with_numbers(tables["scopes.csv"]).rename(
        columns={name: f"scope_{name}" for name in ("basis", "reason_it", "reason_en")}
    )
    for other in (marks, scopes, _focus_names(with_numbers(tables["focuses.csv"]))):
        goals = goals.merge(other, on=GOAL_KEY, how="left", validate="1:1")
    named = {name: goals[name].astype(object).where(goals[name].notna(), None) for name in _FOCUS}
    return goals.assign(**named)


_FOCUS = ("focus_it", "focus_en")


def _focus_names(focuses: pd.DataFrame) -> pd.DataFrame:
    """Return what each goal names in particular, as one text in each language."""
    named = focuses.rename(columns={"name_it": "focus_it", "name_en": "focus_en"})
    return named.groupby(GOAL_KEY, sort=False)[list(_FOCUS)].agg("; ".join).reset_index()


def _named_levels(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the levels that texts of goals name, with ``passage``: what the text says, and in which of its lines."""
    texts = with_numbers(tables["goal_text_levels.csv"])
    many = " (righe " + texts["first_line"] + "-" + texts["last_line"] + ")"
    one = " (riga " + texts["first_line"] + ")"
    return texts.assign(passage=texts["reading"] + many.mask(texts["first_line"] == texts["last_line"], one))


def _vision(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the marks of all editions: an edition that confirms the vision of another has its marks.

    A mark of an edition's own matrix stays as it is; what is unknown there is taken from the confirmed edition.
    """
    vision = tables["vision.csv"]
    confirmed = dict(tables["vision_confirmations.csv"][["edition", "confirmed"]].itertuples(index=False, name=None))
    marks = vision.set_index(["edition", "key_word", "mission"])["mark"].to_dict()

    def origin(edition: str, key_word: str, mission: str) -> str:
        while marks.get((edition, key_word, mission), "non_noto") == "non_noto" and edition in confirmed:
            edition = confirmed[edition]
        return edition

    keys = list(vision[["edition", "key_word", "mission"]].itertuples(index=False, name=None))
    origins = [origin(*key) for key in keys]
    return vision.assign(
        mark=[marks.get((edition, *key[1:]), "non_noto") for edition, key in zip(origins, keys, strict=True)],
        mark_edition=origins,
    )


def _partnerships(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the partnerships with ``partner``, the same for one partner under two names, and ``names``."""
    rows = tables["partnerships.csv"]
    keys = list(rows[["edition", "number"]].itertuples(index=False, name=None))
    partner = dict(zip(keys, rows["partner_it"], strict=True))
    names: dict[tuple[str, str], list[str]] = {}
    for link in tables["partner_links.csv"].to_dict("records"):
        here, there = (link["edition"], link["number"]), (link["partner_edition"], link["partner_number"])
        if link["kind"] == "same":
            partner[here] = partner[there]
        else:
            names.setdefault(here, []).append(partner[there])
    named = pd.Series([tuple(names.get(key, ())) for key in keys], index=rows.index, dtype="object")
    return rows.assign(partner=[partner[key] for key in keys], names=named)


def _drivers(table: pd.DataFrame) -> pd.DataFrame:
    """Say of each driver whether its number stands for the same driver in every edition: one title, one driver."""
    return table.assign(same_in_all=table.groupby("driver")["title_it"].transform("nunique") == 1)


def _counted(edition: str, tables: Mapping[str, pd.DataFrame]) -> Counted | None:
    """Return what the projects are that a document counts among the results of an edition."""
    rows = tables["counted_projects.csv"]
    sources = tables["sources.csv"].set_index("source")["title"]
    for row in rows[rows["edition"] == edition].to_dict("records"):
        return Counted(
            kind=Text(row["kind_it"], row["kind_en"]),
            note=Text(row["note_it"], row["note_en"]),
            document=str(sources[row["source"]]),
            reference=row["reference"],
        )
    return None


def _plan(row: Mapping[Hashable, str], tables: Mapping[str, pd.DataFrame], goals: pd.DataFrame) -> Plan:
    edition = row["edition"]

    def mine(table: pd.DataFrame) -> pd.DataFrame:
        return with_numbers(table[table["edition"] == edition].reset_index(drop=True))

    return Plan(
        edition=Edition(
            identifier=edition,
            title=Text(row["title_it"], row["title_en"]),
            approved_on=row["approved_on"],
            approval_act=row["approval_act"],
            boundary_date=row["boundary_date"],
            zone_count=int(row["zone_count"]),
            union_count=int(row["union_count"]),
            project_count=int(row["project_count"]) if row["project_count"] else None,
            project_amount_eur=int(row["project_amount_eur"]) if row["project_amount_eur"] else None,
            source=row["source"],
            counted=_counted(edition, tables),
            years=(int(row["first_year"]), int(row["last_year"])),
        ),
        unions=mine(tables["unions.csv"])[["union", "municipality_code"]],
        missions=mine(tables["missions.csv"]),
        goals=goals[goals["edition"] == edition].sort_values(["mission", "number"]).reset_index(drop=True),
        focuses=mine(tables["focuses.csv"]),
        drivers=mine(tables["drivers.csv"]),
        driver_missions=mine(tables["driver_missions.csv"]),
        driver_goals=mine(tables["driver_goals.csv"]),
        vision=mine(_vision(tables)),
        partnerships=mine(_partnerships(tables)),
    )
