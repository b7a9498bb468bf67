"""Accessibility as observations of the goals that it measures: dated at each computation, so that a series grows."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from psttm_geo.core.provenance import SYNTHETIC_MARK
from psttm_geo.jobs.monitoring_register import keep_computed
from psttm_geo.plan.monitoring_references import WHOLE
from psttm_geo.plan.monitoring_tables import written_names
from psttm_geo.project import Project

if TYPE_CHECKING:
    from psttm_geo.jobs.accessibility import Accessibility

_MEASURE = "quota_tutte_15"
"""What goals.csv calls the measure."""

_FROM = {"accessibilita_citta_metropolitana": None, "accessibilita_comuni": "municipality_code"}
"""Layers that observations are taken from, and the column of their place; None for the whole."""

_DIGITS = 12
"""Of the sum of the inputs in the source of an observation."""


def observe_access(project: Project, computed: "Accessibility", inputs: Mapping[str, str]) -> int:
    """Add the share of residents within 15 minutes of all essential services to the register, once per day and inputs.

    Parameters
    ----------
    project
        Opened.
    computed
        Of the plan's territory.
    inputs
        Sums of files that were used in place of the workspace's, by kind.

    Returns
    -------
    int
        How many observations were new; none where residents are not known, as shares are of something else then.

    Raises
    ------
    OutputError
        The workspace cannot be written.
    """
    rows = [
        row
        for layer, column in _FROM.items()
        if layer in computed.layers and computed.layers[layer]["residents"].notna().any()
        for row in _observations(computed.layers[layer], column, computed, _source(computed, inputs))
    ]
    profiles = dict.fromkeys(str(row["indicatore"]).removeprefix(f"{_MEASURE}-") for row in rows)
    return keep_computed(
        project,
        {
            "indicators": _table("indicators", _indicators(project, profiles)),
            "observations": _table("observations", rows),
        },
    )


def _table(name: str, rows: Iterable[Mapping[str, str]]) -> pd.DataFrame:
    names = written_names(name)
    return pd.DataFrame([[row.get(column, "") for column in names] for row in rows], columns=names, dtype="str")


def _indicators(project: Project, profiles: Iterable[str]) -> list[dict[str, str]]:
    """Return an indicator for each profile, of the goal of the latest edition that is measured so."""
    goals = project.tables["goals.csv"]
    measured = goals[goals["measure"] == _MEASURE].tail(1)
    named = [
        {"edizione": edition, "obiettivo": f"{mission}.{number}"}
        for edition, mission, number in measured[["edition", "mission", "number"]].itertuples(index=False)
    ]
    goal = named[0] if named else {}
    return [
        {
            "codice": f"{_MEASURE}-{profile}",
            "sistema": "proprio",
            "nome": f"Residenti entro 15 minuti a piedi da tutti i servizi essenziali, profilo {profile}",
            "natura": "stock",
            "unita": "% dei residenti",
            "livello_minimo": "comune",
            **goal,
            "note": "calcolato da psttm-geo access",
        }
        for profile in profiles
    ]


def _observations(
    layer: pd.DataFrame, place: str | None, computed: "Accessibility", source: str
) -> list[dict[str, str]]:
    shares = layer["share_all_15"].astype("float64")
    return [
        {
            "indicatore": f"{_MEASURE}-{profile}",
            "luogo": where,
            "valore": "" if pd.isna(share) else f"{share * 100:.2f}",
            "data": computed.computed_on,
            "fonte": source,
        }
        for profile, where, share in zip(
            layer["profile"], layer[place] if place else [WHOLE] * len(layer), shares, strict=True
        )
    ]


def _source(computed: "Accessibility", inputs: Mapping[str, str]) -> str:
    """Name the computation by the sum of what it rests on."""
    rested = sorted({(source.identifier, source.sha256, source.reference_date) for source in computed.sources})
    told = json.dumps([rested, sorted(inputs.items()), computed.essential])
    called = f"psttm-geo access, dati {hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]}"
    return f"{SYNTHETIC_MARK}{called}" if computed.synthetic else called
