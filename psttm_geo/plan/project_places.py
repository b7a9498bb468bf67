"""Where the projects of the recovery plan are: municipalities, provinces and shares by CUP, as Italia Domani says."""

import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from psttm_geo.core.spreadsheets import parse_amount
from psttm_geo.plan.published_rows import PublishedFile
from psttm_geo.schema.istat_codes import PROVINCE_LENGTH
from psttm_geo.territory.gazetteer import Gazetteer

_CUP = re.compile(r"[A-Z0-9]{15}")

_NUMBER_LENGTH = 3
"""Of a municipality within its province."""

Key = tuple[str, str]
"""A CUP and a local code; the code is empty in files without it."""


@dataclass
class Places:
    """Where the projects of a territory are.

    Attributes
    ----------
    shares
        By key and place, a municipality's code or a province's: the published share in percent, None where there is
        none. A place that is no more than a region or the country is an empty code.
    invalid
        Lines whose CUP is none.
    unknown
        Lines in a province of the territory with a municipality that does not exist.
    regional, elsewhere
        CUPs without a place in the territory: with one that is a region or the whole country, and all others.
    """

    shares: dict[Key, dict[str, float | None]] = field(default_factory=lambda: defaultdict(dict))
    invalid: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    regional: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)

    @cached_property
    def by_cup(self) -> dict[str, dict[str, float | None]]:
        """The places of each CUP, whatever its local codes; without shares where it has several."""
        found: dict[str, dict[str, float | None]] = defaultdict(dict)
        for (cup, _), places in self.shares.items():
            found[cup] = dict.fromkeys([*found[cup], *places]) if cup in found else places
        return found

    def of(self, key: Key) -> dict[str, float | None]:
        """Return the places of a row of a project."""
        return self.shares.get(key) or self.by_cup[key[0]]


def read_places(file: PublishedFile, gazetteer: Gazetteer) -> Places:
    """Read the places of all projects that have one in the territory.

    Parameters
    ----------
    file
        Read once; it keeps the rows of these projects.
    gazetteer
        The municipalities.
    """
    provinces = {code[:PROVINCE_LENGTH] for code in gazetteer.territory}
    places = Places()
    read: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    cups: set[str] = set()
    wide: dict[str, bool] = {}
    for line, row in file:
        key, code = key_of(row), _code(row, gazetteer)
        if key is None:
            places.invalid.append(line)
            continue
        read[key[0]].append(tuple(map(sys.intern, row.values())))
        if code in gazetteer.territory or code in provinces:
            cups.add(key[0])
        else:
            wide[key[0]] = wide.get(key[0], False) or not code
            if code[:PROVINCE_LENGTH] in provinces and not gazetteer.may_exist(code):
                places.unknown.append(line)
    places.regional = {cup for cup, is_wide in wide.items() if is_wide and cup not in cups}
    places.elsewhere = wide.keys() - places.regional - cups
    file.kept = [dict(zip(file.columns, cells, strict=True)) for cup in read if cup in cups for cells in read[cup]]
    for row in file.kept:
        _take(places, row, _code(row, gazetteer))
    return places


def _take(places: Places, row: Mapping[str, str], code: str) -> None:
    share = parse_amount(row.get("share", "").removesuffix("%"))
    known = places.shares[(row["cup"].upper(), row.get("local_code", ""))]
    before = known.get(code, 0.0)  # a municipality stands once for each address in it
    known[code] = None if before is None or share is None else before + share


def key_of(row: Mapping[str, str]) -> Key | None:
    """Return the CUP and the local code of a row; None where the CUP is none."""
    cup = row["cup"].upper()
    return (cup, row.get("local_code", "")) if _CUP.fullmatch(cup) else None


def _code(row: Mapping[str, str], gazetteer: Gazetteer) -> str:
    """Return a municipality's code of six characters, a province's of three, or nothing for a region or the country."""
    province, municipality = (row[role].lstrip("0") for role in ("province", "municipality"))
    if not municipality:
        return province.zfill(PROVINCE_LENGTH) if province else ""
    if len(municipality) <= _NUMBER_LENGTH:
        municipality = province.zfill(PROVINCE_LENGTH) + municipality.zfill(_NUMBER_LENGTH)
    code = municipality.zfill(PROVINCE_LENGTH + _NUMBER_LENGTH)
    return gazetteer.successors.get(code, code)
