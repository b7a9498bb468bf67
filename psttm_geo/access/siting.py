"""The best places for services: where to add some, which to move and where to, or which to close.

What is best is an aim: most people within a time, the least mean time, the least time of the tenth that walks longest,
or the largest share of people within a time in the zone where it is smallest. All aims rest on one list of whom each
candidate brings nearer (:mod:`psttm_geo.access.improvements`).
"""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psttm_geo.access.aims import COVERAGE, EQUITY, MEAN, WORST_TENTH, Aim
from psttm_geo.access.candidate_search import Improved
from psttm_geo.access.choosing import Choice, Floats, Gains, Group, Positions, drop_least, make_gains, most_alone
from psttm_geo.access.equity import Zones, choose_for_equity
from psttm_geo.access.exact_choice import Best, choose_best, tidy
from psttm_geo.access.improvements import COSTS, Candidates, Demand, append, find_improved, gains_of, rest_on
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.scenarios import ADD, CLOSE, Action
from psttm_geo.access.street_times import limit_deciseconds
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE
from psttm_geo.access.walk_graph import Times
from psttm_geo.access.worst_tenth import PART, choose_for_worst, threshold, worst_mean

_STEPS = 12
"""Of thresholds for the worst tenth that are known to be too low."""

_LISTED_PARTS = (0.3, 1.0)
"""Parts of people, from those who walk longest, whose lists are enough for the worst tenth; the first one that is."""


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    action
        What is done with services.
    count
        How many of them, at least 1.
    aim
        What is best.
    minutes
        The time within which people are counted; of means, the longest walk that counts as longer than others.
    seconds
        After which the best choice known is taken.
    """

    action: Action
    count: int
    aim: Aim
    minutes: float
    seconds: float


@dataclass(frozen=True)
class Siting:
    """The answer.

    Attributes
    ----------
    new, adds
        Positions of the candidates chosen, from the one that would be missed most, and what each adds to those before
        it, in units of `after`.
    gone, costs
        Positions of the services of today that are moved or closed, and what each of them would add if it stayed.
    before, after
        By the aim: people within the time, mean minutes (what is longer than the limit counting as the limit), or the
        smallest share of zones.
    bound
        What no choice exceeds, or falls below, in the same units; of equity, of the mean in which low shares count
        most.
    gap
        By what part of what it changes a choice could be better, of equity by what part of the mean; 0 where the best
        one is proven.
    first
        What was known at once, as `bound`.
    ties
        Other choices that are as good: candidates and services that go away.
    late, failed
        Whether time was over, or the solver ended without an answer: the gap stands.
    """

    new: Positions
    adds: Floats
    gone: Positions
    costs: Floats
    before: float
    after: float
    bound: float
    gap: float
    first: float
    ties: tuple[tuple[Positions, Positions], ...]
    late: bool
    failed: bool


@dataclass(frozen=True)
class Problem:
    """Who walks, where services could be and where they are.

    Attributes
    ----------
    walking, demand
        Residents and streets; those who count.
    candidates, existing
        Places for new services, none where some are closed, and the services of today.
    zone_of, zone_people
        Of each place of residents the position of its zone, -1 for none; all people of each zone who count.
    """

    walking: WalkingResidents
    demand: Demand
    candidates: Candidates
    existing: Candidates
    zone_of: npt.NDArray[np.intp]
    zone_people: Floats


def find_sites(problem: Problem, question: Question) -> Siting:
    """Find the best places for services.

    Parameters
    ----------
    problem
        With at least one service and one row of demand.
    question
        Of no more services than there are candidates, or services to be left.

    Raises
    ------
    LimitError
        The minutes are no time that can be walked.
    """
    deadline = time.monotonic() + question.seconds
    limit = limit_deciseconds(question.minutes)
    lists = _Lists(problem, question, limit, deadline)
    solve = {COVERAGE: _cover, MEAN: _shorten, WORST_TENTH: _shorten_worst, EQUITY: _even_out}[question.aim]
    return solve(lists)


def worst_walk(demand: Demand) -> float:
    """Return the minutes that nine tenths of people do not exceed today; a limit for the worst tenth is above them."""
    return threshold(demand.today_ds, demand.weight, PART) / DECISECONDS_PER_MINUTE


Told = Callable[[float], float]


class _Lists:
    """Whom candidates, and services that can go away, bring nearer than what is sure to be there."""

    def __init__(self, problem: Problem, question: Question, limit: int, deadline: float) -> None:
        self.problem, self.limit, self.deadline = problem, limit, deadline
        self.demand = problem.demand
        self._aim = question.aim
        self._goes = 0 if question.action == ADD else question.count
        comes = 0 if question.action == CLOSE else question.count
        self._movable = problem.existing.count if self._goes else 0
        stay = self._movable - self._goes
        columns = self._movable + problem.candidates.count
        new = Group(self._movable, columns, comes)
        self.groups = (Group(0, self._movable, stay), new) if self._goes else (new,)

    def find(self, counts: npt.NDArray[np.bool_]) -> tuple[Improved, Times]:
        """Return whom columns bring nearer, and what rows rest on, up to the limit; rows that do not count are 0."""
        problem, demand = self.problem, self.demand
        base = np.where(counts, np.minimum(demand.today_ds, self.limit + 1), 0).astype(np.uint16)
        if not self._goes:
            return find_improved(problem.walking, demand, problem.candidates, base, limit=self.limit), base
        nothing = np.where(counts, self.limit + 1, 0).astype(np.uint16)
        today = find_improved(problem.walking, demand, problem.existing, nothing, limit=self.limit)
        near, base = rest_on(today, nothing, self._goes)
        comes = find_improved(problem.walking, demand, problem.candidates, base, limit=self.limit)
        return append(near, comes), base

    def within(self) -> tuple[Gains, Times]:
        """Return who comes within the limit, and what rows rest on."""
        demand = self.demand
        counts = np.ones(len(demand), bool) if self._goes else demand.today_ds > self.limit
        improved, base = self.find(counts)
        base = np.where(counts, base, demand.today_ds).astype(np.uint16)
        beyond = (np.arange(COSTS) > self.limit).astype(float)
        return gains_of(improved, demand, base, beyond, self.groups), base

    def choose(self, gains: Gains) -> Best:
        """Choose what gives most; of services to be moved no choice gives more than if those of today all stayed."""
        if len(self.groups) == 1 or not self.groups[-1].most:
            return choose_best(gains, deadline=self.deadline)
        stay = self.groups[0]
        today = np.arange(stay.last)
        level = gains.level(today)
        new = np.where(gains.owner >= stay.last, gains.gain - level[gains.place], 0.0)
        added = choose_best(make_gains(gains.ptr, gains.place, new, gains.places, self.groups), deadline=self.deadline)
        columns = drop_least(gains, np.concatenate([today, added.choice.columns]), stay, self._goes)
        value = gains.value(columns)
        known = Best(Choice(columns, value), max(float(level.sum()) + added.bound, value), value)
        if known.gap == 0:
            return dataclasses.replace(known, choice=tidy(gains, known.choice))
        return choose_best(gains, deadline=self.deadline, known=known)

    def of_longest(self) -> tuple[Improved, Times, int]:
        """Return whom columns bring nearer of those who walk longest, what rows rest on, and the lowest threshold."""
        demand = self.demand
        for part in (1.0,) if self._goes else _LISTED_PARTS:
            longest = 0 if part == 1 else threshold(demand.today_ds, demand.weight, part)
            improved, base = self.find(demand.today_ds > longest)
            base = np.minimum(base, self.limit)
            lowest = self._lowest(improved, base, longest)
            if lowest is not None:
                break
        return improved, base, lowest or 0

    def _lowest(self, improved: Improved, base: Times, longest: int) -> int | None:
        """Return the lowest threshold that a tenth walks longer than, whatever is chosen; None if none is known."""
        demand, highest = self.demand, threshold(base, self.demand.weight)
        found = None if longest else 0
        for step in np.linspace(longest, highest, _STEPS).astype(int):
            beyond = (np.arange(COSTS) > step).astype(float)
            gains = gains_of(improved, demand, base, beyond, self.groups)
            if float(demand.weight[base > step].sum()) - most_alone(gains) <= PART * demand.whole:
                break
            found = int(step)
        return found

    def answer(self, best: Best, today: float, told: Callable[[Positions], float], told_of: Told) -> Siting:
        """Return an answer.

        Parameters
        ----------
        best
            What was found.
        today
            What there is now, by the aim.
        told, told_of
            What a choice of columns, and what a value of `best`, is by the aim.
        """
        columns = best.choice.columns
        new, stay = columns[columns >= self._movable], columns[columns < self._movable]
        after = told(columns)
        missed = [abs(told(columns[columns != one]) - after) for one in new]
        new = new[np.argsort(missed, kind="stable")[::-1]]
        steps = [told(np.sort(np.concatenate([stay, new[:count]]))) for count in range(len(new) + 1)]
        gone = self._gone(stay)
        return Siting(
            new=new - self._movable,
            adds=np.diff(steps),
            gone=gone,
            costs=np.array([told(np.union1d(columns, [one])) - after for one in gone]),
            before=today,
            after=after,
            bound=told_of(best.bound),
            gap=self._gap(best, abs(told_of(best.bound) - after), abs(after - today)),
            first=told_of(best.first),
            ties=tuple(
                (tie[tie >= self._movable] - self._movable, self._gone(tie[tie < self._movable])) for tie in best.ties
            ),
            late=time.monotonic() > self.deadline,
            failed=best.failed,
        )

    def _gap(self, best: Best, missing: float, changed: float) -> float:
        if best.gap == 0 or self._aim == EQUITY:
            return best.gap
        return missing / changed if changed else np.inf

    def _gone(self, stay: Positions) -> Positions:
        """Return the services that go away; of more that nobody would miss the first ones."""
        return np.setdiff1d(np.arange(self._movable), stay)[: self._goes]


def _cover(lists: _Lists) -> Siting:
    """Let most people be within the limit."""
    demand, gains, base = lists.demand, *lists.within()
    without = float(demand.weight[base <= lists.limit].sum())
    today = float(demand.weight[demand.today_ds <= lists.limit].sum())
    best = lists.choose(gains)
    return lists.answer(best, today, lambda columns: without + gains.value(columns), lambda value: without + value)


def _shorten(lists: _Lists) -> Siting:
    """Let the mean walk be as short as can be."""
    demand = lists.demand
    improved, base = lists.find(np.ones(len(demand), bool))
    minutes = np.minimum(np.arange(COSTS), lists.limit) / DECISECONDS_PER_MINUTE
    gains = gains_of(improved, demand, base, minutes, lists.groups)
    without, today = (float(demand.weight @ minutes[times]) for times in (base, demand.today_ds))

    def told_of(value: float) -> float:
        return (without - value) / demand.whole

    best = lists.choose(gains)
    return lists.answer(best, today / demand.whole, lambda columns: told_of(gains.value(columns)), told_of)


def _shorten_worst(lists: _Lists) -> Siting:
    """Let the mean walk of the tenth that walks longest be as short as can be."""
    demand = lists.demand
    improved, base, lowest = lists.of_longest()
    minutes = np.minimum(np.arange(COSTS), lists.limit) / DECISECONDS_PER_MINUTE
    everybody = dataclasses.replace(demand, weight=np.ones(len(demand)))
    gains = gains_of(improved, everybody, base, minutes, lists.groups)
    without, today = (worst_mean(np.minimum(times, lists.limit), demand.weight) for times in (base, demand.today_ds))

    def told(columns: Positions) -> float:
        saved = np.rint(gains.level(columns) * DECISECONDS_PER_MINUTE).astype(np.int64)
        return worst_mean(base - saved, demand.weight)

    best = choose_for_worst(improved, demand, base, lists.groups, lowest=lowest, deadline=lists.deadline)
    return lists.answer(best, today, told, lambda value: without - value)


def _even_out(lists: _Lists) -> Siting:
    """Let the smallest share of a zone within the limit be as large as can be."""
    problem, demand = lists.problem, lists.demand
    gains, base = lists.within()
    zone_of = problem.zone_of[demand.place]
    in_zone = zone_of >= 0
    count = len(problem.zone_people)
    gains = gains.weighted(in_zone.astype(float))
    gained = np.bincount(zone_of[gains.place], minlength=count) > 0
    before, without = (
        np.bincount(
            zone_of[in_zone & (times <= lists.limit)], demand.weight[in_zone & (times <= lists.limit)], minlength=count
        )
        for times in (demand.today_ds, base)
    )
    # Nobody gains in the zones that are left out: it does not matter which one their places are told of.
    position = np.maximum(np.cumsum(gained) - 1, 0)
    zones = Zones(np.where(in_zone, position[zone_of], 0), problem.zone_people[gained], without[gained].astype(float))
    best = choose_for_equity(gains, zones, deadline=lists.deadline)
    today = float((before[gained] / zones.people).min())
    return lists.answer(best, today, lambda columns: float(zones.shares(gains, columns).min()), lambda value: value)
