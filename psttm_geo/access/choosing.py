"""Which of many candidates to choose so that most is gained in all, each place being served by the best one chosen.

A first choice comes from lazy greedy steps (Minoux, M. (1978), Accelerated greedy algorithms for maximizing submodular
set functions), an upper bound from multipliers of the rule that a place is served once (Fisher, M. L. (1981), The
Lagrangian relaxation method for solving integer programming problems, Management Science 27(1); steps after Polyak).
Candidates whose reduced cost shows that no better choice holds them are left out on the way; what remains is for
:mod:`psttm_geo.access.exact_choice`.
"""

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels import gains as kernels

Positions = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-9
"""Part of a value below which two are the same: sums are of numbers rounded to some 16 digits."""

_ROUNDS = 400
_PATIENCE = 6
"""Rounds without progress after which steps are halved."""

_PROGRESS = 1e-5

_CHAPTER, _WORTHWHILE = 40, 0.05
"""Rounds end when so many of them have brought the bound nearer by less than this part of what it is off."""

_FIRST_STEP, _SMALLEST_STEP = 1.5, 1e-3
FEW_CANDIDATES = 24
"""So many are left to the solver at once."""


@dataclass(frozen=True)
class Group:
    """Candidates of which only so many may be chosen.

    Attributes
    ----------
    first, last
        Positions of the first one, and of the one after the last.
    most
        How many may be chosen.
    """

    first: int
    last: int
    most: int


@dataclass(frozen=True)
class Gains:
    """What each candidate gives to each place, by itself.

    Attributes
    ----------
    ptr, place, gain
        Candidate `c` gives `gain`, more than 0, to `place` at the positions from `ptr[c]` to `ptr[c + 1]`.
    places
        How many places there are.
    groups
        One after the other, all candidates together.
    """

    ptr: Positions
    place: Indices
    gain: Floats
    places: int
    groups: tuple[Group, ...]

    @property
    def columns(self) -> Positions:
        """Positions of all candidates."""
        return np.arange(len(self.ptr) - 1, dtype=np.int64)

    @property
    def owner(self) -> Indices:
        """Which candidate each gain is of."""
        return np.repeat(self.columns, np.diff(self.ptr)).astype(np.int32)

    def level(self, columns: Positions) -> Floats:
        """Return what each place gains from a choice."""
        level = np.zeros(self.places)
        kernels.raise_level(self.ptr, self.place, self.gain, np.asarray(columns, np.int64), level)
        return level

    def value(self, columns: Positions) -> float:
        """Return what a choice gives in all."""
        return float(self.level(columns).sum())

    def excess(self, level: Floats, columns: Positions) -> Floats:
        """Return how much some candidates give above what places have already."""
        found = np.empty(len(columns))
        kernels.add_excess(self.ptr, self.place, self.gain, level, columns, found)
        return found

    def weighted(self, weights: Floats) -> "Gains":
        """Return the gains times a weight, more than 0 or 0, of each place."""
        return _positive(self.ptr, self.place, self.gain * weights[self.place], self.places, self.groups)

    def take(self, columns: Positions) -> tuple["Gains", Positions]:
        """Return the gains of some candidates, in order, alone, and the places that they serve."""
        sizes = np.diff(self.ptr)[columns]
        ptr = np.concatenate([[0], sizes.cumsum()]).astype(np.int64)
        positions = np.repeat(self.ptr[columns] - ptr[:-1], sizes) + np.arange(ptr[-1])
        places, place = np.unique(self.place[positions], return_inverse=True)
        ends = [np.searchsorted(columns, [group.first, group.last]) for group in self.groups]
        groups = tuple(
            Group(int(first), int(last), group.most) for (first, last), group in zip(ends, self.groups, strict=True)
        )
        part = Gains(ptr, place.astype(np.int32), self.gain[positions], len(places), groups)
        return part, places.astype(np.int64)


def _positive(ptr: Positions, place: Indices, gain: Floats, places: int, groups: tuple[Group, ...]) -> Gains:
    """Return gains without those that are none."""
    some = gain > 0
    if some.all():
        return Gains(ptr, place, gain, places, groups)
    before = np.concatenate([[0], some.cumsum()])
    return Gains(before[ptr].astype(np.int64), place[some], gain[some], places, groups)


make_gains = _positive


@dataclass(frozen=True)
class Choice:
    """Some candidates, by position in order, and what they give in all."""

    columns: Positions
    value: float


