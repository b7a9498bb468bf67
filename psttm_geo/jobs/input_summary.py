"""What a register of projects holds, in sentences: editions, amounts, drivers in doubt, and what documents count."""

from collections.abc import Iterator, Sequence

import pandas as pd

from psttm_geo.core.messages import COMMA, SEMICOLON, Text, gettext, same
from psttm_geo.core.numbers import say_number
from psttm_geo.plan.project_records import UNKNOWN_EDITION
from psttm_geo.plan.records import Plan


def say_register(projects: pd.DataFrame, plans: Sequence[Plan]) -> tuple[Text, ...]:
    """Say how many projects of which edition a register holds and with what amounts, then what documents count.

    Parameters
    ----------
    projects
        ``edition``, ``amount_eur``; at least one row.
    plans
        All editions.
    """
    return (_say_editions(projects["edition"], plans), _say_amounts(projects["amount_eur"]), *_say_counted(plans))


def say_doubtful(links: pd.DataFrame, plans: Sequence[Plan]) -> tuple[Text, ...]:
    """Say of which drivers it is in doubt which one is meant: the edition is unknown, and editions differ in it.

    Parameters
    ----------
    links
        ``edition``, ``driver``: one row per project and driver.
    plans
        All editions.
    """
    drivers = pd.concat([plan.drivers for plan in plans], ignore_index=True)
    ambiguous = drivers[~drivers["same_in_all"]]
    numbers = links.loc[links["edition"] == UNKNOWN_EDITION, "driver"]
    doubtful = numbers[numbers.isin(ambiguous["driver"])]
    return tuple(
        _say_doubt(int(driver), int((doubtful == driver).sum()), ambiguous[ambiguous["driver"] == driver])
        for driver in sorted(doubtful.unique())
    )


def _say_editions(editions: pd.Series, plans: Sequence[Plan]) -> Text:
    counts = editions.value_counts()
    named = [plan.edition.identifier for plan in plans if plan.edition.identifier in counts]
    parts = [same(f"{name}: {counts[name]}") for name in named]
    unknown = int(counts.get(UNKNOWN_EDITION, 0))
    if unknown:
        parts.append(gettext("unknown: {unknown}", unknown=unknown))
    listed = COMMA.join(parts)
    return gettext("Projects in the register: {count}; by edition, {listed}.", count=len(editions), listed=listed)


def _say_amounts(amounts: pd.Series) -> Text:
    known, total = int(amounts.notna().sum()), _say_euros(amounts.sum())
    if not known:
        return gettext("No amount is known.")
    return gettext(
        "Amounts known: {known} of {count}, {total} euros in all.", known=known, count=len(amounts), total=total
    )


def _say_euros(amount: float) -> Text:
    """Return an amount with its cents, if it has any."""
    cents = round(amount * 100)
    return say_number(cents / 100, 2 if cents % 100 else 0)


def _say_counted(plans: Sequence[Plan]) -> Iterator[Text]:
    """Say what documents count among results: other things than a register, which nothing is measured against."""
    for plan in plans:
        edition, counted = plan.edition.identifier, plan.edition.counted
        count, amount = plan.edition.project_count, plan.edition.project_amount_eur
        if counted is not None and count is not None and amount is not None:
            euros = _say_euros(amount)
            yield gettext(
                "Among the results of {edition} the document “{document}” counts {count} {kind}, for {euros} "
                "euros: these are not all projects of the plan, and the register may have others.",
                edition=edition,
                document=counted.document,
                count=count,
                kind=counted.kind,
                euros=euros,
            )


def _say_doubt(driver: int, count: int, meant: pd.DataFrame) -> Text:
    listed = SEMICOLON.join(
        same("{edition}: {title}").fill(edition=row["edition"], title=Text(row["title_it"], row["title_en"]))
        for row in meant.to_dict("records")
    )
    return gettext(
        "Projects of driver {driver} of unknown edition: {count}. By that number editions mean different drivers "
        "({listed}): they are counted for none; give the edition in the column “edizione” of the register or of the "
        "table cup,driver.",
        driver=driver,
        count=count,
        listed=listed,
    )
