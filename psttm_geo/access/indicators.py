"""How many residents live how near to everyday services, by unit, profile and age band: goal 5.10 as figures.

Residents count where they live (:class:`psttm_geo.access.travel_times.TravelTimes`); every sum is exact, since
residents are multiples of 1/1024 of a person and times whole deciseconds. Shares are parts of the residents of a unit
whom the extract speaks of; those who live far from every street or in no known place count among them and stand
beside them as unknown, as those outside the extract do. A unit of which nothing else is known, or too few of whose
residents are inside, has no share. Close to where the extract ends times are upper bounds: a nearer service may stand
beyond. Who does not arrive within the longest walk that is told apart counts with that walk in means and inequality
(restricted means): left out, they would make a mean shorter, and a new service could make it longer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.access.unit_reach import (
    FARTHEST_MIN,
    QUARTER_HOUR_MIN,
    Floats,
    Indices,
    count_by_unit,
    count_spoken_of,
    divide,
    is_near_end,
    reported_profiles,
    share_of,
    sum_by_unit,
)
from psttm_geo.schema.layers import AGE_BANDS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MINUTES = (5, 10, 15, 20, 30)
"""Thresholds of the indicators."""

ALL_AGES = "totale"

NO_CATEGORY = ""
"""Of indicators that are not about a category."""

_BIN_DS = 60
"""Medians and inequality are taken on classes of a tenth of a minute."""

_BEYOND = FARTHEST_MIN * DECISECONDS_PER_MINUTE // _BIN_DS + 1

_UNCONNECTED = _BEYOND + 1

_BINS = _UNCONNECTED + 1

_TENTH = 0.1

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
    "servizi_entro": "servizi della categoria che si raggiungono entro la soglia, media dei residenti connessi",
    "minuti_al_secondo": "minuti fino al secondo servizio più vicino, media pesata con i residenti connessi; chi non "
    "arriva entro 100 minuti conta 100",
    "minuti_al_terzo": "minuti fino al terzo servizio più vicino, media pesata con i residenti connessi; chi non "
    "arriva entro 100 minuti conta 100",
    "residenti_oltre_100": "residenti connessi che non arrivano entro 100 minuti",
    "categorie_entro_15": "categorie essenziali raggiunte entro 15 minuti, media dei residenti",
    "gini_minuti": "indice di Gini dei minuti dei residenti connessi; chi non arriva entro 100 conta 100",
    "quota_decimo_peggiore": "parte dei minuti che tocca al decimo dei residenti connessi che cammina di più",
}
"""What each indicator is, by its name without threshold."""


@dataclass(frozen=True)
class Band:
    """Between which values the figures of units lie, for who walks and a category; NaN where an end is not known.

    Attributes
    ----------
    within_low, within_high
        Residents within a quarter of an hour.
    sum_low, sum_high
        The deciseconds of the connected added up.
    """

    within_low: Floats
    within_high: Floats
    sum_low: Floats
    sum_high: Floats

    def take(self, units: slice) -> "Band":
        """Return the band of some of the units."""
        return Band(*(getattr(self, field.name)[units] for field in fields(self)))


Bands = Mapping[tuple[tuple[str, str], str], Band]
"""By who walks (profile and age band) and category."""


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
    members: "csr_array"


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
    from scipy.sparse import eye_array  # noqa: PLC0415 - a quarter of a second that isochrones do without

    return UnitKind(kind, tuple(names), ("",) * len(names), eye_array(len(names), format="csr"))


def list_indicators(
    travel_times: TravelTimes,
    bases: Sequence[BaseUnits],
    *,
    minutes: Sequence[int] = MINUTES,
    bands: Sequence[Bands] | None = None,
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
    bands
        Of each of the bases, as :func:`psttm_geo.access.uncertainty.measure_bands` returns them; None for none.

    Returns
    -------
    DataFrame
        ``unit_kind``, ``edition_or_all``, ``unit``, ``profile``, ``age_band``, ``category``, ``threshold_min``,
        ``access_indicator``, ``access_value`` (NaN where unknown), ``access_low``, ``access_high`` and
        ``access_width`` (of who arrives within a quarter of an hour, and of mean minutes; else NaN), ``method``: each
        profile for residents of all ages, and :data:`BY_AGE` for each age band too.
    """
    measured = [{}] * len(bases) if bands is None else bands
    tables = [_base_indicators(travel_times, base, minutes, known) for base, known in zip(bases, measured, strict=True)]
    return as_categories(pd.concat(tables, ignore_index=True))