@dataclass(frozen=True)
class Bound:
    """What no choice exceeds.

    Attributes
    ----------
    value
        The bound.
    kept
        The candidates that a choice of interest may hold, in order: with any other one it gives less.
    best
        The best choice known.
    """

    value: float
    kept: Positions
    best: Choice


def choose_greedily(gains: Gains) -> Choice:
    """Choose one candidate after the other, each time the one that adds most, until none adds anything."""
    nothing = np.zeros(gains.places)

    def adds(column: int, level: Floats) -> float:
        return float(gains.excess(level, np.array([column], np.int64))[0])

    columns = step_greedily(gains, gains.excess(nothing, gains.columns), adds)
    return Choice(columns, gains.value(columns))


def step_greedily(gains: Gains, alone: Floats, adds: Callable[[int, Floats], float]) -> Positions:
    """Choose the candidate that adds most, again and again, looking again at few: what one adds never grows.

    Parameters
    ----------
    gains
        Of all candidates.
    alone
        What each adds to nothing.
    adds
        Returns what one adds to what places have already.
    """
    group_of = np.repeat(np.arange(len(gains.groups)), [group.last - group.first for group in gains.groups])
    left = [group.most for group in gains.groups]
    some = np.flatnonzero(alone > 0)
    waiting = list(zip((-alone[some]).tolist(), some.tolist(), [0] * len(some), strict=True))
    heapq.heapify(waiting)
    level, chosen = np.zeros(gains.places), list[int]()
    while waiting:
        _, column, known_at = heapq.heappop(waiting)
        if not left[group_of[column]]:
            continue
        if known_at < len(chosen):
            again = adds(column, level)
            if again > 0:
                heapq.heappush(waiting, (-again, column, len(chosen)))
            continue
        chosen.append(column)
        left[group_of[column]] -= 1
        kernels.raise_level(gains.ptr, gains.place, gains.gain, np.array([column], np.int64), level)
    return np.sort(np.array(chosen, np.int64))


def most_alone(gains: Gains) -> float:
    """Return what the candidates that give most would give in all if they shared no place."""
    alone = gains.excess(np.zeros(gains.places), gains.columns)
    tops = [np.sort(alone[group.first : group.last])[::-1][: group.most] for group in gains.groups]
    return float(sum(top.sum() for top in tops))


def drop_least(gains: Gains, columns: Positions, group: Group, count: int) -> Positions:
    """Return a choice without some of its candidates of a group: each time without the one that is missed least."""
    order = np.lexsort((-gains.gain, gains.place))
    owner, place, gain = gains.owner[order], gains.place[order], gains.gain[order]
    for _ in range(count):
        mine = np.isin(owner, columns)
        owner, place, gain = owner[mine], place[mine], gain[mine]
        begins = np.flatnonzero(np.diff(place, prepend=-1))
        next_one = np.minimum(begins + 1, len(place) - 1)
        second = np.where((place[next_one] == place[begins]) & (next_one > begins), gain[next_one], 0.0)
        missed = np.bincount(owner[begins], gain[begins] - second, minlength=len(gains.ptr) - 1)
        within = columns[(columns >= group.first) & (columns < group.last)]
        columns = columns[columns != within[missed[within].argmin()]]
    return columns


def in_order(gains: Gains, columns: Positions) -> tuple[Positions, Floats]:
    """Return chosen candidates in the order of what each adds to those before it, and what that is."""
    level = np.zeros(gains.places)
    waiting = np.asarray(columns, np.int64)
    order, adds = [], []
    while len(waiting):
        excess = gains.excess(level, waiting)
        next_one = int(excess.argmax())
        order.append(int(waiting[next_one]))
        adds.append(float(excess[next_one]))
        kernels.raise_level(gains.ptr, gains.place, gains.gain, waiting[next_one : next_one + 1], level)
        waiting = np.delete(waiting, next_one)
    return np.array(order, np.int64), np.array(adds)


