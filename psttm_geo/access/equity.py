"""The choice after which the zone with the smallest share of people within reach has as large a share as can be.

The smallest share of zones is no sum of gains, and whoever looks at it alone stops where no single step helps the last
zone. The mean `M = -ln(mean(exp(-k * share))) / k` takes its place. It is between the smallest share and that plus
`ln(zones) / k`, so that its best choice has a smallest share which is below the largest possible by that at most. It is
the larger, the larger the sum of `-exp(-k * share)` is, which is concave: the lower a share, the more it counts.

A bound for a concave sum is that of any tangent to it, which is a sum of gains (Nemhauser, G. L. and Wolsey, L. A.
(1981), Maximizing submodular set functions); the program that remains learns tangents where its answers need them
(Kelley, J. E. (1960), The cutting-plane method for solving convex programs).
"""

import math
import time
from dataclasses import dataclass

import numpy as np
from scipy.sparse import block_array, coo_array, eye_array

from psttm_geo.access.choosing import TOLERANCE, Choice, Floats, Gains, Positions, bound_choice, step_greedily
from psttm_geo.access.exact_choice import Best, list_conditions, list_steps, solve_choices
from psttm_geo.access.program import FREE, Program

STEEPNESS = 100.0
"""`k`: shares that differ by one point count 2.7 times more or less."""

_ROUNDS = 6
"""Tangents that bounds are looked for with."""

_TANGENTS = 9
"""That a program begins with, from the smallest share that a better choice can have to the largest in reach."""

_CENTRES = 4
_FAR = 0.03
"""Shares so far above those that the sum is told from count so little that rounding matters: then it is told anew."""


@dataclass(frozen=True)
class Zones:
    """Whose shares are compared.

    Attributes
    ----------
    of_place
        Position of the zone of each place.
    people
        Of each zone, more than 0: all of them.
    reached
        Those within reach without any candidate.
    """

    of_place: Positions
    people: Floats
    reached: Floats

    def shares(self, gains: Gains, columns: Positions) -> Floats:
        """Return the share of each zone after a choice."""
        return (self.reached + self._sum(gains.level(columns))) / self.people

    def reach(self, gains: Gains) -> Floats:
        """Return the share of each zone if every candidate were chosen."""
        return self.shares(gains, gains.columns)

    def _sum(self, level: Floats) -> Floats:
        return np.bincount(self.of_place, level, minlength=len(self.people)).astype(float)


def mean_share(shares: Floats) -> float:
    """Return the mean in which low shares count most."""
    low = shares.min()
    return float(low - math.log(np.exp(-STEEPNESS * (shares - low)).mean()) / STEEPNESS)


class _Sum:
    """The concave sum of the shares of zones, in units of what a share `low` counts."""

    def __init__(self, gains: Gains, zones: Zones, low: float) -> None:
        self.gains, self.zones, self._low = gains, zones, low
        self.before = zones.shares(gains, gains.columns[:0])

    def worth(self, shares: Floats) -> Floats:
        """Return what shares count."""
        return np.asarray(-np.exp(-STEEPNESS * (shares - self._low)))

    def slope(self, shares: Floats) -> Floats:
        """Return what a little more of shares counts, per unit."""
        return -STEEPNESS * self.worth(shares)

    def choice(self, columns: Positions) -> Choice:
        """Return a choice with its sum."""
        return Choice(columns, float(self.worth(self.zones.shares(self.gains, columns)).sum()))

    def mean(self, value: float) -> float:
        """Return the mean that goes with a sum."""
        return self._low - math.log(-value / len(self.before)) / STEEPNESS

    def least(self, value: float) -> float:
        """Return the smallest share that a zone has where the sum is not below a value."""
        return self._low - math.log(-value) / STEEPNESS

    def adds(self, shares: Floats, more: Floats) -> Floats:
        """Return what it is worth to add to shares, one row per addition."""
        return np.asarray((self.worth(shares + more) - self.worth(shares)).sum(axis=-1))

    def tangent(self, shares: Floats) -> tuple[Gains, float]:
        """Return the sum of gains that touches the concave sum at some shares, and what it is without any gain."""
        slope = self.slope(shares)
        without = float((self.worth(shares) + slope * (self.before - shares)).sum())
        return self.gains.weighted((slope / self.zones.people)[self.zones.of_place]), without


def choose_for_equity(gains: Gains, zones: Zones, *, deadline: float) -> Best:
    """Find the choice with the largest mean in which low shares count most, and prove it as far as time allows.

    Parameters
    ----------
    gains
        People who come within reach.
    zones
        Theirs; in each somebody can come within reach.
    deadline
        Of :func:`time.monotonic`.

    Returns
    -------
    Best
        Its values are means.
    """
    columns = _step(gains, zones)
    first = mean_share(zones.shares(gains, columns))
    for _ in range(_CENTRES):
        low = float(zones.shares(gains, columns).min())
        shares = _Sum(gains, zones, low)
        found = _improve(shares, columns, deadline)
        columns = found.choice.columns
        if zones.shares(gains, columns).min() < low + _FAR or time.monotonic() > deadline:
            break
    best = Choice(_tidy(shares, columns), shares.mean(found.choice.value))
    return Best(best, max(shares.mean(found.bound), best.value), first, found.ties, found.failed)


