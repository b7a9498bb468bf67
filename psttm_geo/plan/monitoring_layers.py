"""The register of the plan's implementation as layers: what the office records, joined to municipalities and goals."""

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from psttm_geo.plan.monitoring_answers import typed
from psttm_geo.plan.statements import without_blanks
from psttm_geo.schema.layers import LAYERS

_TABLES = {
    "accordi": "agreements",
    "dup": "dup_links",
    "traguardi": "milestones",
    "indicatori_registrati": "indicators",
    "osservazioni": "observations",
    "aggiornamenti_piano": "updates",
}
"""The table of the register that each layer repeats."""

MONITORING = (*_TABLES, "accordi_comuni")
"""Names of the layers."""

WHOLE_MONITORING = tuple(name for name in _TABLES if name not in ("dup", "osservazioni"))
"""Those that are about the whole territory: every part of it has them."""

_NAMED_OTHERWISE = {
    "agreements": {
        "partner": "agreement_partner",
        "purpose": "agreement_purpose",
        "zones": "bound_zones",
        "municipalities": "bound_municipalities",
        "passage": "agreement_passage",
    },
    "dup_links": {"body": "dup_body", "act": "approving_act"},
    "milestones": {"unit": "measure_unit", "target": "target_value", "value": "reached_value"},
    "indicators": {"indicator": "indicator_code", "unit": "measure_unit"},
    "observations": {
        "indicator": "indicator_code",
        "place": "observed_place",
        "value": "observed_value",
        "source": "observed_by",
    },
    "updates": {"field": "plan_field", "before": "value_before", "after": "value_after", "act": "ordering_act"},
}
"""Columns that other layers have another meaning for."""


def monitoring_layers(
    tables: Mapping[str, pd.DataFrame], zones: Mapping[str, str], editions: Collection[str]
) -> dict[str, pd.DataFrame]:
    """Return the layers of :data:`MONITORING` that have rows.

    Parameters
    ----------
    tables
        As the register reads them: cells as text in one way of writing, blank where nothing is stated.
    zones
        The zona omogenea of each municipality, by ISTAT code.
    editions
        Those wanted; rows that name none are given too.
    """
    layers = {name: _layer(table, tables[table], zones, editions) for name, table in _TABLES.items()}
    bound = pd.DataFrame(_bound(layers["accordi"], zones), columns=list(LAYERS["accordi_comuni"].columns))
    return {name: rows for name, rows in {**layers, "accordi_comuni": bound}.items() if len(rows)}


def _layer(table: str, cells: pd.DataFrame, zones: Mapping[str, str], editions: Collection[str]) -> pd.DataFrame:
    rows = typed(table, cells).assign(register_row=range(1, len(cells) + 1))
    if "edition" in rows.columns:
        rows = rows[rows["edition"].isin(["", *editions])]
    if "goal" in rows.columns:
        parts = rows["goal"].str.split(".")
        rows = rows.assign(mission=_whole(parts.str[0]), number=_whole(parts.str[1]))
    if where := next((name for name in ("body", "place") if name in rows.columns), None):
        rows = rows.assign(municipality_code=rows[where].where(rows[where].isin(zones)))
    named = rows.rename(columns={"note": "remark", **_NAMED_OTHERWISE[table]})
    return without_blanks(named.reset_index(drop=True))


def _whole(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce").astype("Int64")


def _bound(agreements: pd.DataFrame, zones: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give every municipality that an agreement binds, once, by name before through its zona omogenea."""
    for agreement, *cells in agreements[["agreement", "bound_municipalities", "bound_zones"]].itertuples(index=False):
        by_name, by_zone = (set((cell or "").split(";")) for cell in cells)
        for code, zone in zones.items():
            if code in by_name or zone in by_zone:
                yield agreement, code, "comune" if code in by_name else "zona"
