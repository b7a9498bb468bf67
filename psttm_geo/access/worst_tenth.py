"""The choice after which the tenth of people who walk longest walks least, on average.

The mean of the worst tenth of walks `t` with weights `w` is the least over all thresholds `e` of `e + sum(w * max(t -
e, 0)) / (0.1 * sum(w))` (Rockafellar, R. T. and Uryasev, S. (2000), Optimization of conditional value-at-risk, Journal
of Risk 2(3)). For a fixed threshold that is a sum of gains as for any other aim; over a step of thresholds it falls by
no more than the step, and by less where more than a tenth of people walk longer. Steps and candidates that cannot lead
to a better choice are left out; what remains is a whole-number program in which the threshold is a variable.
"""

import dataclasses
import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import block_array, coo_array, eye_array

from psttm_geo.access.candidate_search import Improved, Times
from psttm_geo.access.choosing import (
    FEW_CANDIDATES,
    TOLERANCE,
    Choice,
    Gains,
    Group,
    Positions,
    bound_choice,
    choose_greedily,
    most_alone,
)
from psttm_geo.access.exact_choice import Best, choose_best, list_conditions, list_steps, solve_choices
from psttm_geo.access.improvements import COSTS, Demand, Floats, gains_of, take_some
from psttm_geo.access.program import FREE, Program
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE

PART = 0.1
"""Who walks longest: a tenth of all."""

_STEPS = 6
"""Of thresholds looked at first."""


def worst_mean(times_ds: npt.NDArray[np.integer], weight: Floats) -> float:
    """Return the mean minutes of the tenth of people who walk longest."""
    order = np.argsort(-times_ds.astype(np.int64), kind="stable")
    whole = PART * weight.sum()
    counted = np.diff(np.minimum(weight[order].cumsum(), whole), prepend=0.0)
    return float((times_ds[order] * counted).sum() / whole / DECISECONDS_PER_MINUTE)


def threshold(times_ds: npt.NDArray[np.integer], weight: Floats, part: float = PART) -> int:
    """Return the shortest walk, deciseconds, that no larger part of people exceeds."""
    order = np.argsort(-times_ds.astype(np.int64), kind="stable")
    beyond = np.searchsorted(weight[order].cumsum(), part * weight.sum() * (1 + TOLERANCE), side="right")
    return int(times_ds[order][beyond]) if beyond < len(order) else 0


@dataclass(frozen=True)
class _Look:
    """What is known of some thresholds: the most that a choice gives with them, and which candidates may do so well."""

    most: float
    kept: Positions


class _Search:
    """The best choice known, held against one threshold after the other.

    Parameters
    ----------
    improved, demand, base_ds, groups
        As for :func:`psttm_geo.access.improvements.gains_of`; times of `base_ds` are not above the limit.
    deadline
        Of :func:`time.monotonic`.
    """

    def __init__(
        self, improved: Improved, demand: Demand, base_ds: Times, groups: tuple[Group, ...], deadline: float
    ) -> None:
        self.improved, self.demand, self.base_ds = improved, demand, base_ds
        self._groups, self._deadline = groups, deadline
        everybody = dataclasses.replace(demand, weight=np.ones(len(demand)))
        minutes = np.arange(COSTS) / DECISECONDS_PER_MINUTE
        self.minutes = gains_of(improved, everybody, base_ds, minutes, groups)
        self.without = worst_mean(base_ds, demand.weight)
        self.best = Choice(np.zeros(0, np.int64), 0.0)

    def hold(self, columns: Positions) -> Choice:
        """Return a choice, held against the best one known: by how many minutes the worst tenth walks less."""
        saved = np.rint(self.minutes.level(columns) * DECISECONDS_PER_MINUTE).astype(np.int64)
        mean = worst_mean(self.base_ds - saved, self.demand.weight)
        choice = Choice(np.sort(columns), self.without - mean)
        self.best = choice if choice.value > self.best.value else self.best
        return choice

    def begin(self, threshold_ds: int) -> None:
        """Try what greedy steps choose for a threshold."""
        gains, _ = self._of_threshold(threshold_ds, self.improved)
        self.hold(choose_greedily(gains).columns)

    def look(self, low_ds: int, high_ds: int, lists: Improved) -> tuple[_Look, Improved]:
        """Find how good a choice of some candidates can be with thresholds above one up to another, and their lists."""
        gains, over = self._of_threshold(high_ds, lists)
        lost = over - self.without
        # Thresholds that matter are times: whole deciseconds.
        step = self._steepest(high_ds, lists) * (high_ds - low_ds - 1) / DECISECONDS_PER_MINUTE
        wanted = self.best.value + lost - step
        start = Choice(self.best.columns, gains.value(self.best.columns))
        bound = bound_choice(gains, start, deadline=self._deadline, wanted=wanted, few=0)
        self.hold(bound.best.columns)
        most, kept = bound.value, bound.kept
        if most > wanted and len(kept) <= FEW_CANDIDATES:
            part, _ = gains.take(kept)
            best = choose_best(part, deadline=self._deadline)
            self.hold(kept[best.choice.columns])
            most = min(most, best.bound)
        found = most - lost + step
        left = kept if found > self.best.value + TOLERANCE * self.without else kept[:0]
        return _Look(found, left), take_some(lists, left)

    def _steepest(self, threshold_ds: int, lists: Improved) -> float:
        """Return by how much, per minute, the sum of a threshold can be above those of lower ones, whatever is chosen.

        It rises by 1 less the part of people who walk longer, in tenths: by no more than if the candidates that bring
        most of them nearer did not share any.
        """
        beyond = (np.arange(COSTS) > threshold_ds).astype(float)
        gains = gains_of(lists, self.demand, self.base_ds, beyond, self._groups)
        left = float(self.demand.weight @ beyond[self.base_ds]) - most_alone(gains)
        return min(max(1 - left / (PART * self.demand.whole), 0.0), 1.0)

    def _of_threshold(self, threshold_ds: int, lists: Improved) -> tuple[Gains, float]:
        """Return what candidates save with a threshold, as minutes of the worst tenth, and these without any."""
        over = np.maximum(np.arange(COSTS) - threshold_ds, 0) / (DECISECONDS_PER_MINUTE * PART * self.demand.whole)
        without = threshold_ds / DECISECONDS_PER_MINUTE + float(self.demand.weight @ over[self.base_ds])
        return gains_of(lists, self.demand, self.base_ds, over, self._groups), without


