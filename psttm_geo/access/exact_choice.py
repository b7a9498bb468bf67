"""The best choice among candidates, proven: what greedy steps and multipliers leave is solved in whole numbers.

Gains are written as covered sets (Cornuejols, G., Nemhauser, G. L. and Wolsey, L. A. (1980), A canonical representation
of simple plant location problems): a place gains the step from its next best candidate to its best one when one of the
best is chosen. Steps of the same candidates are one row, of whichever places they are.
"""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from psttm_geo.access.choosing import (
    TOLERANCE,
    Choice,
    Floats,
    Gains,
    Positions,
    bound_choice,
    choose_greedily,
    in_order,
)
from psttm_geo.access.program import FREE, Program

MOST_TIES = 3
"""Other choices that are named beside the best one."""

LARGEST_PROGRAM = 2_000_000
"""Entries of a program; a larger one is not begun: the bound of the multipliers stands."""


@dataclass(frozen=True)
class Steps:
    """Gains as covered sets: a row is gained where one of its candidates is chosen.

    Attributes
    ----------
    label, worth
        What each row is counted in, and what it is worth.
    ptr, column
        Its candidates.
    """

    label: Positions
    worth: Floats
    ptr: Positions
    column: Positions

    def __len__(self) -> int:
        return len(self.worth)


def list_steps(gains: Gains, label: Positions) -> Steps | None:
    """Return gains as covered sets, equal sets of a label being one; None where they are too large for a program.

    Parameters
    ----------
    gains
        Of the candidates that are left.
    label
        Of each place.
    """
    order = np.lexsort((-gains.gain, gains.place))
    place, gain, column = gains.place[order], gains.gain[order], gains.owner[order].astype(np.int64)
    if not len(place):
        return Steps(np.zeros(0, np.int64), np.zeros(0), np.zeros(1, np.int64), np.zeros(0, np.int64))
    begins = np.concatenate([[True], place[1:] != place[:-1]])
    ends_place = np.concatenate([begins[1:], [True]])
    next_gain = np.where(ends_place, 0, np.concatenate([gain[1:], [0]]))
    ends = np.flatnonzero(gain > next_gain)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(place)), 0))[ends]
    if (ends + 1 - first).sum() > LARGEST_PROGRAM:
        return None
    # Equal sets have equal sums of random numbers, of two times 64 bits; others do not.
    keys = np.random.default_rng(0).integers(0, 2**64, (2, len(gains.ptr)), np.uint64)
    sums = np.concatenate([np.zeros((2, 1), np.uint64), keys[:, column].cumsum(axis=1, dtype=np.uint64)], axis=1)
    high, low = sums[:, ends + 1] - sums[:, first]
    labels = label[place[ends]]
    sort = np.lexsort((low, high, labels))
    same = (np.diff(labels[sort]) == 0) & (np.diff(high[sort]) == 0) & (np.diff(low[sort]) == 0)
    heads = np.flatnonzero(np.concatenate([[True], ~same]))
    worth = np.add.reduceat((gain[ends] - next_gain[ends])[sort], heads)
    rows = sort[heads]
    sizes = (ends + 1 - first)[rows]
    ptr = np.concatenate([[0], sizes.cumsum()])
    positions = np.repeat(first[rows] - ptr[:-1], sizes) + np.arange(ptr[-1])
    return Steps(labels[rows], worth, ptr, column[positions])


@dataclass(frozen=True)
class Conditions:
    """The variables of chosen candidates and gained steps, and what binds them.

    Attributes
    ----------
    variable
        Of each step: that of its candidate where it has one only.
    count
        How many variables there are: candidates first.
    rows, most
        What sums of them do not exceed.
    """

    variable: Positions
    count: int
    rows: csr_array
    most: Floats


def list_conditions(gains: Gains, steps: Steps) -> Conditions:
    """Return what binds steps to candidates and candidates to how many of a group may be chosen."""
    candidates = len(gains.ptr) - 1
    sizes = np.diff(steps.ptr)
    several = np.flatnonzero(sizes > 1)
    variable = np.empty(len(steps), np.int64)
    variable[sizes == 1] = steps.column[steps.ptr[:-1][sizes == 1]]
    variable[several] = candidates + np.arange(len(several))
    # A step is gained at most as often as its candidates are chosen.
    row_of = np.full(len(steps), -1)
    row_of[several] = np.arange(len(several))
    of_column = np.repeat(row_of, sizes)
    inside = of_column >= 0
    limits = [np.arange(group.first, group.last) for group in gains.groups]
    row = np.concatenate(
        [
            np.arange(len(several)),
            of_column[inside],
            len(several) + np.repeat(np.arange(len(limits)), [len(limit) for limit in limits]),
        ]
    )
    column = np.concatenate([variable[several], steps.column[inside], *limits])
    value = np.concatenate([np.ones(len(several)), -np.ones(inside.sum()), np.ones(sum(map(len, limits)))])
    count = candidates + len(several)
    rows = coo_array((value, (row, column)), shape=(len(several) + len(limits), count)).tocsr()
    most = np.concatenate([np.zeros(len(several)), [float(group.most) for group in gains.groups]])
    return Conditions(variable, count, rows, most)


