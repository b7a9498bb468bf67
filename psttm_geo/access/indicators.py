"""How many residents live how near to everyday services, by unit, profile and age band: goal 5.10 as figures.

Residents count where they live (:class:`psttm_geo.access.travel_times.TravelTimes`); every sum is exact, since
residents are multiples of 1/1024 of a person and times whole deciseconds. Shares are parts of the residents of a unit
whom the extract speaks of; those who live far from every street or in no known place count among them and stand
beside them as unknown, as those outside the extract do. A unit of which nothing else is known, or too few of whose
residents are inside, has no share. Close to where the extract ends times are upper bounds: a nearer service may stand
beyond. Who does not arrive within the longest walk that is told apart counts with that walk in means and inequality
(restricted means): left out, they would make a mean shorter, and a new service could make it longer.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, eye_array, vstack

from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.osm.extent import LEAST_KNOWN_SHARE
from psttm_geo.schema.layers import AGE_BANDS

MINUTES = (5, 10, 15, 20, 30)
"""Thresholds of the indicators."""

QUARTER_HOUR_MIN = 15
"""The time that goal 5.10 speaks of."""

FARTHEST_MIN = 100
"""Longer walks are not told apart: whoever takes them counts as walking so long."""

ALL_AGES = "totale"

NO_CATEGORY = ""
"""Of indicators that are not about a category."""

_DECISECONDS_PER_SECOND = 10

_BIN_DS = 60
"""Medians and inequality are taken on classes of a tenth of a minute."""

_BEYOND = FARTHEST_MIN * DECISECONDS_PER_MINUTE // _BIN_DS + 1

_UNCONNECTED = _BEYOND + 1

_BINS = _UNCONNECTED + 1

_TENTH = 0.1

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

METHODS = {
    "residenti": "residenti dell'unità",
    "residenti_non_connessi": "residenti a più di 250 m da ogni strada percorribile",
    "residenti_isolati": "residenti su pezzi di rete che non portano da nessuna parte, senza altre strade entro 250 m",
    "residenti_senza_posizione": "residenti senza sezioni né strade su cui metterli",
    "residenti_fuori_estratto": "residenti fuori dall'area coperta dall'estratto di OpenStreetMap; dove non si sa dove "
    "abitano, in proporzione alla superficie",
    "residenti_al_margine": "residenti per i quali, in linea d'aria, l'estratto finisce prima della più lontana delle "
    "categorie essenziali ed entro 15 minuti: i loro tempi sono un limite superiore",
    "quota_non_nota": "fuori dall'estratto, non connessi e senza posizione, sui residenti",
    "residenti_entro": "residenti che arrivano entro la soglia",
    "quota_entro": "residenti che arrivano entro la soglia, sui residenti nell'area coperta dall'estratto",
    "minuti_medi": "media pesata con i residenti connessi; chi non arriva entro 100 minuti conta 100",
    "minuti_mediana": "mediana pesata con i residenti connessi, al decimo di minuto; vuota oltre 100",
    "residenti_oltre_100": "residenti connessi che non arrivano entro 100 minuti",
    "categorie_entro_15": "categorie essenziali raggiunte entro 15 minuti, media dei residenti",
    "gini_minuti": "indice di Gini dei minuti dei residenti connessi; chi non arriva entro 100 conta 100",
    "quota_decimo_peggiore": "parte dei minuti che tocca al decimo dei residenti connessi che cammina di più",
}
"""What each indicator is, by its name without threshold."""


@dataclass(frozen=True)
class UnitKind:
    """Units of a kind, made of base units.

    Attributes
    ----------
    kind
        As the column ``tipo_unita`` names it.
    names, editions
        Of each unit; the edition is empty for units that are the same in all.
    members
        One row per unit, one column per base unit: 1 for a member, else 0.
    """

    kind: str
    names: tuple[str, ...]
    editions: tuple[str, ...]
    members: csr_array


@dataclass(frozen=True)
class BaseUnits:
    """Units that places of residents are counted in, and the larger ones made of them.

    Attributes
    ----------
    place_unit
        For each place, the position of its base unit; -1 for none.
    unplaced
        One row per base unit, the columns of :data:`psttm_geo.schema.layers.AGE_BANDS`: residents without a place.
    kinds
        What is reported, the base units themselves among them if wanted.
    """

    place_unit: Indices
    unplaced: pd.DataFrame
    kinds: tuple[UnitKind, ...]

    @property
    def count(self) -> int:
        """How many base units there are."""
        return len(self.unplaced)


def same_units(kind: str, names: Sequence[str]) -> UnitKind:
    """Return base units as a kind of their own."""
    return UnitKind(kind, tuple(names), ("",) * len(names), eye_array(len(names), format="csr"))


@dataclass(frozen=True)
class Reach:
    """What the residents of units reach, as sums, for one profile.

    Attributes
    ----------
    residents, unconnected, isolated, unplaced, outside, near_end
        One value per unit; the last are connected residents for whom the extract ends, straight on, within a quarter of
        an hour and before the farthest essential service.
    within_15, decisecond_sum, late_decisecond_sum
        One row per category and a last one for the farthest essential; residents within 15 minutes, the times of all
        who are connected added up, and those of whoever does not arrive within 15 minutes; at most
        :data:`FARTHEST_MIN` each. NaN for a category without services.
    """

    residents: Floats
    unconnected: Floats
    isolated: Floats
    unplaced: Floats
    outside: Floats
    near_end: Floats
    within_15: Floats
    decisecond_sum: Floats
    late_decisecond_sum: Floats

    @property
    def connected(self) -> Floats:
        """Residents who live on a street: those of whom something is known."""
        return self.residents - self.unconnected - self.unplaced - self.outside

    @property
    def spoken_of(self) -> Floats:
        """Residents whom the extract speaks of; NaN where they are too few to speak for the unit."""
        return _spoken_of(self.residents, self.outside)

    def of(self, members: csr_array) -> "Reach":
        """Return the same for larger units."""
        return Reach(*((members @ getattr(self, field.name).T).T for field in fields(self)))


def reported_profiles(travel_times: TravelTimes) -> tuple[str, ...]:
    """Return the profiles that can be reported: :data:`BY_AGE` first, if ages are known and every band has its own."""
    own = {band for profile in travel_times.profiles for band in profile.bands}
    known = travel_times.places[list(AGE_BANDS)].to_numpy().any()
    by_age = (BY_AGE,) if known and own >= set(AGE_BANDS) else ()
    return (*by_age, *(profile.identifier for profile in travel_times.profiles))


def measure_reach(
    travel_times: TravelTimes, profile: str, units: Sequence[tuple[Indices, pd.DataFrame]]
) -> list[Reach]:
    """Add up what the residents of units reach.

    Parameters
    ----------
    travel_times
        Of all places.
    profile
        One of :func:`reported_profiles`.
    units
        Kinds of units: for each place the position of its unit (-1 for none), and one row per unit with the residents
        without a place, by age band.

    Returns
    -------
    list of Reach
        One per kind.
    """
    parts = list(_parts(travel_times, profile))
    residents = np.sum([weights for _, weights in parts], axis=0)
    outside = travel_times.places["outside"].to_numpy()
    unconnected = _where(parts, {own: ~flags & ~outside for own, flags in travel_times.connected.items()})
    isolated = _where(parts, travel_times.isolated)
    near_end = _where(parts, {own: is_near_end(travel_times, own) for own, _ in parts})
    rows = [*travel_times.categories, FARTHEST_ESSENTIAL]
    sums = [np.full((len(_SUMS), len(rows), len(unplaced)), np.nan) for _, unplaced in units]
    for row in range(len(rows)):
        _fill_row(travel_times, parts, units, sums, row)
    found = []
    for (place_unit, unplaced), (within, total, late) in zip(units, sums, strict=True):
        away = unplaced[list(AGE_BANDS)].sum(axis=1).to_numpy(dtype=float)
        of_places = (residents, unconnected, isolated, residents * outside, near_end)
        counted = [_summed(place_unit, values, len(unplaced)) for values in of_places]
        everybody, off_streets, apart, beyond, at_end = counted
        found.append(Reach(everybody + away, off_streets, apart, away, beyond, at_end, within, total, late))
    return found


def is_near_end(travel_times: TravelTimes, profile: str) -> npt.NDArray[np.bool_]:
    """Tell for which places the extract ends, straight on, within a quarter of an hour and before the farthest service.

    Beyond that end a nearer service may stand: their times are upper bounds.
    """
    speed_m_s = next(one.speed_m_s for one in travel_times.profiles if one.identifier == profile)
    end_ds = travel_times.places["to_end_m"].to_numpy() / speed_m_s * _DECISECONDS_PER_SECOND
    times = travel_times.times_to(profile, FARTHEST_ESSENTIAL)
    limit = np.full(len(end_ds), QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE)
    farthest = limit if times is None else np.minimum(limit, times)
    return np.asarray(travel_times.connected[profile] & (end_ds < farthest))


def renew_reach(
    travel_times: TravelTimes,
    profile: str,
    units: Sequence[tuple[Indices, pd.DataFrame]],
    before: Sequence[Reach],
    changed: Collection[str],
) -> list[Reach]:
    """Return the reach of units after some categories changed; the rest is taken from `before`."""
    rows = [*travel_times.categories, FARTHEST_ESSENTIAL]
    wanted = {*changed, FARTHEST_ESSENTIAL} if travel_times.essential & set(changed) else set(changed)
    parts = list(_parts(travel_times, profile))
    sums = [np.array([getattr(reach, name) for name in _SUMS]) for reach in before]
    for row, category in enumerate(rows):
        if category in wanted:
            _fill_row(travel_times, parts, units, sums, row)
    return [
        dataclasses.replace(reach, **dict(zip(_SUMS, values, strict=True)))
        for reach, values in zip(before, sums, strict=True)
    ]


_SUMS = ("within_15", "decisecond_sum", "late_decisecond_sum")


def _fill_row(
    travel_times: TravelTimes,
    parts: Sequence[tuple[str, Floats]],
    units: Sequence[tuple[Indices, pd.DataFrame]],
    sums: Sequence[Floats],
    row: int,
) -> None:
    """Write the sums of a category into those of each kind of units."""
    category = [*travel_times.categories, FARTHEST_ESSENTIAL][row]
    if travel_times.times_to(parts[0][0], category) is None:
        for values in sums:
            values[:, row] = np.nan
        return
    for number, of_row in enumerate(_category_sums(travel_times, parts, category)):
        for values, (place_unit, unplaced) in zip(sums, units, strict=True):
            values[number, row] = _summed(place_unit, of_row, len(unplaced))


def count_changed(
    before: TravelTimes, after: TravelTimes, profile: str, category: str, place_unit: Indices, count: int
) -> tuple[Floats, Floats]:
    """Count the residents of units whose walk to a category gets shorter, and longer.

    Returns
    -------
    tuple of ndarray
        One value per unit each; NaN where one of the two walks is unknown.
    """
    shorter, longer = np.zeros(len(before.places)), np.zeros(len(before.places))
    for own, weights in _parts(before, profile):
        old, new = before.times_to(own, category), after.times_to(own, category)
        if old is None or new is None:
            return np.full(count, np.nan), np.full(count, np.nan)
        shorter += np.where(new < old, weights, 0.0)
        longer += np.where(new > old, weights, 0.0)
    return _summed(place_unit, shorter, count), _summed(place_unit, longer, count)


def count_crossed(
    before: TravelTimes, after: TravelTimes, profile: str, category: str, units: Sequence[tuple[Indices, int]]
) -> list[tuple[Floats, Floats]]:
    """Count the residents who come within 15 minutes of a category, and those who are so no more.

    Parameters
    ----------
    before, after
        Of the same places.
    profile
        One of :func:`reported_profiles`.
    category
        Of services, or :data:`psttm_geo.access.travel_times.FARTHEST_ESSENTIAL`.
    units
        Kinds of units: for each place the position of its unit (-1 for none), and how many units there are.

    Returns
    -------
    list of tuple of ndarray
        Of each kind one value per unit, twice; NaN where one of the two walks is unknown.
    """
    limit = QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE
    gained, lost = np.zeros(len(before.places)), np.zeros(len(before.places))
    for own, weights in _parts(before, profile):
        old, new = before.times_to(own, category), after.times_to(own, category)
        if old is None or new is None:
            return [(np.full(count, np.nan), np.full(count, np.nan)) for _, count in units]
        gained += np.where((new <= limit) & (old > limit), weights, 0.0)
        lost += np.where((new > limit) & (old <= limit), weights, 0.0)
    return [(_summed(place_unit, gained, count), _summed(place_unit, lost, count)) for place_unit, count in units]


def _parts(travel_times: TravelTimes, profile: str) -> Iterator[tuple[str, Floats]]:
    """Yield who walks: a profile and how many residents of each place walk so."""
    if profile != BY_AGE:
        yield profile, travel_times.places["residents"].to_numpy(dtype=float)
        return
    for own in travel_times.profiles:
        if own.bands:
            yield own.identifier, travel_times.places[list(own.bands)].sum(axis=1).to_numpy(dtype=float)


def _where(parts: Sequence[tuple[str, Floats]], flags: Mapping[str, npt.NDArray[np.bool_]]) -> Floats:
    return np.asarray(np.sum([weights * flags[profile] for profile, weights in parts], axis=0))


def _category_sums(travel_times: TravelTimes, parts: Sequence[tuple[str, Floats]], category: str) -> tuple[Floats, ...]:
    """Return, per place, the three sums of a category as :class:`Reach` has them."""
    within, total, late = (np.zeros(len(travel_times.places)) for _ in range(3))
    for profile, weights in parts:
        times = travel_times.times_to(profile, category)
        if times is not None:
            soon = times <= QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE
            walked = (
                weights * travel_times.connected[profile] * np.minimum(times, FARTHEST_MIN * DECISECONDS_PER_MINUTE)
            )
            within += np.where(soon, weights, 0.0)
            total += walked
            late += np.where(soon, 0.0, walked)
    return within, total, late


def reach_table(reach: Reach, categories: Sequence[str], essential: frozenset[str]) -> pd.DataFrame:
    """Return the columns of the accessibility layers, one row per unit.

    Returns
    -------
    DataFrame
        ``residents``, ``share_all_15``, ``share_unknown``, ``categories_15``, ``minutes_all``,
        ``residents_outside``, ``residents_near_end``, ``residents_unconnected``, ``residents_isolated``,
        ``residents_unplaced``, and ``minutes_to_`` and ``share_15_`` of every category. Shares of a unit without
        connected residents are unknown, and of one too few of whose residents are inside the extract.
    """
    shares, minutes = reach_figures(reach, range(len(categories) + 1))
    rows = [row for row, name in enumerate(categories) if name in essential]
    columns = {
        "residents": reach.residents,
        "share_all_15": shares[-1],
        "share_unknown": _divide(reach.residents - reach.connected, reach.residents),
        "categories_15": shares[rows].sum(axis=0) if rows else np.nan,
        "minutes_all": minutes[-1],
        "residents_outside": reach.outside,
        "residents_near_end": reach.near_end,
        "residents_unconnected": reach.unconnected,
        "residents_isolated": reach.isolated,
        "residents_unplaced": reach.unplaced,
    }
    columns |= {f"minutes_to_{name}": minutes[row] for row, name in enumerate(categories)}
    columns |= {f"share_15_{name}": shares[row] for row, name in enumerate(categories)}
    return pd.DataFrame(columns)


def reach_figures(reach: Reach, rows: Sequence[int]) -> tuple[Floats, Floats]:
    """Return the shares within 15 minutes and the mean minutes of some rows of a reach, one column per unit."""
    wanted = list(rows)
    shares = _share(reach.within_15[wanted], reach.spoken_of, reach.connected)
    minutes = _divide(reach.decisecond_sum[wanted], reach.connected) / DECISECONDS_PER_MINUTE
    return shares, np.where(np.isnan(reach.spoken_of), np.nan, minutes)


def list_indicators(
    travel_times: TravelTimes, bases: Sequence[BaseUnits], *, minutes: Sequence[int] = MINUTES
) -> pd.DataFrame:
    """Return the long table of indicators.

    Parameters
    ----------
    travel_times
        Of all places.
    bases
        What they are counted in.
    minutes
        Thresholds, at most :data:`FARTHEST_MIN`.

    Returns
    -------
    DataFrame
        ``unit_kind``, ``edition_or_all``, ``unit``, ``profile``, ``age_band``, ``category``, ``threshold_min``,
        ``access_indicator``, ``access_value`` (NaN where unknown), ``method``: each profile for residents of all ages,
        and :data:`BY_AGE` for each age band too.
    """
    tables = [_base_indicators(travel_times, base, minutes) for base in bases]
    table: pd.DataFrame = pd.concat(tables, ignore_index=True)
    texts = [name for name in table.columns if name not in ("access_value", "threshold_min")]
    return table.astype(dict.fromkeys(texts, "category"))


def _base_indicators(travel_times: TravelTimes, base: BaseUnits, minutes: Sequence[int]) -> pd.DataFrame:
    members = csr_array(vstack([kind.members for kind in base.kinds]))
    essentials: dict[tuple[str, str], list[_Quarter]] = {}
    figures: list[tuple[tuple[str, str], str, _Figure]] = []
    for category in [*travel_times.categories, FARTHEST_ESSENTIAL]:
        for who, tally in _tally_category(travel_times, base, category).items():
            larger = tally.of(members)
            figures += [(who, category, figure) for figure in _category_figures(larger, category, minutes)]
            if category in travel_times.essential:
                essentials.setdefault(who, []).append(_Quarter.of(larger))
    for who, counts in _general_tallies(travel_times, base).items():
        larger_counts = {name: members @ values for name, values in counts.items()}
        general = _general_figures(larger_counts, essentials.get(who, []))
        figures += [(who, NO_CATEGORY, figure) for figure in general]
    return _long_table(base, figures)


def _long_table(base: BaseUnits, figures: Sequence[tuple[tuple[str, str], str, "_Figure"]]) -> pd.DataFrame:
    """Return one row per figure and unit; texts are kept as codes, for there are hundreds of thousands of rows."""
    units = sum(len(kind.names) for kind in base.kinds)

    def per_unit(texts: Iterable[str]) -> pd.Series:
        codes, names = pd.factorize(np.array(list(texts), dtype=object))
        return pd.Series(pd.Categorical.from_codes(np.tile(codes, len(figures)), categories=pd.Index(names)))

    def per_figure(texts: Iterable[str]) -> pd.Series:
        codes, names = pd.factorize(np.array(list(texts), dtype=object))
        return pd.Series(pd.Categorical.from_codes(np.repeat(codes, units), categories=pd.Index(names)))

    thresholds = pd.array([figure.threshold for _, _, figure in figures], dtype="Int64")
    return pd.DataFrame(
        {
            "unit_kind": per_unit(kind.kind for kind in base.kinds for _ in kind.names),
            "edition_or_all": per_unit(edition for kind in base.kinds for edition in kind.editions),
            "unit": per_unit(name for kind in base.kinds for name in kind.names),
            "profile": per_figure(who[0] for who, _, _ in figures),
            "age_band": per_figure(who[1] for who, _, _ in figures),
            "category": per_figure(category for _, category, _ in figures),
            "threshold_min": thresholds.repeat(units),
            "access_indicator": per_figure(figure.full_name for _, _, figure in figures),
            "access_value": np.concatenate([figure.per_unit for _, _, figure in figures]),
            "method": per_figure(METHODS[figure.name] for _, _, figure in figures),
        }
    )


@dataclass(frozen=True)
class _Figure:
    """An indicator of all units of a base: its name in :data:`METHODS`, its threshold, one value per unit."""

    name: str
    threshold: int | None
    per_unit: Floats

    @property
    def full_name(self) -> str:
        return self.name if self.threshold is None else f"{self.name}_{self.threshold}"


@dataclass(frozen=True)
class _Tally:
    """Residents of units by class of time (rows are units), and the deciseconds of the connected added up."""

    classes: Floats
    decisecond_sum: Floats
    residents: Floats
    outside: Floats
    known: bool

    @property
    def connected(self) -> Floats:
        return np.asarray(self.classes[:, :_UNCONNECTED].sum(axis=1))

    @property
    def spoken_of(self) -> Floats:
        return _spoken_of(self.residents, self.outside)

    def of(self, members: csr_array) -> "_Tally":
        """Return the same for larger units; of those too few of whose residents are inside nothing is known."""
        larger = _Tally(
            members @ self.classes,
            members @ self.decisecond_sum,
            members @ self.residents,
            members @ self.outside,
            self.known,
        )
        hidden = np.isnan(larger.spoken_of)
        larger.classes[hidden] = np.nan
        larger.decisecond_sum[hidden] = np.nan
        return larger

    def __add__(self, other: "_Tally") -> "_Tally":
        return _Tally(
            self.classes + other.classes,
            self.decisecond_sum + other.decisecond_sum,
            self.residents + other.residents,
            self.outside + other.outside,
            self.known and other.known,
        )


@dataclass(frozen=True)
class _Quarter:
    """What is kept of a tally until all essential categories are counted: a thousandth of it."""

    within: Floats
    connected: Floats
    spoken_of: Floats
    known: bool

    @classmethod
    def of(cls, tally: _Tally) -> "_Quarter":
        upto = QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE // _BIN_DS + 1
        return cls(tally.classes[:, :upto].sum(axis=1), tally.connected, tally.spoken_of, tally.known)


def _tally_category(travel_times: TravelTimes, base: BaseUnits, category: str) -> dict[tuple[str, str], _Tally]:
    """Return the tally of each profile, and of each age band that walks as its own profile does."""
    tallies: dict[tuple[str, str], _Tally] = {}
    for profile in travel_times.profiles:
        name = profile.identifier
        times = travel_times.times_to(name, category)
        index = None if times is None else _class_of(times, travel_times.connected[name])
        for band in ("residents", *profile.bands):
            who = (name, ALL_AGES) if band == "residents" else (BY_AGE, _band_name(band))
            bands = list(AGE_BANDS) if band == "residents" else [band]
            away = base.unplaced[bands].sum(axis=1).to_numpy(dtype=float)
            weights = travel_times.places[band].to_numpy(dtype=float)
            outside = _summed(base.place_unit, weights * travel_times.places["outside"].to_numpy(), base.count)
            tallies[who] = _tally(base, index, times, weights, away, outside)
    if BY_AGE in reported_profiles(travel_times):
        ages = [tallies[BY_AGE, _band_name(band)] for band in AGE_BANDS]
        tallies[BY_AGE, ALL_AGES] = ages[0] + ages[1] + ages[2] + ages[3]
    return {who: tally for who, tally in tallies.items() if who[0] in reported_profiles(travel_times)}


def _class_of(times: npt.NDArray[np.uint16], connected: npt.NDArray[np.bool_]) -> Indices:
    classes = -(-times.astype(np.intp) // _BIN_DS)
    classes[classes > _BEYOND] = _BEYOND
    classes[~connected] = _UNCONNECTED
    return classes


def _tally(
    base: BaseUnits,
    classes: Indices | None,
    times: npt.NDArray[np.uint16] | None,
    weights: Floats,
    away: Floats,
    outside: Floats,
) -> _Tally:
    inside = base.place_unit >= 0
    unit, weights = base.place_unit[inside], weights[inside]
    residents = _counted(unit, weights, base.count) + away
    if classes is None or times is None:
        return _Tally(np.zeros((base.count, _BINS)), np.zeros(base.count), residents, outside, known=False)
    classes = classes[inside]
    counted = _counted(unit * _BINS + classes, weights, base.count * _BINS)
    walked = np.minimum(times[inside], FARTHEST_MIN * DECISECONDS_PER_MINUTE)
    sums = _counted(unit, np.where(classes < _UNCONNECTED, weights * walked, 0.0), base.count)
    return _Tally(counted.reshape(base.count, _BINS), sums, residents, outside, known=True)


def _category_figures(tally: _Tally, category: str, minutes: Sequence[int]) -> Iterator[_Figure]:
    """Yield the indicators of a category."""
    unknown = np.full(len(tally.residents), np.nan)
    running = tally.classes.cumsum(axis=1)
    for threshold in minutes:
        # Copied: a column alone would keep all classes of all tallies, hundreds of megabytes.
        within = running[:, threshold * DECISECONDS_PER_MINUTE // _BIN_DS].copy() if tally.known else unknown
        yield _Figure("residenti_entro", threshold, within)
        yield _Figure("quota_entro", threshold, _share(within, tally.spoken_of, tally.connected))
    yield _Figure("minuti_medi", None, _divide(tally.decisecond_sum, tally.connected) / DECISECONDS_PER_MINUTE)
    yield _Figure("minuti_mediana", None, _median(running) if tally.known else unknown)
    yield _Figure("residenti_oltre_100", None, tally.classes[:, _BEYOND].copy() if tally.known else unknown)
    if category == FARTHEST_ESSENTIAL:
        yield _Figure("gini_minuti", None, _gini(tally.classes))
        yield _Figure("quota_decimo_peggiore", None, _worst_tenth(tally.classes))


def _median(running: Floats) -> Floats:
    """Return the time that half of the connected residents arrive within; NaN where fewer than half arrive at all."""
    connected = np.nan_to_num(running[:, _BEYOND])
    first = (running[:, : _BEYOND + 1] >= connected[:, None] / 2).argmax(axis=1)
    return np.where((connected > 0) & (first < _BEYOND), first * _BIN_DS / DECISECONDS_PER_MINUTE, np.nan)


_CLASS_MIN = np.minimum(np.arange(_UNCONNECTED) * _BIN_DS / DECISECONDS_PER_MINUTE, FARTHEST_MIN)
"""The upper end of each class of time, minutes."""


def _gini(classes: Floats) -> Floats:
    """Return the Gini index of the minutes of connected residents.

    Weighted form of the mean difference: Lerman, R. I. and Yitzhaki, S. (1989), Improving the accuracy of estimates of
    Gini coefficients, Journal of Econometrics 42(1).
    """
    weights = classes[:, :_UNCONNECTED]
    running = weights.cumsum(axis=1)
    total = running[:, -1:]
    walked = weights * _CLASS_MIN
    differences = (walked * (2 * running - weights - total)).sum(axis=1)
    return _divide(differences, total[:, 0] * walked.sum(axis=1))


def _worst_tenth(classes: Floats) -> Floats:
    """Return the part of all minutes that the tenth of connected residents who walk longest has."""
    weights = classes[:, :_UNCONNECTED]
    running = weights.cumsum(axis=1)
    total = running[:, -1:]
    longest = np.clip(_TENTH * total - (total - running), 0.0, weights)
    return _divide((longest * _CLASS_MIN).sum(axis=1), (weights * _CLASS_MIN).sum(axis=1))


def _general_tallies(travel_times: TravelTimes, base: BaseUnits) -> dict[tuple[str, str], dict[str, Floats]]:
    """Return residents, and those of whom nothing is known, of the base units, by profile and age band."""
    found: dict[tuple[str, str], dict[str, Floats]] = {}
    outside = travel_times.places["outside"].to_numpy()
    for profile in travel_times.profiles:
        name = profile.identifier
        near_end = is_near_end(travel_times, name)
        for band in ("residents", *profile.bands):
            who = (name, ALL_AGES) if band == "residents" else (BY_AGE, _band_name(band))
            weights = travel_times.places[band].to_numpy(dtype=float)
            bands = list(AGE_BANDS) if band == "residents" else [band]
            away = base.unplaced[bands].sum(axis=1).to_numpy(dtype=float)
            counted = {
                "residenti": weights,
                "residenti_fuori_estratto": weights * outside,
                "residenti_al_margine": weights * near_end,
                "residenti_non_connessi": weights * (~travel_times.connected[name] & ~outside),
                "residenti_isolati": weights * travel_times.isolated[name],
            }
            found[who] = {kind: _summed(base.place_unit, values, base.count) for kind, values in counted.items()}
            found[who]["residenti"] += away
            found[who]["residenti_senza_posizione"] = away
    if BY_AGE in reported_profiles(travel_times):
        ages = [found[BY_AGE, _band_name(band)] for band in AGE_BANDS]
        found[BY_AGE, ALL_AGES] = {name: np.sum([age[name] for age in ages], axis=0) for name in ages[0]}
    return {who: figures for who, figures in found.items() if who[0] in reported_profiles(travel_times)}


def _general_figures(counts: Mapping[str, Floats], essentials: Sequence[_Quarter]) -> Iterator[_Figure]:
    """Yield the indicators that are not about a category."""
    for name, values in counts.items():
        yield _Figure(name, None, values)
    residents = counts["residenti"]
    reasons = ("residenti_fuori_estratto", "residenti_non_connessi", "residenti_senza_posizione")
    unknown = np.sum([counts[name] for name in reasons], axis=0)
    yield _Figure("quota_non_nota", None, _divide(unknown, residents))
    reached = np.full(len(residents), np.nan)
    if essentials and all(tally.known for tally in essentials):
        within = np.sum([tally.within for tally in essentials], axis=0)
        reached = _share(within, essentials[0].spoken_of, essentials[0].connected)
    yield _Figure("categorie_entro_15", None, reached)


def _summed(place_unit: Indices, values: Floats, count: int) -> Floats:
    """Add up values of places by unit; places in none are left out."""
    inside = place_unit >= 0
    return _counted(place_unit[inside], values[inside], count)


def _counted(groups: Indices, weights: Floats, count: int) -> Floats:
    return np.bincount(groups, weights, minlength=count).astype(float)


def _band_name(band: str) -> str:
    """Return an age band as the table names it."""
    return band.removeprefix("residents_").replace("over", "piu")


def _spoken_of(residents: Floats, outside: Floats) -> Floats:
    """Return the residents whom the extract speaks of; NaN where they are too few to speak for a unit."""
    inside = residents - outside
    return np.where((inside >= LEAST_KNOWN_SHARE * residents) | (residents == 0), inside, np.nan)


def _share(part: Floats, residents: Floats, connected: Floats) -> Floats:
    """Return a share of residents; NaN where nothing is known of any of them."""
    return np.where(connected > 0, _divide(part, residents), np.nan)


def _divide(values: Floats, by: Floats) -> Floats:
    """Return a quotient; NaN where nothing is divided by nothing."""
    return np.asarray(
        np.divide(values, by, out=np.full(np.broadcast_shapes(values.shape, by.shape), np.nan), where=by > 0)
    )