def _step(gains: Gains, zones: Zones) -> Positions:
    """Choose one candidate after the other, each time the one that adds most to the concave sum."""
    count = len(zones.people)
    shares = _Sum(gains, zones, float((zones.reached / zones.people).min()))
    of_zone = gains.owner.astype(np.int64) * count + zones.of_place[gains.place]
    alone = np.bincount(of_zone, gains.gain, minlength=len(gains.columns) * count).reshape(-1, count)

    def adds(column: int, level: Floats) -> float:
        of_column = slice(gains.ptr[column], gains.ptr[column + 1])
        place = gains.place[of_column]
        more = np.maximum(gains.gain[of_column] - level[place], 0)
        now = zones.reached + np.bincount(zones.of_place, level, minlength=count)
        by_zone = np.bincount(zones.of_place[place], more, minlength=count)
        return float(shares.adds(now / zones.people, by_zone / zones.people))

    return step_greedily(gains, shares.adds(shares.before, alone / zones.people), adds)


def _improve(shares: _Sum, columns: Positions, deadline: float) -> Best:
    """Bound the sum by tangents, and solve what they leave."""
    gains, zones = shares.gains, shares.zones
    best = shares.choice(columns)
    bound = float(shares.worth(zones.reach(gains)).sum())
    kept, touched = gains.columns, [zones.shares(gains, columns)]
    for _ in range(_ROUNDS):
        part, without = shares.tangent(touched[-1])
        start = Choice(best.columns, part.value(best.columns))
        found = bound_choice(part, start, deadline=deadline, wanted=best.value - without)
        bound, kept = min(bound, found.value + without), np.intersect1d(kept, found.kept)
        other = shares.choice(found.best.columns)
        best = other if other.value > best.value else best
        alone = np.isin(kept, best.columns).all()
        if alone or bound <= best.value + TOLERANCE * abs(best.value) or time.monotonic() > deadline:
            break
        touched.append((touched[-1] + zones.shares(gains, found.best.columns)) / 2)
    known = Best(best, best.value if alone else max(bound, best.value), best.value)
    return known if alone or time.monotonic() > deadline else _solve(shares, kept, touched, known, deadline)


def _tidy(shares: _Sum, columns: Positions) -> Positions:
    """Return a choice without candidates that add nobody."""
    for column in columns:
        others = columns[columns != column]
        if shares.choice(others).value == shares.choice(columns).value:
            columns = others
    return columns


def _solve(shares: _Sum, kept: Positions, touched: list[Floats], found: Best, deadline: float) -> Best:
    """Solve what is left: shares of zones are variables, and what they count is below tangents."""
    part, places = shares.gains.take(kept)
    zones = shares.zones
    steps = list_steps(part, zones.of_place[places])
    if steps is None:
        return found
    conditions, count = list_conditions(part, steps), len(zones.people)
    steps_of_zone = (steps.label, conditions.variable)
    more = coo_array((-steps.worth / zones.people[steps.label], steps_of_zone), shape=(count, conditions.count))
    least, reach = shares.least(found.choice.value), zones.reach(shares.gains)
    program = Program(
        np.concatenate([np.zeros(conditions.count + count), np.ones(count)]),
        np.concatenate([np.zeros(conditions.count), np.full(count, least - _ROOM), np.full(count, -FREE)]),
        np.concatenate([np.ones(conditions.count), np.full(count, FREE), np.zeros(count)]),
        whole=np.arange(conditions.count + 2 * count) < len(kept),
        rows=block_array([[conditions.rows, None, None], [more, eye_array(count), coo_array((count, count))]]).tocsr(),
        least=np.concatenate([np.full(len(conditions.most), -FREE), shares.before]),
        most=np.concatenate([conditions.most, shares.before]),
    )

    def learn(at: Floats) -> None:
        for zone, (share, slope, worth) in enumerate(zip(at, shares.slope(at), shares.worth(at), strict=True)):
            columns = [conditions.count + zone, conditions.count + count + zone]
            program.require(columns, [-slope, 1.0], -FREE, float(worth - slope * share))

    low = np.minimum(np.maximum(shares.before, least), reach)
    for at in (*touched, *(low + (reach - low) * part for part in np.linspace(0, 1, _TANGENTS))):
        learn(at)

    def hold(chosen: Positions) -> tuple[Choice, bool]:
        at = zones.shares(shares.gains, kept[chosen])
        new = not any(np.array_equal(at, known) for known in touched)
        if new:
            touched.append(at)
            learn(at)
        return shares.choice(kept[chosen]), new

    return solve_choices(program, kept, hold, found, deadline)


_ROOM = 1e-6
"""That a share may be below what it has to be, for rounding."""