@dataclass(frozen=True)
class Best:
    """The best choice found.

    Attributes
    ----------
    choice
        Candidates that each add something, and what they give in all.
    bound
        What no choice exceeds.
    first
        The value of the choice that was known at once.
    ties
        Other choices that give as much, at most :data:`MOST_TIES`; looked for only where the best one is proven.
    failed
        Whether the solver ended without an answer.
    """

    choice: Choice
    bound: float
    first: float
    ties: tuple[Positions, ...] = ()
    failed: bool = False

    @property
    def gap(self) -> float:
        """By what part of its value a choice could be better; 0 where the best one is proven."""
        more = self.bound - self.choice.value
        return 0.0 if more <= TOLERANCE * abs(self.bound) else more / self.choice.value if self.choice.value else np.inf


def choose_best(gains: Gains, *, deadline: float, known: Best | None = None) -> Best:
    """Find the best choice, and prove it as far as time allows.

    Parameters
    ----------
    gains
        Of all candidates.
    deadline
        Of :func:`time.monotonic`.
    known
        A choice, and a bound, to begin with.
    """
    first = choose_greedily(gains) if known is None else known.choice
    bound = bound_choice(gains, first, deadline=deadline)
    alone = np.isin(bound.kept, bound.best.columns).all()
    found = Best(bound.best, bound.best.value if alone else bound.value, first.value)
    if known is not None and known.bound < found.bound:
        found = dataclasses.replace(found, bound=max(known.bound, found.choice.value))
    if not alone and time.monotonic() < deadline:
        found = _solve_kept(gains, bound.kept, found, deadline)
    return Best(tidy(gains, found.choice), found.bound, found.first, found.ties, found.failed)


def tidy(gains: Gains, choice: Choice) -> Choice:
    """Return a choice without candidates that add nothing."""
    columns, adds = in_order(gains, choice.columns)
    return Choice(np.sort(columns[adds > 0]), choice.value)


def _solve_kept(gains: Gains, kept: Positions, found: Best, deadline: float) -> Best:
    """Solve what is left; other choices as good as the best one are looked for among it too."""
    part, _ = gains.take(kept)
    steps = list_steps(part, np.zeros(part.places, np.int64))
    if steps is None:
        return found
    conditions = list_conditions(part, steps)
    program = Program(
        np.bincount(conditions.variable, steps.worth, minlength=conditions.count).astype(float),
        np.zeros(conditions.count),
        np.ones(conditions.count),
        whole=np.arange(conditions.count) < len(kept),
        rows=conditions.rows,
        least=np.full(len(conditions.most), -FREE),
        most=conditions.most,
    )

    def hold(chosen: Positions) -> tuple[Choice, bool]:
        choice = tidy(part, Choice(chosen, part.value(chosen)))
        return Choice(kept[choice.columns], choice.value), False

    return solve_choices(program, kept, hold, found, deadline)


def solve_choices(
    program: Program, kept: Positions, hold: Callable[[Positions], tuple[Choice, bool]], found: Best, deadline: float
) -> Best:
    """Solve a program for the best choice, and again for others that are as good.

    Parameters
    ----------
    program
        Whose first variables tell which of the candidates `kept` are chosen.
    kept
        All candidates that a better choice may hold.
    hold
        Returns what a choice of variables is, and whether the program took it for better and has learnt of it: then it
        is solved again.
    found
        What is known before.
    deadline
        Of :func:`time.monotonic`.
    """
    best, bound, failed = found.choice, found.bound, False
    equal: list[Positions] = []
    while len(equal) <= MOST_TIES:
        solved = program.solve(deadline - time.monotonic())
        if not equal:
            bound = min(bound, solved.bound)
            failed = not solved.finished and time.monotonic() < deadline
        if solved.values is None:
            break
        chosen = np.flatnonzero(solved.values[: len(kept)] > _HALF)
        choice, again = hold(chosen)
        best = choice if choice.value > best.value or (not equal and choice.value == best.value) else best
        if not solved.finished or (choice.value < best.value - TOLERANCE * abs(best.value) and not again):
            break
        if not again:
            equal.append(choice.columns)
            others = np.searchsorted(kept, choice.columns)
            program.require(others, np.ones(len(others)), -FREE, len(others) - 1)
    bound = best.value if bound <= best.value + _SOLVED * abs(best.value) else bound
    ties = tuple(columns for columns in equal if not np.array_equal(columns, best.columns))
    return Best(best, bound, found.first, ties if bound == best.value else (), failed)


_SOLVED = 1e-7
"""Part of a value by which the solver's bound may be off: its sums are of rounded numbers too."""

_HALF = 0.5
