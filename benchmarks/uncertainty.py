"""Does the truth lie inside the stated band? Services hidden at random, many times, on a real extract.

Run from the project's root: ``.venv/bin/python benchmarks/uncertainty.py liechtenstein.osm.pbf``. What an extract holds
is taken for the truth; an essential category of which it holds nothing is asked of nobody. In each draw each service is
hidden with a probability of a tenth; bands are measured on what is left. Speeds and places are taken for exact, so that
missing services alone have to explain the difference. Then as often with two lists of services, each with four fifths
of them, whose union is counted: how much of them is found is stated (24 of 25), or estimated from what both have.
"""

import dataclasses
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.alternatives import COUNT, Choice
from psttm_geo.access.indicators import ALL_AGES, list_indicators
from psttm_geo.access.street_times import LARGEST_LIMIT_MIN
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.access.uncertainty import Found, measure_bands
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.access_model import AccessModel, load_access_model
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.plan.plan_layers import WHOLE
from psttm_geo.project import Project
from psttm_geo.services.completeness import estimate_missing

DRAWS = 200

HIDDEN = 0.1

LISTED = 0.8
"""Of each of two lists."""

PROFILE = "adulto"

Flags = npt.NDArray[np.bool_]


class Measured(NamedTuple):
    """Figures of some services: their indicators, one row per unit, category and indicator, and seconds for bands."""

    table: pd.DataFrame
    seconds: float


class Truth:
    """A territory whose services are all known."""

    def __init__(self, model: AccessModel) -> None:
        self.model = model
        self.categories = list(model.services.categories)
        self.graph, self.homes, self.accesses = (
            each[0] for each in (model.walking.graphs, model.walking.homes, model.walking.services)
        )
        entrances = model.services.entrances
        self.owner = entrances["service_row"].to_numpy()
        self.category_of = entrances["category"].to_numpy(dtype=object)
        self.services = model.services.table["category"].to_numpy(dtype=object)
        exact = dataclasses.replace(
            self.graph.profile, slowest_m_s=self.graph.profile.speed_m_s, fastest_m_s=self.graph.profile.speed_m_s
        )
        there = {name for name, count in self.count(np.ones(len(self.services), bool)).items() if count}
        everywhere = model.walking.walk(self.categories, model.services.essential & there)
        self.template = dataclasses.replace(
            everywhere, profiles=(exact,), places=everywhere.places.assign(spread_m=0.0)
        )
        self.truth = self.measure(np.ones(len(self.services), bool), {}).table

    def count(self, kept: Flags) -> dict[str, int]:
        """Count the services of each category."""
        return {name: int((kept & (self.services == name)).sum()) for name in self.categories}

    def measure(self, kept: Flags, found: dict[str, Found]) -> Measured:
        """Walk to the services kept."""
        shape = (len(self.categories), COUNT, len(self.homes))
        times, services = np.empty(shape, np.uint16), np.empty(shape, np.int32)
        for row, name in enumerate(self.categories):
            mine = (self.category_of == name) & kept[self.owner]
            times[row], services[row] = self.graph.several_nearest(
                self.homes, self.accesses.take(mine), self.owner[mine], count=COUNT, limit_min=LARGEST_LIMIT_MIN
            )
        absent = frozenset(name for name, count in self.count(kept).items() if not count)
        walked: TravelTimes = dataclasses.replace(
            self.template, times_ds={PROFILE: np.ascontiguousarray(times[:, 0])}, absent=absent
        )
        began = time.process_time()
        choices = {PROFILE: Choice(times, services, np.zeros(len(self.homes)))}
        bands = [measure_bands(walked, choices, found, base) for base in self.model.units.bases] if found else None
        seconds = time.process_time() - began
        table = list_indicators(walked, self.model.units.bases, minutes=(15,), bands=bands)
        wanted = table["access_indicator"].isin(["quota_entro_15", "minuti_medi"]) & (table["age_band"] == ALL_AGES)
        keys = ["unit_kind", "unit", "category", "access_indicator"]
        return Measured(table[wanted].astype(dict.fromkeys(keys, str)).set_index(keys), seconds)


