"""ISTAT municipality codes: six characters, province first."""

from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from psttm_geo.errors import Text

CODE_LENGTH = 6

CODE_PATTERN = r"\d{6}"


class Codes(NamedTuple):
    """Codes brought to six characters.

    Attributes
    ----------
    codes
        Codes as text, same index as the input; NA where nothing readable was found.
    repaired
        How many were written without their leading zeros, as floats or with a thousands dot.
    """

    codes: "pd.Series[str]"
    repaired: int

    @property
    def notices(self) -> tuple[Text, ...]:
        """What to tell the user about the repair, if there was any."""
        if not self.repaired:
            return ()
        return (
            Text(
                it=f"{self.repaired} codici ISTAT scritti senza zeri iniziali o come numeri: "
                "riportati a sei caratteri.",
                en=f"{self.repaired} ISTAT codes written without leading zeros or as numbers: "
                "brought back to six characters.",
            ),
        )


def normalise_codes(written: pd.Series) -> Codes:
    """Bring municipality codes to six characters wherever there is no doubt.

    ``15146``, ``15146.0`` and ``15.146`` all become ``015146``.

    Parameters
    ----------
    written
        Codes as text or numbers, as the file has them.

    Returns
    -------
    Codes
        NA where the text is no code (letters, more than six digits, empty).
    """
    text = written.astype("string").str.strip()
    digits = text.str.replace(r"\.0+$", "", regex=True).str.replace(r"^(\d{1,3})\.(\d{3})$", r"\1\2", regex=True)
    readable = digits.str.fullmatch(rf"\d{{4,{CODE_LENGTH}}}").fillna(value=False).astype(bool)
    values = digits.where(readable).str.zfill(CODE_LENGTH)
    repaired = int((values[readable] != text[readable]).sum())
    return Codes(values.astype(object).where(readable, None), repaired)


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
                Text(
                    it=f"{listed} accanto a {name} ({code}), in cui è confluito",
                    en=f"{listed} beside {name} ({code}), which it merged into",
                )
            )
        elif missing:
            contradictions.append(
                Text(
                    it=f"di {name} ({code}) manca {', '.join(missing)}",
                    en=f"of {name} ({code}) {', '.join(missing)} is missing",
                )
            )
        else:
            successors |= dict.fromkeys(old, str(code))
            notices.append(
                Text(
                    it=f"{' e '.join(found)} uniti in {name} ({code}), il comune nato dalla loro fusione.",
                    en=f"{' and '.join(found)} joined into {name} ({code}), which they merged into.",
                )
            )
    return Mergers(successors, tuple(notices), tuple(contradictions))
