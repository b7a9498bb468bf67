"""ISTAT municipality codes: six characters, province first."""

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
