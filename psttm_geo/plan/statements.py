"""What the documents state beside the goals: who acts, acts, stages, instruments, bodies, results; with passages."""

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import pandas as pd

from psttm_geo.plan.editions import with_numbers
from psttm_geo.plan.records import Plan
from psttm_geo.schema.code_lists import GOAL_KEY
from psttm_geo.schema.coded_values import CODE_LISTS

_NAMED_OTHERWISE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "temi_missioni": ("mission_themes.csv", {}),
    "dimensioni": ("plan_dimensions.csv", {"number": "position"}),
    "attori": ("actors.csv", {"kind": "actor_kind"}),
    "obiettivi_attori": ("goal_actors.csv", {"role": "actor_role"}),
    "legami_obiettivi": ("goal_links.csv", {"kind": "link_kind", "note": "link_note"}),
    "strumenti": ("instruments.csv", {"kind": "instrument_kind"}),
    "obiettivi_strumenti": ("goal_instruments.csv", {}),
    "atti_del_piano": (
        "acts.csv",
        {
            "date": "act_date",
            "kind": "act_kind",
            "number": "act_number",
            "body_it": "deciding_body_it",
            "body_en": "deciding_body_en",
            "title_it": "act_title_it",
            "title_en": "act_title_en",
        },
    ),
    "fasi_del_processo": ("stages.csv", {"number": "position", "begins": "start_date", "ends": "end_date"}),
    "organismi": ("bodies.csv", {"body": "plan_body", "kind": "plan_body_kind"}),
    "supporto_ai_comuni": ("municipal_services.csv", {"service": "municipal_service"}),
    "risultati": ("edition_results.csv", {"number": "position", "kind": "result_kind"}),
}
"""By layer, the table that it repeats, and the columns that have another name there."""

STATEMENTS = (
    *("missioni", "temi_missioni", "parole_chiave", "visione", "dimensioni"),
    *(
        "attori",
        "obiettivi_attori",
        "legami_obiettivi",
        "strumenti",
        "obiettivi_strumenti",
        "atti_del_piano",
        "fasi_del_processo",
    ),
    *("organismi", "supporto_ai_comuni", "risultati", "partenariati", "driver_missioni", "driver_obiettivi"),
)
"""Names of the layers that repeat what the documents state, in the order of the contract."""

WHOLE_STATEMENTS = tuple(name for name in STATEMENTS if not name.startswith(("obiettivi_", "driver_obiettivi")))
"""Those that are about the whole territory: every part of it has them."""

_EDITIONS = ("edition", "from_edition", "to_edition")

_LINES = ("first_line", "last_line", "position")


def statement_layers(tables: Mapping[str, pd.DataFrame], plans: Sequence[Plan]) -> dict[str, pd.DataFrame]:
    """Return the layers of :data:`STATEMENTS`.

    Parameters
    ----------
    tables
        By file name, right by their contracts and with each other.
    plans
        Of the editions wanted; a row that belongs to no edition is given too.

    Returns
    -------
    dict
        Tables with the columns of their layers; ``source`` names the documents of those that have passages. What a
        document does not state is None.
    """
    editions = {plan.edition.identifier for plan in plans}
    layers = {
        name: _of_editions(tables[file], editions).rename(columns=dict(names))
        for name, (file, names) in _NAMED_OTHERWISE.items()
    }
    links = layers["legami_obiettivi"]
    layers |= {
        "legami_obiettivi": links.assign(link=_goal_names(links, "from") + " > " + _goal_names(links, "to")),
        "missioni": _joined(plans, "missions"),
        "parole_chiave": _key_words(tables, editions),
        "visione": _joined(plans, "vision").rename(columns={"mark": "vision_mark", "mark_edition": "vision_edition"}),
        "partenariati": _joined(plans, "partnerships").rename(columns={"number": "position"}),
    }
    for name, of in (("driver_missioni", "driver_missions"), ("driver_obiettivi", "driver_goals")):
        layers[name] = _joined(plans, of).rename(columns={"basis": "reading_basis", "passage": "link_reading"})
    titles = dict(zip(tables["sources.csv"]["source"], tables["sources.csv"]["title"], strict=True))
    return {name: _typed(layers[name], titles) for name in STATEMENTS}


