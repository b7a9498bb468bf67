"""The municipalities that an office's file may name, and which of them a cell means.

Offices write a municipality by its ISTAT code, by its cadastral one (``F205``, ``c_f205``), or by its name: as the
plan writes it (``Locate Triulzi``), with its province (``Milano (MI)``), with words cut short (``Sesto S. Giovanni``).
A cell is read where one municipality only can be meant. Of the rest of Italy it is known what municipalities are called
and how far each province has numbered them: a code that none can have is no code.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from psttm_geo.core.names import INVISIBLE, plain_name
from psttm_geo.schema.istat_codes import CODE_LENGTH, PROVINCE_LENGTH, normalise_codes, successors_of

_CADASTRAL = re.compile(r"(?:c_)?([a-z]\d{3})", re.IGNORECASE)
"""A cadastral code, alone or as IPA, the index of public administrations, writes it."""

_SHORTENED_CODE = re.compile(r"(\d{1,3})[.,](\d{1,3}?)0*")
"""A code that a sheet took for a number with decimals: 15.01 for 015010, 15.1460000000 for 015146."""

_NEWER = 20
"""Municipalities that a province may have numbered since the list of Italy's was made; mergers take a number each."""

_MISSING = ("none", "nan", "null")
"""What programs write where nothing stands, though None is in Piedmont."""

_NUMBER_LENGTH = CODE_LENGTH - PROVINCE_LENGTH

_OFFICE_OF = re.compile(r"(?:citt[aà]'? di|comune(?: di| del)?)\s+(?=\S)|comune d['\u2019](?=\S)", re.IGNORECASE)
"""What offices put before a name: Comune di Milano."""

_APART = re.compile(r"([(\[][^)\]]*[)\]])|\s[-\u2013\u2014]\s|,")
"""Between a name and its province or code; what stands in brackets is kept."""

_PROVINCE_OF = re.compile(r"(?:prov(?:incia\b|\.|\b)|citt[aà]'? metropolitana)\s*(?:di\s+)?(?=\S)", re.IGNORECASE)

_SAINTS = ("san", "santo", "santa", "sant")

_PARTED = (r"[;|\n\r]", r",", r"(?<!\b[sS])/", r"\s[-\u2013\u2014]\s", r"\s+[e+&]\s+")
"""What stands between the municipalities of one cell, the surest first."""

_ONE_CODE = re.compile(r"\S*\d\S*")

_DIGITS = re.compile(r"\d[\d.,'\u2019\s]*")