class Tally:
    """How often the truth lay inside, and how wide bands were, by kind of figure."""

    def __init__(self) -> None:
        self.inside: dict[tuple[str, str], list[npt.NDArray[np.bool_]]] = defaultdict(list)
        self.width: dict[tuple[str, str], list[npt.NDArray[np.float64]]] = defaultdict(list)
        self.seconds: list[float] = []

    def add(self, truth: pd.DataFrame, measured: Measured) -> None:
        """Look where the truth lies."""
        self.seconds.append(measured.seconds)
        table = measured.table.assign(truth=truth["access_value"]).reset_index()
        table = table[table[["access_low", "access_high", "truth"]].notna().all(axis=1)]
        whole, essential = table["unit_kind"] == WHOLE, table["category"] == FARTHEST_ESSENTIAL
        groups = {
            "categories, whole territory": whole & ~essential,
            "all essential, whole territory": whole & essential,
            "categories, municipalities": ~whole & ~essential,
            "all essential, municipalities": ~whole & essential,
        }
        for name, rows in groups.items():
            for indicator, part in table[rows].groupby("access_indicator"):
                # Sums of floats: a thousandth of a point, or of a minute, is nothing.
                slack = 1e-5
                inside = part["truth"].between(part["access_low"] - slack, part["access_high"] + slack)
                self.inside[str(indicator), name].append(inside.to_numpy())
                self.width[str(indicator), name].append((part["access_high"] - part["access_low"]).to_numpy())

    def say(self, title: str) -> None:
        """Print a line per kind of figure."""
        print(f"\n{title}: bands {np.mean(self.seconds):.3f} s of processor time")
        for key in sorted(self.inside):
            inside, width = np.concatenate(self.inside[key]), np.concatenate(self.width[key])
            wide = f"{np.median(width):.2f} min" if key[0] == "minuti_medi" else f"{100 * np.median(width):.2f} points"
            print(f"{key[0]:16}{key[1]:34}inside {inside.mean():6.3f} of {len(inside):6}, median width {wide}")


def hide(truth: Truth, draws: int, chance: np.random.Generator) -> None:
    tally = Tally()
    for _ in range(draws):
        kept = chance.random(len(truth.services)) >= HIDDEN
        ratio = HIDDEN / (1 - HIDDEN)
        tally.add(truth.truth, truth.measure(kept, {name: Found(n, ratio) for name, n in truth.count(kept).items()}))
    tally.say(f"a tenth hidden, {draws} draws")


def list_twice(truth: Truth, draws: int, chance: np.random.Generator) -> None:
    stated, estimated = Tally(), Tally()
    ratio = (1 - LISTED) ** 2 / (1 - (1 - LISTED) ** 2)
    for _ in range(draws):
        first, second = (chance.random(len(truth.services)) < LISTED for _ in range(2))
        counts = truth.count(first | second)
        stated.add(truth.truth, truth.measure(first | second, {name: Found(n, ratio) for name, n in counts.items()}))
        table = pd.DataFrame(
            {
                "category": truth.categories,
                "osm": truth.count(first).values(),
                "register": truth.count(second).values(),
                "both": truth.count(first & second).values(),
                "counted": counts.values(),
            }
        )
        missing = estimate_missing(table).set_index("category")
        found = {
            name: Found(n, missing.loc[name, "missing_ratio"], missing.loc[name, "missing_error"])
            for name, n in counts.items()
        }
        estimated.add(truth.truth, truth.measure(first | second, found))
    stated.say(f"union of two lists, how much is found stated, {draws} draws")
    estimated.say(f"union of two lists, how much is found estimated, {draws} draws")


def main() -> None:
    extract, draws = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DRAWS  # noqa: PLR2004 - words given
    request = AccessRequest(extract, territory="osm:8", profiles=(PROFILE,))
    truth = Truth(load_access_model(Project(Settings()), request))
    print({name: count for name, count in truth.count(np.ones(len(truth.services), bool)).items() if count})
    hide(truth, draws, np.random.default_rng(1))
    list_twice(truth, draws, np.random.default_rng(2))


if __name__ == "__main__":
    main()