def choose_for_worst(
    improved: Improved, demand: Demand, base_ds: Times, groups: tuple[Group, ...], *, lowest: int, deadline: float
) -> Best:
    """Find the choice with the least worst tenth, and prove it as far as time allows.

    Parameters
    ----------
    improved, demand, base_ds, groups
        As for :func:`psttm_geo.access.improvements.gains_of`; times of `base_ds` are not above the limit.
    lowest
        The lowest threshold that a choice can have, deciseconds: rows below it need no list.
    deadline
        Of :func:`time.monotonic`.

    Returns
    -------
    Best
        In minutes by which the worst tenth walks less than without any candidate.
    """
    search = _Search(improved, demand, base_ds, groups, deadline)
    highest = max(threshold(base_ds, demand.weight), lowest)
    steps = [int(step) for step in np.unique(np.linspace(lowest, highest, _STEPS + 1).astype(int))]
    for step in steps:
        search.begin(step)
    first = search.best.value
    if len(improved[0]) - 1 <= FEW_CANDIDATES:
        return _solve(search, (lowest, highest), Best(search.best, np.inf, first), deadline)
    bound = _narrow(search, list(pairwise([lowest - 1, *steps])), deadline)
    return Best(search.best, max(search.best.value, bound), first)


def _narrow(search: _Search, pairs: Sequence[tuple[int, int]], deadline: float) -> float:
    """Halve steps of thresholds until none can lead to a better choice; return the most that one may give."""
    waiting = [(-np.inf, pair, number) for number, pair in enumerate(pairs)]
    lists, undecided = [search.improved for _ in pairs], -np.inf
    while waiting and (time.monotonic() < deadline or np.isinf(waiting[0][0])):
        _, (low, high), number = heapq.heappop(waiting)
        look, left = search.look(low, high, lists[number])
        middle = (low + high) // 2
        if len(look.kept) and high - low == 1:
            undecided = max(undecided, look.most)
        elif len(look.kept):
            for half in ((low, middle), (middle, high)):
                heapq.heappush(waiting, (-look.most, half, len(lists)))
                lists.append(left)
    return max([undecided, *(-most for most, _, _ in waiting)])


def _solve(search: _Search, ends: tuple[int, int], found: Best, deadline: float) -> Best:
    """Solve the choice among few candidates as a program in which the threshold is a variable."""
    low, high = ends
    kept = search.minutes.columns
    counted = search.base_ds > low
    part, places = search.minutes.weighted(counted.astype(float)).take(kept)
    steps = list_steps(part, np.arange(part.places))
    if steps is None:
        return found
    weight, base = search.demand.weight, search.base_ds / DECISECONDS_PER_MINUTE
    counted[places] = False
    others, of_others = np.unique(base[counted], return_inverse=True)
    late = np.concatenate([base[places], others])
    weights = np.concatenate([weight[places], np.bincount(of_others, weight[counted], minlength=len(others))])
    conditions = list_conditions(part, steps)
    saved = coo_array((steps.worth, (steps.label, conditions.variable)), shape=(len(late), conditions.count))
    ones = coo_array(np.ones((len(late), 1)))
    count = conditions.count
    program = Program(
        np.concatenate([np.zeros(count), -weights / (PART * search.demand.whole), [-1.0]]),
        np.concatenate([np.zeros(count + len(late)), [low / DECISECONDS_PER_MINUTE]]),
        np.concatenate([np.ones(count), np.full(len(late), FREE), [high / DECISECONDS_PER_MINUTE]]),
        whole=np.arange(count + len(late) + 1) < len(kept),
        rows=block_array([[conditions.rows, None, None], [saved, eye_array(len(late)), ones]]).tocsr(),
        least=np.concatenate([np.full(len(conditions.most), -FREE), late]),
        most=np.concatenate([conditions.most, np.full(len(late), FREE)]),
        offset=search.without,
    )
    return solve_choices(program, kept, lambda chosen: (search.hold(kept[chosen]), False), found, deadline)