def goal_actors(statements: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of ``obiettivi_attori`` with ``name_it`` and ``name_en`` of the actor, in the order of actors."""
    actors = statements["attori"]
    named = statements["obiettivi_attori"].merge(actors, on="actor", how="left", validate="m:1")
    rank = named["actor"].map({actor: position for position, actor in enumerate(actors["actor"])})
    return named.assign(rank=rank).sort_values([*GOAL_KEY, "rank"]).drop(columns="rank").reset_index(drop=True)


def with_actors(goals: gpd.GeoDataFrame, statements: Mapping[str, pd.DataFrame]) -> gpd.GeoDataFrame:
    """Add ``actors_it``: whom the text of each goal names, with the role; missing where it names nobody."""
    roles = CODE_LISTS["ruolo"].meanings
    rows = goal_actors(statements)
    said = rows["name_it"] + " (" + rows["actor_role"].map({role: text.it for role, text in roles.items()}) + ")"
    listed = said.groupby([rows[name] for name in GOAL_KEY], sort=False).agg("; ".join).rename("actors_it")
    joined = goals.merge(listed.reset_index(), on=GOAL_KEY, how="left", validate="1:1")
    return joined.assign(actors_it=joined["actors_it"].astype(object).where(joined["actors_it"].notna(), None))


def _of_editions(table: pd.DataFrame, editions: Iterable[str]) -> pd.DataFrame:
    """Return the rows of a table that are about some editions, or about none."""
    columns = [name for name in _EDITIONS if name in table.columns]
    if not columns:
        return table
    kept: pd.DataFrame = table[table[columns].isin(editions).any(axis=1) | (table[columns] == "").all(axis=1)]
    return kept


def _joined(plans: Sequence[Plan], name: str) -> pd.DataFrame:
    tables: list[pd.DataFrame] = [getattr(plan, name) for plan in plans]
    return pd.concat(tables, ignore_index=True)


def _key_words(tables: Mapping[str, pd.DataFrame], editions: Iterable[str]) -> pd.DataFrame:
    """Return the key words of the visions with the definition of each edition, missing where it gives none."""
    pairs = _of_editions(tables["vision.csv"], editions)[["edition", "key_word"]].drop_duplicates()
    titled = pairs.merge(tables["key_words.csv"], on="key_word", how="left", validate="m:1")
    keys = ["edition", "key_word"]
    joined = titled.merge(tables["key_word_definitions.csv"], on=keys, how="left", validate="1:1")
    defined: pd.DataFrame = joined.fillna("")
    return defined


def _goal_names(links: pd.DataFrame, side: str) -> pd.Series:
    """Return the goals of a side of links, edition and number; empty where there is none."""
    edition, mission, number = (links[f"{side}_{column}"].astype(str) for column in GOAL_KEY)
    return (edition + " " + mission + "." + number).mask(edition == "", "")


def _typed(table: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return a table with whole numbers as such, documents by their title, and None for what is not stated."""
    typed = with_numbers(table.reset_index(drop=True))
    whole = {name: typed[name].replace("", None).astype("Int64") for name in _LINES if name in typed.columns}
    typed = typed.assign(**whole)
    if "source" in typed.columns:
        typed = typed.assign(document=typed["source"].map(titles))
    return without_blanks(typed)


def without_blanks(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with None in place of texts that are blank or missing: what is not stated."""
    texts = table.select_dtypes(["object", "string"]).astype(object)
    stated = {str(name): values.where(values.notna() & (values != ""), None) for name, values in texts.items()}
    return table.assign(**stated)
