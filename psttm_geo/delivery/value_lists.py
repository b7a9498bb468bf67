"""What the codes in columns mean, where the tables say it and not the contract."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from psttm_geo.access.travel_times import BY_AGE
from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.plan.records import Plan
from psttm_geo.schema.coded_values import CodedValues


def list_codes(tables: Mapping[str, pd.DataFrame], plans: Sequence[Plan]) -> dict[str, CodedValues]:
    """Return the codes of zones, editions, missions, categories and profiles, by the English name of their column."""
    zones, services, profiles = tables["zone_names.csv"], tables["services.csv"], tables["profiles.csv"]
    by_age = {BY_AGE: gettext("every age at its pace")}
    codes = (
        CodedValues("zona", {zone: same(zone) for zone in zones["zone"]}),
        CodedValues("edizione", {plan.edition.identifier: plan.edition.title for plan in plans}),
        CodedValues("missione", dict(_missions(plans))),
        CodedValues("categoria", _named(services, "category")),
        CodedValues("profilo", by_age | _named(profiles, "profile")),
    )
    columns = ("zone", "edition", "mission", "category", "profile")
    return {column: one for column, one in zip(columns, codes, strict=True) if one.meanings}


def _named(table: pd.DataFrame, column: str) -> dict[str, Text]:
    rows = table.drop_duplicates(column)[[column, "name_it", "name_en"]]
    return {code: Text(italian, english) for code, italian, english in rows.itertuples(index=False)}


def _missions(plans: Sequence[Plan]) -> Iterator[tuple[str, Text]]:
    """Give the missions, when each has the same title in all editions."""
    titles: dict[str, set[Text]] = {}
    for plan in plans:
        for mission, italian, english in plan.missions[["mission", "title_it", "title_en"]].itertuples(index=False):
            said = same("{mission}. {title}").fill(mission=mission, title=Text(italian, english))
            titles.setdefault(str(mission), set()).add(said)
    if all(len(one) == 1 for one in titles.values()):
        yield from ((mission, one.pop()) for mission, one in titles.items())
