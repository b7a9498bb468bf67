"""ISTAT municipality codes: six characters, province first."""

import re
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.core.names import INVISIBLE
from psttm_geo.schema.dictionary import OnFirstUse, read_rows

CODE_LENGTH = 6

PROVINCE_LENGTH = 3
"""How many characters of a code are the province's."""


class Codes(NamedTuple):
    """Codes brought to six characters.

    Attributes
    ----------
    codes
        Codes as text, same index as the input; NA where nothing readable was found.
    repaired
        How many were written without their leading zeros, as numbers, with their region or with marks around.
    """

    codes: "pd.Series[str]"
    repaired: int

    @property
    def notices(self) -> tuple[Text, ...]:
        """What to tell the user about the repair, if there was any."""
        if not self.repaired:
            return ()
        return (
            gettext(
                "{repaired} ISTAT codes written without leading zeros, as numbers or with the region: "
                "brought back to six characters.",
                repaired=self.repaired,
            ),
        )


def normalise_codes(written: pd.Series) -> Codes:
    """Bring municipality codes to six characters wherever there is no doubt.

    ``15146``, ``15146.0``, ``15.146``, ``15,146``, ``'015146``, ``="015146"`` and ``03015146``, with the region in
    front, all become ``015146``.

    Parameters
    ----------
    written
        Codes as text or numbers, as the file has them.

    Returns
    -------
    Codes
        NA where the text is no code (letters, empty, more than six digits that do not begin with the province's
        region) or no municipality can have it: of no province that Italy has or had, or without a number in it.
    """
    # A file repeats a code from row to row: each is worked out once.
    place, different = pd.factorize(written.astype("string").str.strip())
    text = pd.Series(different, dtype="string")
    digits = (
        text.str.replace(INVISIBLE, "", regex=True)
        .str.replace(_QUOTED, r"\1", regex=True)
        .str.strip()
        .str.replace(r"[.,]0+$", "", regex=True)
        .str.replace(_GROUPED, _digits_of, regex=True)
        .str.replace(_WITH_REGION, _without_region, regex=True)
    )
    readable = digits.str.fullmatch(rf"[0-9]{{4,{CODE_LENGTH}}}").astype(bool)
    values = digits.where(readable).str.zfill(CODE_LENGTH)
    readable &= values.str.fullmatch(_POSSIBLE).fillna(value=False).astype(bool)
    repaired = (readable & (values != text).fillna(value=False)).to_numpy(bool)
    # The last place is that of cells without text.
    codes = np.array([*values.astype(object).where(readable, None), None], dtype="object")
    return Codes(
        pd.Series(codes[place], index=written.index, name=written.name, dtype="object"),
        int(np.append(repaired, [False])[place].sum()),
    )


_QUOTED = re.compile(r"""^=?['"\u2018\u2019]?([^'"\u2018\u2019]*)['"]?$""")
"""A code that a spreadsheet was made to keep as text: ``'015146``, ``"015146"``, ``="015146"``."""

_GROUPED = re.compile(r"^\d{1,3}(?:[.,'\u2019\s]\d{3}){1,2}$")
"""A code that a sheet took for a number with thousands."""

_POSSIBLE = re.compile(r"(?!000)(?:0\d\d|10\d|11\d)(?!000)\d{3}")
"""ISTAT has numbered provinces from 1 to 119; their municipalities begin with 1."""

_WITH_REGION = re.compile(r"^(\d{1,2})(\d{3})(\d{3})$")

_REGION_OF = OnFirstUse(lambda: {row["province"]: row["region"] for row in read_rows("provinces.csv")})
"""ISTAT's number of the region of each province that Italy has or had."""


def _digits_of(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found[0])


def _without_region(found: re.Match[str]) -> str:
    """Take the region off a code, if it is that of the province that follows."""
    return found[2] + found[3] if _REGION_OF.get(found[2]) == found[1].zfill(2) else found[0]


def find_nobodys(codes: pd.Series, known: Collection[str]) -> pd.Series:
    """Return which codes no municipality has.

    Parameters
    ----------
    codes
        As :func:`normalise_codes` gives them.
    known
        All codes of whole provinces; of other provinces any code may be one.
    """
    provinces = {code[:PROVINCE_LENGTH] for code in known}
    nobodys: pd.Series = codes.isna() | codes.str[:PROVINCE_LENGTH].isin(provinces) & ~codes.isin(known)
    return nobodys


def successors_of(predecessors: pd.DataFrame) -> dict[str, str]:
    """Return the code that each old code became, from ``municipality_code`` and ``successor_code``."""
    return dict(zip(predecessors["municipality_code"], predecessors["successor_code"], strict=True))


class Mergers(NamedTuple):
    """Municipalities of older files that have merged since.

    Attributes
    ----------
    successors
        The code to read in place of each old one.
    notices
        Which became which, for the user.
    contradictions
        Mergers that cannot be carried out: a part is missing, or the merged municipality stands beside its parts.
    """

    successors: dict[str, str]
    notices: tuple[Text, ...]
    contradictions: tuple[Text, ...]


def find_mergers(present: Collection[str], predecessors: pd.DataFrame) -> Mergers:
    """Find the mergers that bring old codes up to date.

    Parameters
    ----------
    present
        The codes that a file holds.
    predecessors
        ``municipality_code``, ``municipality``, ``successor_code``, ``successor``.
    """
    successors: dict[str, str] = {}
    notices, contradictions = [], []
    for (code, name), parts in predecessors.groupby(["successor_code", "successor"], sort=False):
        old = dict(zip(parts["municipality_code"], parts["municipality"], strict=True))
        found = [f"{old[part]} ({part})" for part in old if part in present]
        missing = [f"{old[part]} ({part})" for part in old if part not in present]
        if not found:
            continue
        if code in present:
            listed = ", ".join(found)
            contradictions.append(
                gettext("{listed} beside {name} ({code}), which it merged into", listed=listed, name=name, code=code)
            )
        elif missing:
            contradictions.append(
                gettext("of {name} ({code}) {listed} is missing", name=name, code=code, listed=", ".join(missing))
            )
        else:
            successors |= dict.fromkeys(old, str(code))
            notices.append(
                gettext(
                    "{merged} joined into {name} ({code}), which they merged into.",
                    merged=gettext(" and ").join(map(same, found)),
                    name=name,
                    code=code,
                )
            )
    return Mergers(successors, tuple(notices), tuple(contradictions))
