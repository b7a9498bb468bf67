"""The best places for services, held against every choice there is."""

import itertools
import time
from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.access import exact_choice, program, worst_tenth
from psttm_geo.access.aims import COVERAGE, EQUITY, MEAN, WORST_TENTH, Aim
from psttm_geo.access.choosing import Bound, Choice, Gains, Group, bound_choice, choose_greedily
from psttm_geo.access.equity import STEEPNESS, Zones, choose_for_equity, mean_share
from psttm_geo.access.exact_choice import choose_best
from psttm_geo.access.improvements import Candidates, Demand, list_demand
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile
from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Action
from psttm_geo.access.siting import Problem, Question, Siting, find_sites, worst_walk
from psttm_geo.access.travel_times import UNREACHED
from psttm_geo.access.worst_tenth import choose_for_worst, worst_mean
from psttm_geo.core.crs import METRIC
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.schema.layers import AGE_BANDS

CASES = 200

Subset = tuple[int, ...]


def in_a_minute() -> float:
    return time.monotonic() + 60


def rows_of(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give where the rows of a table of numbers above 0 begin, and their columns."""
    row, column = np.nonzero(table)
    return np.searchsorted(row, np.arange(len(table) + 1)).astype(np.int64), column.astype(np.int32)


def gains_of(table: np.ndarray, most: int) -> Gains:
    ptr, place = rows_of(table)
    return Gains(ptr, place, table[table > 0].astype(float), table.shape[1], (Group(0, len(table), most),))


def subsets(count: int, most: int) -> Iterator[Subset]:
    return itertools.combinations(range(count), min(most, count))


def random_gains(random: np.random.Generator, *, alike: bool) -> tuple[np.ndarray, int]:
    """Give what candidates give to places, the same to each place by all or not, and how many are chosen."""
    count, places = random.integers(3, 10), random.integers(3, 20)
    worth = random.integers(1, 9, places) if alike else random.integers(1, 9, (count, places))
    return np.where(random.random((count, places)) < 0.3, worth, 0), int(random.integers(1, 4))


@pytest.mark.parametrize("alike", [True, False], ids=["coverage", "mean"])
def test_no_choice_gives_more(*, alike: bool) -> None:
    random = np.random.default_rng(1)
    tied = 0
    for _ in range(CASES):
        table, most = random_gains(random, alike=alike)
        values = {chosen: table[list(chosen)].max(axis=0).sum() for chosen in subsets(len(table), most)}
        gains = gains_of(table, most)
        best = choose_best(gains, deadline=in_a_minute())
        assert best.choice.value == max(values.values()) == gains.value(best.choice.columns)
        assert best.gap == 0
        for tie in best.ties:
            assert gains.value(tie) == best.choice.value
            assert set(tie) != set(best.choice.columns)
        tied += len(best.ties)
    assert tied


def test_multipliers_bound_every_choice_and_leave_out_none_of_the_best() -> None:
    random = np.random.default_rng(2)
    dropped = 0
    for case in range(CASES // 4):
        table, most = random_gains(random, alike=case % 2 == 0)
        values = {chosen: table[list(chosen)].max(axis=0).sum() for chosen in subsets(len(table), most)}
        largest = max(values.values())
        gains = gains_of(table, most)
        bound = bound_choice(gains, choose_greedily(gains), deadline=in_a_minute(), few=0)
        assert bound.best.value <= largest <= bound.value + 1e-9
        dropped += len(table) - len(bound.kept)
        for chosen, value in values.items():
            adds = [value - table[[*({*chosen} - {one})]].max(axis=0, initial=0).sum() for one in chosen]
            if value == largest and min(adds) > 0:
                assert set(chosen) <= set(bound.kept)
    assert dropped


def random_walks(random: np.random.Generator, count: int, longest: int) -> tuple[Demand, np.ndarray, int]:
    """Give who walks how long today and to each candidate, deciseconds, and how many are chosen."""
    places = int(random.integers(4, 12))
    today = random.integers(longest // 3, longest + 1, places).astype(np.uint16)
    walks = random.integers(0, longest, (count, places))
    walks = np.where((random.random(walks.shape) < 0.5) & (walks < today), walks, UNREACHED)
    weights = random.integers(1, 50, places).astype(float)
    return Demand(np.arange(places), np.zeros(places, np.int32), weights, today), walks, int(random.integers(1, 3))


def check_worst(demand: Demand, walks: np.ndarray, most: int) -> None:
    ptr, place = rows_of(walks < UNREACHED)
    lists = (ptr, place, walks[walks < UNREACHED].astype(np.uint16))
    means = [
        worst_mean(np.minimum(demand.today_ds, walks[list(chosen)].min(axis=0)), demand.weight)
        for chosen in subsets(len(walks), most)
    ]
    groups = (Group(0, len(walks), most),)
    best = choose_for_worst(lists, demand, demand.today_ds, groups, lowest=0, deadline=in_a_minute())
    assert best.choice.value == pytest.approx(worst_mean(demand.today_ds, demand.weight) - min(means), abs=1e-9)
    assert best.gap == 0


def test_the_worst_tenth_walks_less_with_no_choice() -> None:
    random = np.random.default_rng(3)
    for _ in range(CASES):
        check_worst(*random_walks(random, int(random.integers(3, 7)), 18_000))


def test_of_many_candidates_thresholds_are_halved_until_the_worst_tenth_is_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worst_tenth, "FEW_CANDIDATES", 5)
    random = np.random.default_rng(4)
    for _ in range(10):
        check_worst(*random_walks(random, 8, 300))


def test_the_worst_tenth_is_the_least_of_all_thresholds() -> None:
    times, weight = np.array([600, 1200, 1800, 2400]), np.array([70.0, 20.0, 5.0, 5.0])
    assert worst_mean(times, weight) == (5 * 4 + 5 * 3) / 10
    least = min(e + (weight * np.maximum(times / 600 - e, 0)).sum() / 10 for e in (1, 2, 3, 4))
    assert worst_mean(times, weight) == least


def test_no_choice_has_a_larger_mean_of_low_shares() -> None:
    random = np.random.default_rng(5)
    behind = []
    for _ in range(CASES):
        count, places, zones, most = (int(random.integers(*ends)) for ends in ((3, 9), (6, 24), (2, 5), (1, 4)))
        of_place = random.permutation(np.arange(places) % zones)
        weights = random.integers(1, 50, places)
        table = np.where(random.random((count, places)) < 0.3, weights, 0)
        table[0, of_place.argsort(kind="stable").searchsorted(0)] = weights[0]
        gained = np.bincount(of_place, table.max(axis=0), minlength=zones) > 0
        if not gained.all():
            continue
        reached = random.integers(0, 300, zones).astype(float)
        people = (reached + np.bincount(of_place, weights, minlength=zones)).astype(float)
        compared = Zones(of_place, people, reached)
        gains = gains_of(table, most)
        shares = {
            chosen: (reached + np.bincount(of_place, table[list(chosen)].max(axis=0), minlength=zones)) / people
            for chosen in subsets(count, most)
        }
        best = choose_for_equity(gains, compared, deadline=in_a_minute())
        assert best.choice.value == pytest.approx(max(map(mean_share, shares.values())), abs=1e-9)
        assert best.gap == 0
        smallest = compared.shares(gains, best.choice.columns).min()
        behind.append(max(each.min() for each in shares.values()) - smallest)
        assert behind[-1] <= np.log(zones) / STEEPNESS
    assert len(behind) > CASES / 2
    assert np.mean(np.array(behind) < 1e-12) > 0.9


class Town:
    """A grid of streets with residents, services and candidates, in which every choice can be walked."""

    def __init__(self, network: WalkNetwork, profile: Profile) -> None:
        random = np.random.default_rng(6)
        self.homes = random.uniform(0, 1500, (24, 2))
        self.services, self.places = random.uniform(0, 1500, (3, 2)), random.uniform(0, 1500, (5, 2))
        self.weights = random.integers(1, 30, len(self.homes)).astype(float)
        residents = pd.DataFrame(dict.fromkeys(AGE_BANDS, 0.0), index=range(len(self.homes))).assign(
            residents=self.weights, outside=False, to_end_m=np.inf, spread_m=0.0
        )
        points = gpd.GeoDataFrame(residents, geometry=shapely.points(self.homes), crs=METRIC)
        entrances = pd.DataFrame({"category": "farmacia", "x": self.services[:, 0], "y": self.services[:, 1]})
        self.walking = WalkingResidents(network, (profile,), points, entrances)
        self.demand = list_demand({0: (self.weights, self.walk(self.services))})
        self.zone_of = (self.homes[:, 0] > 750).astype(np.intp)

    def walk(self, services: np.ndarray) -> np.ndarray:
        """Give the times of all homes to the nearest of some services."""
        (graph,), (homes,) = self.walking.graphs, self.walking.homes
        (group,) = self.walking.snap(services[:, 0], services[:, 1])
        return graph.at(homes, graph.nearest([group], limit_min=100)[0], group)

    def candidates(self, points: np.ndarray) -> Candidates:
        return Candidates(self.walking.snap(points[:, 0], points[:, 1]), np.arange(len(points)), len(points))

    def find(self, action: Action, count: int, aim: Aim, minutes: float, *, seconds: float = 60) -> Siting:
        places = self.places[:0] if action == CLOSE else self.places
        people = np.bincount(self.zone_of, self.weights).astype(float)
        problem = Problem(
            self.walking, self.demand, self.candidates(places), self.candidates(self.services), self.zone_of, people
        )
        return find_sites(problem, Question(action, count, aim, minutes, seconds))

    def measure(self, services: np.ndarray, aim: Aim, minutes: float) -> float:
        """Give what services are by an aim, the more the better."""
        limit = int(minutes * 600)
        times = self.walk(services)
        within = times <= limit
        if aim == COVERAGE:
            return float(self.weights[within].sum())
        if aim == MEAN:
            return -float(self.weights @ np.minimum(times, limit) / self.weights.sum() / 600)
        if aim == WORST_TENTH:
            return -worst_mean(np.minimum(times, limit), self.weights)
        return float((np.bincount(self.zone_of, self.weights * within) / np.bincount(self.zone_of, self.weights)).min())

    def options(self, action: Action, count: int) -> Iterator[np.ndarray]:
        """Give the services that every choice leaves."""
        stay = len(self.services) - (0 if action == ADD else count)
        come = 0 if action == CLOSE else count
        for left, new in itertools.product(subsets(len(self.services), stay), subsets(len(self.places), come)):
            yield np.concatenate([self.services[list(left)], self.places[list(new)]])


@pytest.fixture(scope="module")
def town(street_network: Callable[..., WalkNetwork], profile: Profile) -> Town:
    """Give streets every 250 m; whoever walks from side to side takes 25 minutes."""
    cells = range(7)
    nodes = [(250 * x, 250 * y) for y in cells for x in cells]
    along = [(7 * y + x, 7 * y + x + 1) for y in cells for x in range(6)]
    across = [(7 * y + x, 7 * y + x + 7) for y in range(6) for x in cells]
    return Town(street_network(nodes, along + across), profile)


AIMS_TRIED: list[tuple[Aim, float]] = [(COVERAGE, 6), (MEAN, 20), (WORST_TENTH, 40), (EQUITY, 6)]


@pytest.mark.parametrize(("aim", "minutes"), AIMS_TRIED, ids=[aim for aim, _ in AIMS_TRIED])
@pytest.mark.parametrize(("action", "count"), [(ADD, 1), (ADD, 2), (MOVE, 1), (MOVE, 2), (CLOSE, 1), (CLOSE, 2)])
def test_in_a_town_no_choice_is_better(town: Town, action: Action, count: int, aim: Aim, minutes: float) -> None:
    found = town.find(action, count, aim, minutes)
    sign = 1 if aim in (COVERAGE, EQUITY) else -1
    best = max(town.measure(services, aim, minutes) for services in town.options(action, count))
    stay = np.delete(town.services, found.gone, axis=0)
    measured = town.measure(np.concatenate([stay, town.places[found.new]]), aim, minutes)
    assert sign * found.after == pytest.approx(measured)
    assert sign * found.before == pytest.approx(town.measure(town.services, aim, minutes))
    assert found.gap == 0
    if aim == EQUITY:
        assert best - measured <= np.log(2) / STEEPNESS
    else:
        assert measured == pytest.approx(best)
        assert found.bound == pytest.approx(found.after)
    if action == ADD:
        assert found.before + found.adds.sum() == pytest.approx(found.after)
    assert (sign * found.costs >= -1e-9).all()


def test_who_walks_longest_is_told(town: Town) -> None:
    times, weights = town.demand.today_ds, town.weights
    beyond = weights[times > worst_walk(town.demand) * 600].sum()
    assert beyond <= weights.sum() / 10 < beyond + weights[times == worst_walk(town.demand) * 600].sum()


def test_without_time_the_first_choice_is_given_with_what_none_exceeds(town: Town) -> None:
    for aim, minutes in AIMS_TRIED:
        found = town.find(ADD, 2, aim, minutes, seconds=0)
        best = town.find(ADD, 2, aim, minutes)
        assert len(found.new)
        sign = 1 if aim in (COVERAGE, EQUITY) else -1
        assert sign * found.after <= sign * best.after + 1e-9
        assert sign * found.bound >= sign * best.after - 1e-9


def test_a_solver_without_an_answer_leaves_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[4, 4, 4, 0, 0, 0], [3, 3, 0, 3, 0, 0], [0, 0, 3, 0, 3, 3]])
    silent = program.Solution(None, np.inf, finished=False)
    monkeypatch.setattr(program.Program, "solve", lambda *_: silent)
    gains = gains_of(table, 2)
    monkeypatch.setattr(exact_choice, "bound_choice", lambda gains, best, **_: bound_of(gains, best))
    best = choose_best(gains, deadline=in_a_minute())
    assert best.failed
    assert best.choice.value == gains.value(best.choice.columns)
    assert best.bound == 99
    assert best.gap > 0


def bound_of(gains: Gains, best: Choice) -> Bound:
    """Give a bound that proves nothing."""
    return Bound(99.0, gains.columns, best)