@dataclass(frozen=True)
class Gazetteer:
    """The municipalities that a file may name.

    Attributes
    ----------
    territory
        Their codes, those of the territory only.
    names
        The code of each municipality around too, and of merged ones, by its plain name.
    successors
        The code that each old one became.
    official
        The name of each municipality, by its code.
    cadastral
        The code of each by its cadastral code, in lower case.
    beyond
        The code of each municipality of the rest of Italy, by its plain name, and by that with its province's sign.
    last_numbers
        The highest number that a municipality of each province can have; of provinces that are missing any can be.
    provinces
        Sign and plain name of each province, by the first characters of its municipalities.
    """

    territory: frozenset[str]
    names: Mapping[str, str]
    successors: Mapping[str, str]
    official: Mapping[str, str] = field(default_factory=dict)
    cadastral: Mapping[str, str] = field(default_factory=dict)
    beyond: Mapping[str, str] = field(default_factory=dict)
    last_numbers: Mapping[str, int] = field(default_factory=dict)
    provinces: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def may_exist(self, code: str) -> bool:
        """Return whether a municipality has a code, or had it, or may have been given it lately.

        In the provinces of the territory all municipalities are known.
        """
        if code in self.official or code in self.successors:
            return True
        province = code[:PROVINCE_LENGTH]
        if any(own.startswith(province) for own in self.territory):
            return False
        return province not in self.last_numbers or int(code[PROVINCE_LENGTH:]) <= self.last_numbers[province]

    def resolve(self, written: pd.Series) -> pd.Series:
        """Return the six-character code that each cell means, None where there is a doubt.

        A code is returned as it is, of whatever place and time, unless none can have it; names and cadastral codes are
        those known here.
        """
        texts = written.fillna("").astype(str)
        distinct = pd.Series(texts.unique(), dtype=object)
        codes = normalise_codes(distinct).codes
        found = {
            text: self._existing(code) if isinstance(code, str) else self._find(text)
            for text, code in zip(distinct, codes, strict=True)
        }
        return texts.map(found).astype(object).where(texts.map(found).notna(), None)

    def _existing(self, code: str) -> str | None:
        return code if self.may_exist(code) else None

    def find(self, written: str) -> str | None:
        """Return the code that one text means; None where there is a doubt."""
        found = self.resolve(pd.Series([written], dtype=object)).iloc[0]
        return found if isinstance(found, str) else None

    def find_all(self, written: str) -> list[tuple[str, str | None]]:
        """Return the municipalities of a cell that may list several: each as it is written, and its code or None.

        A name is never taken apart where it is that of a municipality as a whole.
        """
        return self._parts(written.strip(), _PARTED)

    def _parts(self, text: str, marks: Sequence[str]) -> list[tuple[str, str | None]]:
        if not text:
            return []
        code = self.find(text)
        if code is not None:
            return [(text, code)]
        for position, mark in enumerate(marks):
            pieces = [piece.strip() for piece in re.split(mark, text)]
            if len(pieces) > 1:
                return [part for piece in pieces for part in self._parts(piece, marks[position + 1 :])]
        words = re.split(r"[\s-]+", text)
        if len(words) > 1 and all(_ONE_CODE.fullmatch(word) for word in words):
            return [(word, self.find(word)) for word in words]
        return [(text, None)]

    def _find(self, written: str) -> str | None:
        text = _bare(written)
        alone = self._find_alone(text)
        if alone is not None:
            return alone
        first, beside = _part_place(text)
        code = self._find_alone(first)
        if code is None or not beside or not all(self._agrees(other, code) for other in beside):
            return None
        return code

    def _agrees(self, beside: str, code: str) -> bool:
        """Return whether what stands beside a place is its province, or the same place once more."""
        short, name = self.provinces.get(code[:PROVINCE_LENGTH], ("", ""))
        inner = beside.strip("()[] ")
        province = plain_name(_PROVINCE_OF.sub("", inner, count=1))
        if province == short or self._find_alone(inner) == code:
            return True
        return province == name and (inner != beside or bool(_PROVINCE_OF.match(inner)))  # Rho, Milano are two

    def _find_alone(self, text: str) -> str | None:
        cadastral = _CADASTRAL.fullmatch(text)
        if cadastral:
            return self.cadastral.get(cadastral[1].lower())
        if text[:1].isdigit():
            return self._find_code(text)
        return self._find_name(text) or self._find_name(_OFFICE_OF.sub("", text, count=1))

    def _find_code(self, text: str) -> str | None:
        shortened = _SHORTENED_CODE.fullmatch(text)
        if shortened:
            return self._existing(shortened[1].zfill(PROVINCE_LENGTH) + shortened[2].ljust(_NUMBER_LENGTH, "0"))
        code = normalise_codes(pd.Series([text])).codes.iloc[0]
        return self._existing(code) if isinstance(code, str) else None

    def _find_name(self, text: str) -> str | None:
        plain = plain_name(text)
        found = self.names.get(plain) or self.names.get(plain.replace(" ", "")) or self.beyond.get(plain)
        if found is not None:
            return found
        words = _written_words(text)
        if all(word.cut for word in words) or not any(word.cut for word in words):
            return None
        codes = {code for name, code in self.names.items() if _means(words, name.split(" "))}
        return codes.pop() if len(codes) == 1 else None


class _Word(NamedTuple):
    """A word of a name as somebody wrote it: how it begins and ends, and whether it is cut short."""

    begins: str
    ends: str
    cut: bool


def is_number(written: str) -> bool:
    """Return whether a cell holds digits alone, as codes are written, whatever a sheet put around them."""
    return _DIGITS.fullmatch(_bare(written)) is not None


