"""How long a profile takes along each street, what is closed to it, and how far searches go."""

import math

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.search import Arcs
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE, UNREACHED
from psttm_geo.core.errors import LimitError, ProfileError
from psttm_geo.core.messages import gettext
from psttm_geo.osm.network import NOT_MAPPED, Bytes, EdgeFlag, NodeFlag, WalkNetwork
from psttm_geo.schema.code_lists import SMOOTHNESS

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Ways = npt.NDArray[np.int8]

LARGEST_LIMIT_MIN = 100
"""Longer walks than this are not told apart: times have to fit two bytes."""

CLOSED = -1
"""Time along a street that a profile cannot walk."""

_DECISECONDS_PER_SECOND = 10

_ENDLESS_DS = 2**29
"""Longer walks, of more than a year, are taken for this long: the sum of a few of them is still a whole number."""


def limit_deciseconds(minutes: float) -> int:
    """Return a time limit in deciseconds.

    Raises
    ------
    LimitError
        It is not a number above 0 and up to :data:`LARGEST_LIMIT_MIN`.
    """
    if not 0 < minutes <= LARGEST_LIMIT_MIN:
        raise LimitError(
            gettext(
                "Minutes {minutes:g}: expected a number above 0 and up to {largest_limit_min}; correct it.",
                minutes=minutes,
                largest_limit_min=LARGEST_LIMIT_MIN,
            )
        )
    return round(minutes * DECISECONDS_PER_MINUTE)


def require_speeds(profile: Profile) -> None:
    """Refuse speeds and waits that nobody has.

    Raises
    ------
    ProfileError
        A speed is not above 0, or a wait is negative, or one of them is not finite.
    """
    speeds = [profile.speed_m_s, *([] if profile.steps_speed_m_s is None else [profile.steps_speed_m_s])]
    if not (all(0 < speed < math.inf for speed in speeds) and 0 <= profile.crossing_s < math.inf):
        raise ProfileError(
            gettext(
                "Profile “{identifier}”: speeds {listed} m/s and waiting {crossing_s:g} s; expected finite "
                "numbers, speeds above 0 and no negative waiting: correct profiles.csv.",
                identifier=profile.identifier,
                listed=", ".join(f"{speed:g}" for speed in speeds),
                crossing_s=profile.crossing_s,
            )
        )


def edge_times(network: WalkNetwork, profile: Profile) -> Indices:
    """Return deciseconds along each street, crossings between its ends included and half of those at its ends.

    A crossing at a node is shared by the two streets that meet there: whoever walks past waits once.
    """
    speed = np.full(network.edge_count, profile.speed_m_s)
    if profile.steps_speed_m_s is not None:
        speed[(network.edge_flags & EdgeFlag.STEPS) > 0] = profile.steps_speed_m_s
    at_ends = (network.node_flags & NodeFlag.CROSSING) > 0
    crossings = network.edge_crossings + (at_ends[network.edge_from] * 0.5 + at_ends[network.edge_to] * 0.5)
    seconds = network.edge_length_m / speed + crossings * profile.crossing_s
    return np.where(_closed_edges(network, profile), np.int32(CLOSED), deciseconds(seconds))


def _closed_edges(network: WalkNetwork, profile: Profile) -> npt.NDArray[np.bool_]:
    """Return which streets the profile cannot walk; what is mapped as passable in a wheelchair passes all limits."""
    flags, limits = network.edge_flags, profile.limits
    steps, ramp = (flags & EdgeFlag.STEPS) > 0, (flags & EdgeFlag.RAMP) > 0
    slope = np.where(steps, np.uint8(NOT_MAPPED), network.edge_slope_percent)
    closed = _above(slope, limits.slope_max_percent) & ~ramp
    closed |= _above(slope, limits.ramp_max_percent) & ramp
    if limits.width_min_cm is not None:
        closed |= network.edge_width_cm < limits.width_min_cm
    if limits.smoothness_worst is not None:
        closed |= _above(network.edge_smoothness, SMOOTHNESS.index(limits.smoothness_worst))
    if not limits.rough:
        closed |= ((flags & EdgeFlag.ROUGH) > 0) & (network.edge_smoothness == NOT_MAPPED)
    if profile.steps_speed_m_s is None:
        closed |= steps & ~ramp
    closed &= (flags & EdgeFlag.WHEELCHAIR_YES) == 0
    if profile.steps_speed_m_s is None:
        closed |= (flags & EdgeFlag.WHEELCHAIR_NO) > 0
    return closed


def barred_nodes(network: WalkNetwork, profile: Profile) -> npt.NDArray[np.bool_]:
    """Return where the profile does not pass from one street to another."""
    flags = network.node_flags
    barred = _above(network.node_kerb_cm, profile.limits.kerb_max_cm)
    if profile.steps_speed_m_s is None:
        barred |= (flags & NodeFlag.OBSTACLE) > 0
    barred &= (flags & NodeFlag.WHEELCHAIR_YES) == 0
    # Where a reader has given each street an end of its own, a closed node is the end of one street, and reached.
    ends = np.bincount(np.concatenate([network.edge_from, network.edge_to]), minlength=network.node_count)
    return barred | ((flags & NodeFlag.CLOSED) > 0) & (ends > 1)


def _above(measured: Bytes, limit: float | None) -> npt.NDArray[np.bool_]:
    """Return which measures are above a limit; what is not mapped is not."""
    return np.zeros(len(measured), bool) if limit is None else (measured > limit) & (measured != NOT_MAPPED)


def deciseconds(seconds: npt.NDArray[np.float64]) -> Indices:
    """Return seconds as whole deciseconds."""
    return np.rint(np.minimum(seconds * _DECISECONDS_PER_SECOND, _ENDLESS_DS)).astype(np.int32)


def directions(network: WalkNetwork) -> Ways:
    """Return 1 for streets walked from their first node to their last only, -1 for the reverse, 0 for both ways."""
    ahead, back = ((network.edge_flags & flag) > 0 for flag in (EdgeFlag.FORWARD, EdgeFlag.BACKWARD))
    return ahead.astype(np.int8) - back.astype(np.int8)


def build_arcs(
    network: WalkNetwork, edge_ds: Indices, direction: Ways, barred: npt.NDArray[np.bool_]
) -> tuple[Arcs, Arcs]:
    """Return the arcs against the direction of streets and along it: the same where all are walked both ways."""
    walked = np.flatnonzero((edge_ds != CLOSED) & (edge_ds < UNREACHED))
    walked = walked[~barred[network.edge_from[walked]] & ~barred[network.edge_to[walked]]]
    ahead, back = walked[direction[walked] >= 0], walked[direction[walked] <= 0]
    starts = np.concatenate([network.edge_from[ahead], network.edge_to[back]])
    stops = np.concatenate([network.edge_to[ahead], network.edge_from[back]])
    weights = edge_ds[np.concatenate([ahead, back])].astype(np.uint16)
    along = _arcs_of(starts, stops, weights, network.node_count)
    both_ways = len(ahead) == len(back) == len(walked)
    return along if both_ways else _arcs_of(stops, starts, weights, network.node_count), along


def _arcs_of(starts: Indices, stops: Indices, weights: Times, count: int) -> Arcs:
    """Return arcs sorted by the node that they start at: offsets of each of `count` nodes, targets and weights."""
    order = np.argsort(starts, kind="stable")
    return Arcs(offsets_of(starts, count), stops[order], weights[order])


def offsets_of(groups: npt.NDArray[np.integer], count: int) -> Indices:
    """Return where each of `count` groups begins once group numbers are sorted, and where the last one ends."""
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(groups, minlength=count), out=offsets[1:])
    return offsets
