"""Which column of a register is what: the layouts known to the package, and the office's own mapping files."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyproj

from psttm_geo.core.errors import Fault, InputMissingError, TableError, quote
from psttm_geo.core.messages import NOTHING, Text, gettext
from psttm_geo.core.provenance import OFFICE, UNSTATED
from psttm_geo.core.toml_files import read_toml
from psttm_geo.services.register_records import Mode

SEPARATOR = " / "
"""Between the columns that make a type up, and between their values."""

_ROLES = {
    "nome": "name",
    "codice": "code",
    "x": "x",
    "y": "y",
    "codice_istat": "municipality_code",
    "comune": "municipality",
    "tipo": "type",
}
"""Keys of ``[colonne]`` in a mapping file, and what each column is."""

_MODES: dict[str, Mode] = {"completa": "completes", "sostituisce": "replaces"}

_TEXTS = {"tabella", "titolo", "editore", "licenza", "data", "rispetto_a_osm", "coordinate", "categoria"}

_KEYS = {*_TEXTS, "comuni", "colonne", "categorie"}

_TEMPLATE = Path(__file__).with_name("register_template.toml")

_UNKNOWN_TYPE = gettext("type not foreseen: no category")

_LEFT_OUT = gettext("left out by the mapping of types")


@dataclass(frozen=True)
class Rule:
    """What services of a type are.

    Attributes
    ----------
    pattern
        The type, in which ``*`` stands for any text and everything else for itself; apostrophes, blanks and case are
        compared as people read them.
    category
        None for types that are left out.
    reason
        Why they are left out.
    """

    pattern: str
    category: str | None
    reason: Text


@dataclass(frozen=True)
class Layout:
    """How a register is laid out.

    Attributes
    ----------
    identifier, title, publisher, address, licence, reference_date
        Of the register.
    mode
        What it does to OpenStreetMap's services.
    covers
        Codes of the municipalities it is complete for; None for all of the territory.
    crs
        Of the columns of coordinates, and of a file with geometry of its own that does not declare one; may be empty.
    columns
        The column (lower case) for each of ``name``, ``code``, ``x``, ``y``, ``municipality_code``, ``municipality``
        that the register has.
    types
        Columns that together make the type; none where all services are of one category.
    rules
        The first that fits a type holds.
    """

    identifier: str
    title: str
    publisher: str
    address: str
    licence: str
    reference_date: str
    mode: Mode
    covers: frozenset[str] | None
    crs: str
    columns: Mapping[str, str]
    types: tuple[str, ...]
    rules: tuple[Rule, ...]

    def needed(self, *, located: bool) -> list[str]:
        """Return the columns that a table must have; of coordinates only where it has no geometry."""
        roles = [role for role in self.columns if not (located and role in ("x", "y"))]
        return [*(self.columns[role] for role in roles), *self.types]

    def rule_of(self, written: str) -> Rule:
        """Return the rule for a type."""
        plain = _folded(written)
        for rule in self.rules:
            parts = _folded(rule.pattern).split("*")
            if re.fullmatch(".*".join(map(re.escape, parts)), plain):
                return rule
        return Rule(written, None, _UNKNOWN_TYPE)


def _folded(text: str) -> str:
    """Return a type with one kind of apostrophe, single blanks, in lower case and without characters nobody sees."""
    letters = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES))
    seen = "".join(letter for letter in letters if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)
    return " ".join(seen.casefold().split())


_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032`\u00b4", "'"))

_UNSEEN = ("Cc", "Cf")
"""Categories of characters: controls, formats."""


def known_layouts(registers: pd.DataFrame, categories: pd.DataFrame) -> tuple[Layout, ...]:
    """Return the layouts of the tables ``registers.csv`` and ``register_categories.csv``."""
    return tuple(
        Layout(
            identifier=row["register"],
            title=row["title"],
            publisher=row["publisher"],
            address=row["address"],
            licence=row["licence"],
            reference_date="",
            mode=row["mode"],
            covers=None,
            crs=row["crs"],
            columns={role: row[role] for role in _ROLES.values() if role != "type" and row[role]},
            types=_split_types(row["type"]),
            rules=tuple(
                Rule(rule["type"], rule["category"] or None, Text(rule["reason_it"], rule["reason_en"]))
                for rule in categories[categories["register"] == row["register"]].to_dict("records")
            ),
        )
        for row in registers.to_dict("records")
    )


def recognise(layouts: Iterable[Layout], columns: Collection[str], *, located: bool) -> Layout | None:
    """Return the layout whose columns a table has, or None."""
    return next((layout for layout in layouts if set(layout.needed(located=located)) <= set(columns)), None)


def template_text(categories: Sequence[str]) -> str:
    """Return the mapping file to fill in, as TOML with its explanations."""
    return _TEMPLATE.read_text("utf-8").format(categories=", ".join(categories))


def read_mapping(path: Path, territory: Collection[str], categories: Collection[str]) -> tuple[Layout, Path]:
    """Read the office's mapping file.

    Parameters
    ----------
    path
        TOML, as :func:`template_text` explains it.
    territory
        Codes of the municipalities.
    categories
        Identifiers of the categories of services.

    Returns
    -------
    tuple of Layout, Path
        And the table that it maps.

    Raises
    ------
    InputMissingError
        `path` or the table does not exist.
    TableError
        All that is wrong with the mapping.
    """
    content = read_toml(path, "psttm-geo template register -o FILE.toml")
    reader = _MappingReader(path, content, territory, categories)
    layout = reader.read()
    if reader.faults:
        raise TableError(reader.faults)
    return layout, _find_table(path, content["tabella"])


_LONGEST_NAME = 255
"""Bytes of the name of a file; systems know no longer one."""


def _find_table(path: Path, name: str) -> Path:
    """Return the table that a mapping names: a file in its own folder, and in no other."""
    table = path.parent / name
    if (
        len(name.encode()) > _LONGEST_NAME
        or re.search(r"[/\\:]", name)
        or (table.is_symlink() and table.resolve().parent != path.parent.resolve())
    ):
        said = quote(name)
        raise TableError.of(
            path.name,
            None,
            gettext(
                "table “{said}”: expected the name of a file in the folder of the mapping, without a path "
                "and without links to other folders; copy the table there.",
                said=said,
            ),
        )
    if not table.is_file():
        said = quote(name)
        raise InputMissingError(
            gettext("{path}: the table “{said}” is not there; put it in the same folder.", path=path, said=said)
        )
    return table


def _split_types(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(SEPARATOR.strip()) if name.strip())


class _MappingReader:
    """Reads a mapping and gathers its faults."""

    def __init__(
        self, path: Path, content: dict[str, Any], territory: Collection[str], categories: Collection[str]
    ) -> None:
        self.path = path
        self.content = content
        self.territory = territory
        self.categories = categories
        self.faults: list[Fault] = []

    def read(self) -> Layout:
        """Return the layout; without meaning where there are faults."""
        self._check_keys()
        columns = self._columns()
        self._require_roles(columns)
        return Layout(
            identifier=self.path.stem,
            title=self._text("titolo") or self.path.stem,
            publisher=self._text("editore") or OFFICE,
            address="",
            licence=self._text("licenza") or UNSTATED,
            reference_date=self._text("data"),
            mode=self._mode(),
            covers=self._covers(),
            crs=self._crs(columns),
            columns={_ROLES[key]: name.lower() for key, name in columns.items() if key != "tipo"},
            types=_split_types(columns.get("tipo", "")),
            rules=self._rules(columns),
        )

    def _fault(self, found: Text) -> None:
        self.faults.append(Fault(self.path.name, None, gettext("{found}; correct the map.", found=found)))

    def _text(self, key: str) -> str:
        value = self.content.get(key, "")
        return value.strip() if isinstance(value, str) else ""

    def _check_keys(self) -> None:
        unknown = sorted(set(self.content) - _KEYS)
        if unknown:
            listed = ", ".join(unknown)
            known = ", ".join(sorted(_KEYS))
            self._fault(gettext("unknown keys: {listed} (known: {known})", listed=listed, known=known))
        odd = sorted(key for key in _TEXTS if not isinstance(self.content.get(key, ""), str))
        if odd:
            listed = ", ".join(odd)
            self._fault(gettext("{listed}: expected a text in quotes", listed=listed))
        elif not self._text("tabella"):
            self._fault(gettext("“tabella”, the file's name, is missing"))

    def _columns(self) -> dict[str, str]:
        """Return the columns that are named; blank ones are not there."""
        columns = self._texts_of("colonne")
        unknown = sorted(set(columns) - set(_ROLES))
        if unknown:
            listed, known = ", ".join(unknown), ", ".join(_ROLES)
            self._fault(gettext("[colonne] has no {listed} (but {known})", listed=listed, known=known))
        return {key: name.strip() for key, name in columns.items() if key in _ROLES and name.strip()}

    def _texts_of(self, section: str) -> dict[str, str]:
        table = self.content.get(section, {})
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            self._fault(gettext('[{section}]: expected lines such as key = "text"', section=section))
            return {}
        return table

    def _require_roles(self, columns: dict[str, str]) -> None:
        if "nome" not in columns:
            self._fault(gettext("[colonne] does not say which column is “nome”"))
        if ("x" in columns) != ("y" in columns):
            self._fault(gettext("[colonne] wants x and y together"))

    def _mode(self) -> Mode:
        default: Mode = "completes"
        written = self._text("rispetto_a_osm")
        if not written:
            return default
        if written not in _MODES:
            known = ", ".join(_MODES)
            self._fault(
                gettext("rispetto_a_osm is “{written}”, expected one of: {known}", written=written, known=known)
            )
        return _MODES.get(written, default)

    def _covers(self) -> frozenset[str] | None:
        written = self.content.get("comuni", [])
        if not isinstance(written, list) or not all(isinstance(code, str) for code in written):
            self._fault(gettext('comuni: expected a list such as ["015146"]'))
            return None
        unknown = [code for code in written if code not in self.territory]
        if unknown:
            listed = ", ".join(unknown)
            self._fault(gettext("codes of no municipality of the territory: {listed}", listed=listed))
        return frozenset(written) or None

    def _crs(self, columns: dict[str, str]) -> str:
        written = self._text("coordinate")
        if written:
            try:
                pyproj.CRS.from_user_input(written)
            except pyproj.exceptions.CRSError:
                self._fault(gettext("coordinate is “{written}”, expected a code such as EPSG:4326", written=written))
        elif "x" in columns:
            self._fault(gettext("“coordinate”, the CRS of x and y, is missing (EPSG:4326 for longitude and latitude)"))
        return written

    def _rules(self, columns: dict[str, str]) -> tuple[Rule, ...]:
        single, by_type = self._text("categoria"), self._texts_of("categorie")
        if bool(single) == bool(by_type) or bool(by_type) != ("tipo" in columns):
            self._fault(gettext("either “categoria” is needed, or the column “tipo” and the section [categorie]"))
        unknown = sorted({name for name in (single, *by_type.values()) if name and name not in self.categories})
        if unknown:
            listed, known = ", ".join(unknown), ", ".join(self.categories)
            self._fault(gettext("unknown categories: {listed} (known: {known})", listed=listed, known=known))
        if single:
            return (Rule("*", single, NOTHING),)
        return tuple(Rule(pattern, category or None, _LEFT_OUT) for pattern, category in by_type.items())