def as_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of indicators whose texts are categories."""
    texts = [name for name in table.columns if name not in _NUMBERS]
    return table.astype(dict.fromkeys(texts, "category"))


_NUMBERS = ("access_value", "access_low", "access_high", "access_width", "threshold_min")


def _base_indicators(travel_times: TravelTimes, base: BaseUnits, minutes: Sequence[int], bands: Bands) -> pd.DataFrame:
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415 - as above

    members = csr_array(vstack([kind.members for kind in base.kinds]))
    essentials: dict[tuple[str, str], list[_Quarter]] = {}
    figures: list[tuple[tuple[str, str], str, Figure]] = []
    for category in [*travel_times.categories, FARTHEST_ESSENTIAL]:
        for who, tally in _tally_category(travel_times, base, category).items():
            larger = tally.of(members)
            listed = _category_figures(larger, category, minutes, bands.get((who, category)))
            figures += [(who, category, figure) for figure in listed]
            if category in travel_times.essential:
                essentials.setdefault(who, []).append(_Quarter.of(larger))
    for who, counts in _general_tallies(travel_times, base).items():
        larger_counts = {name: members @ values for name, values in counts.items()}
        general = _general_figures(larger_counts, essentials.get(who, []))
        figures += [(who, NO_CATEGORY, figure) for figure in general]
    return long_table(base, figures)


def long_table(base: BaseUnits, figures: Sequence[tuple[tuple[str, str], str, "Figure"]]) -> pd.DataFrame:
    """Return one row per figure and unit; texts are kept as codes, for there are hundreds of thousands of rows."""
    units = sum(len(kind.names) for kind in base.kinds)

    def per_unit(texts: Iterable[str]) -> pd.Series:
        codes, names = pd.factorize(np.array(list(texts), dtype=object))
        return pd.Series(pd.Categorical.from_codes(np.tile(codes, len(figures)), categories=pd.Index(names)))

    def per_figure(texts: Iterable[str]) -> pd.Series:
        codes, names = pd.factorize(np.array(list(texts), dtype=object))
        return pd.Series(pd.Categorical.from_codes(np.repeat(codes, units), categories=pd.Index(names)))

    low, high = (np.concatenate(ends) for ends in zip(*(figure.ends(units) for _, _, figure in figures), strict=True))
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
            "access_low": low,
            "access_high": high,
            "access_width": high - low,
            "method": per_figure(METHODS[figure.name] for _, _, figure in figures),
        }
    )


@dataclass(frozen=True)
class Figure:
    """An indicator of all units of a base: its name in :data:`METHODS`, its threshold, one value per unit, its band."""

    name: str
    threshold: int | None
    per_unit: Floats
    band: tuple[Floats, ...] = ()

    def ends(self, units: int) -> tuple[Floats, Floats]:
        """Return the low and the high values; nothing is said beside what is not known."""
        low, high = self.band or (np.full(units, np.nan),) * 2
        hidden = np.isnan(self.per_unit)
        return np.where(hidden, np.nan, low), np.where(hidden, np.nan, high)

    @property
    def full_name(self) -> str:
        """Its name with the threshold."""
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
        return count_spoken_of(self.residents, self.outside)

    def of(self, members: "csr_array") -> "_Tally":
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
            who = (name, ALL_AGES) if band == "residents" else (BY_AGE, name_band(band))
            bands = list(AGE_BANDS) if band == "residents" else [band]
            away = base.unplaced[bands].sum(axis=1).to_numpy(dtype=float)
            weights = travel_times.places[band].to_numpy(dtype=float)
            outside = sum_by_unit(base.place_unit, weights * travel_times.places["outside"].to_numpy(), base.count)
            tallies[who] = _tally(base, index, times, weights, away, outside)
    if BY_AGE in reported_profiles(travel_times):
        ages = [tallies[BY_AGE, name_band(band)] for band in AGE_BANDS]
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
    residents = count_by_unit(unit, weights, base.count) + away
    if classes is None or times is None:
        return _Tally(np.zeros((base.count, _BINS)), np.zeros(base.count), residents, outside, known=False)
    classes = classes[inside]
    counted = count_by_unit(unit * _BINS + classes, weights, base.count * _BINS)
    walked = np.minimum(times[inside], FARTHEST_MIN * DECISECONDS_PER_MINUTE)
    sums = count_by_unit(unit, np.where(classes < _UNCONNECTED, weights * walked, 0.0), base.count)
    return _Tally(counted.reshape(base.count, _BINS), sums, residents, outside, known=True)


def bands_of(profile: Profile) -> dict[tuple[str, str], str]:
    """Return who walks as a profile, all residents and each of its age bands, and the column that counts them."""
    own = {(BY_AGE, name_band(band)): band for band in profile.bands}
    return {(profile.identifier, ALL_AGES): "residents", **own}


def people_of(travel_times: TravelTimes, profile: Profile, column: str, base: BaseUnits) -> "csr_array":
    """Return the connected residents by unit (rows) and place."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - as above

    weights = travel_times.places[column].to_numpy(dtype=float) * travel_times.connected[profile.identifier]
    place = np.flatnonzero((weights > 0) & (base.place_unit >= 0))
    return csr_array((weights[place], (base.place_unit[place], place)), shape=(base.count, len(weights)))