def build_gazetteer(
    municipalities: pd.DataFrame,
    ring: pd.DataFrame,
    predecessors: pd.DataFrame,
    written_as: Iterable[pd.DataFrame] = (),
    italy: pd.DataFrame | None = None,
) -> Gazetteer:
    """Gather the names of municipalities.

    Parameters
    ----------
    municipalities, ring
        The territory, and what lies around it: ``municipality_code``, ``municipality``, and where it is known
        ``cadastral_code``.
    predecessors
        Merged municipalities: ``municipality_code``, ``municipality``, ``successor_code``.
    written_as
        Tables with ``municipality_code`` and ``written_as``, another name of it, blank for none.
    italy
        All municipalities of Italy: ``municipality_code``, ``municipality``, ``cadastral_code``, ``province`` (its
        sign) and ``province_name``; None where they are not known.
    """
    later = successors_of(predecessors)
    other = [table.rename(columns={"municipality": "official", "written_as": "municipality"}) for table in written_as]
    names = {
        plain_name(name): later.get(code, code)
        for table in (*other, predecessors, ring, municipalities)
        for code, name in zip(table["municipality_code"], table["municipality"], strict=True)
        if name
    }
    names = {name.replace(" ", ""): code for name, code in names.items()} | names  # CASSANO DADDA
    known = [table for table in (predecessors, ring, municipalities) if not table.empty]
    everywhere = pd.DataFrame(columns=_OF_ITALY) if italy is None else italy
    official = {
        code: name
        for table in known
        for code, name in zip(table["municipality_code"], table["municipality"], strict=True)
    }
    cadastral = {
        str(short).lower(): code
        for table in (everywhere, *known)
        if "cadastral_code" in table
        for code, short in zip(table["municipality_code"], table["cadastral_code"], strict=True)
    }
    return Gazetteer(
        territory=frozenset(municipalities["municipality_code"]),
        names=names,
        successors=later,
        official=official,
        cadastral=cadastral,
        beyond=_names_beyond(everywhere),
        last_numbers=_last_numbers(everywhere["municipality_code"]),
        provinces={
            code[:PROVINCE_LENGTH]: (sign.lower(), plain_name(name))
            for code, sign, name in everywhere[["municipality_code", "province", "province_name"]]
            .drop_duplicates("province")
            .itertuples(index=False)
        },
    )


_OF_ITALY = ["municipality_code", "municipality", "cadastral_code", "province", "province_name"]


def _names_beyond(italy: pd.DataFrame) -> dict[str, str]:
    """Return the code of each municipality by its name, and by its name with its province: some share a name."""
    rows = [
        (plain_name(name), sign.lower(), code)
        for code, name, _, sign, _ in italy[_OF_ITALY].itertuples(index=False)
        if plain_name(name) not in _MISSING
    ]
    return {name: code for name, _, code in rows} | {f"{name} {sign}": code for name, sign, code in rows}


def _last_numbers(codes: pd.Series) -> dict[str, int]:
    numbers = codes.str[PROVINCE_LENGTH:].astype("int64").groupby(codes.str[:PROVINCE_LENGTH]).max() + _NEWER
    return {str(province): int(number) for province, number in numbers.items()}


def _bare(written: str) -> str:
    """Return a cell without the marks around it."""
    return " ".join(INVISIBLE.sub("", written).strip("=\"'\u2018\u2019\u201c\u201d \t\n").split())


def _part_place(text: str) -> tuple[str, list[str]]:
    """Return a place and what stands beside it, brackets kept: Milano (MI), Milano - MI, Milano MI, F205 Milano."""
    pieces = [piece.strip() for piece in _APART.split(text) if piece and piece.strip()]
    if len(pieces) > 1:
        return pieces[0], pieces[1:]
    first, _, last = text.rpartition(" ")
    if last.isupper():
        return first, [last]
    first, _, last = text.partition(" ")
    return (first, [last]) if _ONE_CODE.fullmatch(first) and last else (text, [])


def _written_words(text: str) -> list[_Word]:
    apart = _OVER.sub("sul. ", _SAINT.sub(r"\1. ", text.lower()))
    words = []
    for written in re.findall(r"[^\s,'\u2019\u2018`\u00b4()-]+", apart):
        begins, dot, ends = written.partition(".")
        plain = plain_name(begins)
        words.append(_Word(plain, plain_name(ends), cut=bool(dot) or len(plain) == 1))
    return [word for word in words if word.begins]


_SAINT = re.compile(r"\b(ss?)\.(?=\w{3})")
"""S.Giovanni is two words; M.se is one."""

_OVER = re.compile(r"\bs/\s*")
"""Cernusco s/Naviglio."""


def _means(written: Sequence[_Word], name: Sequence[str]) -> bool:
    """Return whether words that may be cut short are those of a name, one by one."""
    return len(written) == len(name) and all(map(_is_word, written, name))


def _is_word(written: _Word, word: str) -> bool:
    if not written.cut:
        return written.begins == word
    if written.begins in ("s", "ss") and not written.ends:
        return word in _SAINTS
    return word.startswith(written.begins) and word.endswith(written.ends)