class _Descent:
    """Multipliers on their way down: the lowest bound so far, the best choice so far, and the candidates kept."""

    def __init__(self, gains: Gains, best: Choice, wanted: float | None, few: int) -> None:
        self.best = best
        self._fixed, self._few = wanted, few
        self.lowest = np.inf
        self._kept = gains.columns
        self._gains, rows = gains.take(self._kept)
        self.multipliers = gains.level(best.columns)[rows]
        self._enters = np.full(len(self._kept), np.inf)
        for part in (0.0, 0.5, 1.0):
            self.look(gains.level(best.columns)[rows] * part)

    @property
    def wanted(self) -> float:
        """What a choice of interest gives at least."""
        return self.best.value if self._fixed is None else self._fixed

    @property
    def kept(self) -> Positions:
        """Candidates that a choice of interest may hold."""
        return self._kept[self._wanted]

    @property
    def is_done(self) -> bool:
        """Whether nothing better can be found, or so few candidates are kept that the solver takes them at once."""
        few = int(np.count_nonzero(self._wanted)) <= self._few
        return few or self.lowest <= self.wanted + TOLERANCE * abs(self.wanted)

    @property
    def _wanted(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self._enters >= self.wanted - TOLERANCE * abs(self.wanted))

    def look(self, multipliers: Floats) -> tuple[float, Positions]:
        """Return the bound of some multipliers and the candidates that it rests on; keep what is better than before."""
        gains = self._gains
        excess = gains.excess(multipliers, gains.columns)
        tops = [_largest(excess, group) for group in gains.groups]
        top = np.concatenate([chosen for chosen, _ in tops])
        upper = float(multipliers.sum() + excess[top].sum())
        value = gains.value(top)
        if value > self.best.value:
            self.best = Choice(np.sort(self._kept[top]), value)
        if upper < self.lowest:
            self.lowest, self.multipliers = upper, multipliers
            with_it = [
                upper - least + excess[group.first : group.last]
                for (_, least), group in zip(tops, gains.groups, strict=True)
            ]
            self._enters = np.concatenate(with_it)
        return upper, top

    def step(self, multipliers: Floats, top: Positions, length: float) -> Floats | None:
        """Return multipliers a step lower than those looked at; None where no step leads lower."""
        gains, counts = self._gains, np.zeros(self._gains.places)
        kernels.count_above(gains.ptr, gains.place, gains.gain, multipliers, top, counts)
        slope = 1 - counts
        slope[(multipliers <= 0) & (slope > 0)] = 0
        steep = float(slope @ slope)
        return None if steep == 0 else np.asarray(np.maximum(multipliers - length / steep * slope, 0))

    def shrink(self) -> bool:
        """Leave out what is not kept, if it is much; return whether it was."""
        wanted = np.flatnonzero(self._wanted)
        if len(wanted) > _MUCH_KEPT * len(self._kept):
            return False
        self._gains, rows = self._gains.take(wanted)
        self._kept, self._enters = self._kept[wanted], self._enters[wanted]
        self.multipliers = self.multipliers[rows]
        return True


_MUCH_KEPT = 0.7


def _largest(excess: Floats, group: Group) -> tuple[Positions, float]:
    """Return the candidates of a group that exceed most, as many as may be chosen, and what one more has to exceed."""
    of_group = excess[group.first : group.last]
    if group.most == 0:
        return np.zeros(0, np.int64), np.inf
    if len(of_group) <= group.most:
        return np.arange(group.first, group.last), 0.0
    top = np.argpartition(-of_group, group.most - 1)[: group.most]
    return top + group.first, float(of_group[top].min())


def bound_choice(
    gains: Gains, best: Choice, *, deadline: float, wanted: float | None = None, few: int = FEW_CANDIDATES
) -> Bound:
    """Find what no choice exceeds, better choices on the way, and the candidates that matter.

    Parameters
    ----------
    gains
        Of all candidates.
    best
        A choice to begin with.
    deadline
        Of :func:`time.monotonic`; what is known then is returned.
    wanted
        What a choice gives at least to be of interest; by default what the best one gives.
    few
        So many candidates are left as soon as no more are of interest.
    """
    descent = _Descent(gains, best, wanted, few)
    at, length, stalled, looked = descent.multipliers, _FIRST_STEP, 0, np.inf
    for number in range(_ROUNDS):
        if descent.is_done or length < _SMALLEST_STEP or time.monotonic() > deadline:
            break
        if number % _CHAPTER == 0:
            if descent.lowest - descent.wanted > (1 - _WORTHWHILE) * (looked - descent.wanted):
                break
            looked = descent.lowest
        before = descent.lowest
        upper, top = descent.look(at)
        stalled = 0 if descent.lowest < before * (1 - _PROGRESS) else stalled + 1
        if stalled == _PATIENCE:
            length, stalled, at = length / 2, 0, descent.multipliers
            continue
        if number % _PATIENCE == 0 and descent.shrink():
            at = descent.multipliers
            continue
        lower = descent.step(at, top, length * (upper - descent.wanted))
        if lower is None:
            break
        at = lower
    return Bound(max(descent.lowest, descent.wanted), descent.kept, descent.best)