def _category_figures(tally: _Tally, category: str, minutes: Sequence[int], band: Band | None) -> Iterator[Figure]:
    """Yield the indicators of a category."""
    unknown = np.full(len(tally.residents), np.nan)
    running = tally.classes.cumsum(axis=1)
    for threshold in minutes:
        # Copied: a column alone would keep all classes of all tallies, hundreds of megabytes.
        within = running[:, threshold * DECISECONDS_PER_MINUTE // _BIN_DS].copy() if tally.known else unknown
        low_high = (band.within_low, band.within_high) if band and threshold == QUARTER_HOUR_MIN else ()
        shares = tuple(share_of(end, tally.spoken_of, tally.connected) for end in low_high)
        yield Figure("residenti_entro", threshold, within, low_high)
        yield Figure("quota_entro", threshold, share_of(within, tally.spoken_of, tally.connected), shares)
    ends = (tally.decisecond_sum, *((band.sum_low, band.sum_high) if band else ()))
    mean, *means = (divide(end, tally.connected) / DECISECONDS_PER_MINUTE for end in ends)
    yield Figure("minuti_medi", None, mean, tuple(means))
    yield Figure("minuti_mediana", None, _median(running) if tally.known else unknown)
    yield Figure("residenti_oltre_100", None, tally.classes[:, _BEYOND].copy() if tally.known else unknown)
    if category == FARTHEST_ESSENTIAL:
        yield Figure("gini_minuti", None, _gini(tally.classes))
        yield Figure("quota_decimo_peggiore", None, _worst_tenth(tally.classes))


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
    return divide(differences, total[:, 0] * walked.sum(axis=1))


def _worst_tenth(classes: Floats) -> Floats:
    """Return the part of all minutes that the tenth of connected residents who walk longest has."""
    weights = classes[:, :_UNCONNECTED]
    running = weights.cumsum(axis=1)
    total = running[:, -1:]
    longest = np.clip(_TENTH * total - (total - running), 0.0, weights)
    return divide((longest * _CLASS_MIN).sum(axis=1), (weights * _CLASS_MIN).sum(axis=1))


def _general_tallies(travel_times: TravelTimes, base: BaseUnits) -> dict[tuple[str, str], dict[str, Floats]]:
    """Return residents, and those of whom nothing is known, of the base units, by profile and age band."""
    found: dict[tuple[str, str], dict[str, Floats]] = {}
    outside = travel_times.places["outside"].to_numpy()
    for profile in travel_times.profiles:
        name = profile.identifier
        near_end = is_near_end(travel_times, name)
        for band in ("residents", *profile.bands):
            who = (name, ALL_AGES) if band == "residents" else (BY_AGE, name_band(band))
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
            found[who] = {kind: sum_by_unit(base.place_unit, values, base.count) for kind, values in counted.items()}
            found[who]["residenti"] += away
            found[who]["residenti_senza_posizione"] = away
    if BY_AGE in reported_profiles(travel_times):
        ages = [found[BY_AGE, name_band(band)] for band in AGE_BANDS]
        found[BY_AGE, ALL_AGES] = {name: np.sum([age[name] for age in ages], axis=0) for name in ages[0]}
    return {who: figures for who, figures in found.items() if who[0] in reported_profiles(travel_times)}


def _general_figures(counts: Mapping[str, Floats], essentials: Sequence[_Quarter]) -> Iterator[Figure]:
    """Yield the indicators that are not about a category."""
    for name, values in counts.items():
        yield Figure(name, None, values)
    residents = counts["residenti"]
    reasons = ("residenti_fuori_estratto", "residenti_non_connessi", "residenti_senza_posizione")
    unknown = np.sum([counts[name] for name in reasons], axis=0)
    yield Figure("quota_non_nota", None, divide(unknown, residents))
    reached = np.full(len(residents), np.nan)
    if essentials and all(tally.known for tally in essentials):
        within = np.sum([tally.within for tally in essentials], axis=0)
        reached = share_of(within, essentials[0].spoken_of, essentials[0].connected)
    yield Figure("categorie_entro_15", None, reached)


def name_band(band: str) -> str:
    """Return an age band as the table names it."""
    return band.removeprefix("residents_").replace("over", "piu")
