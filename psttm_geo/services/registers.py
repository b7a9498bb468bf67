"""Official registers of services: Regione Lombardia's, recognised by their columns, and any table of the office.

What leaves no doubt is repaired and said: decimal commas, municipality codes written as numbers, codes of merged
municipalities, swapped coordinates. What does is listed row by row.
"""

import re
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core import vector_files
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import Fault, TableError, quote
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import COMMA, Text, gettext
from psttm_geo.core.names import plain_name
from psttm_geo.core.provenance import Source
from psttm_geo.core.reading import OF_ZIPS, refusing
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.spreadsheets import NOT_COMPUTED
from psttm_geo.services._register_tables import AREA, RegisterTable, read_register_table
from psttm_geo.services.register_layouts import SEPARATOR, Layout, read_mapping, recognise
from psttm_geo.services.register_records import ServiceRegister
from psttm_geo.territory.gazetteer import Gazetteer, is_number

MAPPING_SUFFIX = ".toml"

_ITALY = (6.0, 35.0, 19.0, 48.0)
"""West, south, east, north, in degrees."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?)")
"""A coordinate; dots part thousands only where a decimal comma follows."""

_NUMERIC_CODE = re.compile(r"\d{1,6}(?:[.,]\d+)?")

_FORMULA = re.compile(r"=[^=>].*", re.DOTALL)
"""What a sheet would compute; it stands in the file in place of its value."""

_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
"""How a sheet is made to keep a number as text."""

_ISSUE_COLUMNS = ["row", "kind", "written"]


def read_register(
    path: Path, layouts: Sequence[Layout], gazetteer: Gazetteer, categories: Collection[str]
) -> ServiceRegister:
    """Read one register of services.

    Parameters
    ----------
    path
        A register with the columns of one of `layouts`, or the office's mapping file (TOML) beside its table; tables
        are CSV, XLSX, or vector files: GeoPackage, GeoJSON, FlatGeobuf, Shapefile (or its zip), KML.
    layouts
        Those that are known.
    gazetteer
        The municipalities.
    categories
        Identifiers of the categories of services.

    Returns
    -------
    ServiceRegister
        All rows of the file, also those beyond the territory.

    Raises
    ------
    InputMissingError
        `path`, or the table that it maps, does not exist.
    TableError
        The file cannot be read, its columns are not known, or the mapping is wrong.
    """
    mapped = path.suffix.lower() == MAPPING_SUFFIX
    if mapped:
        layout, file = read_mapping(path, gazetteer.territory, categories)
        table = read_register_table(file, [layout], stated=layout.crs)
        _require_layout(file, table, layout)
    else:
        table, file = read_register_table(path, layouts), path
        found = recognise(layouts, table.rows.columns, located=table.located)
        if found is None:
            raise TableError([_unknown_columns(path, table.rows, layouts)])
        layout = found
    _require_distinct(file, table, layout)
    register = _Interpreter(file, layout, gazetteer).interpret(table)
    return replace(register, notices=(*register.notices, *_say_unused(layout, register))) if mapped else register


def _say_unused(layout: Layout, register: ServiceRegister) -> tuple[Text, ...]:
    """Name the rows of a mapping's types that no type fits, or only types that an earlier row has taken."""
    used = {layout.rule_of(written).pattern for written in register.services["type"].unique()}
    unused = [rule.pattern for rule in layout.rules if rule.pattern not in used and rule.pattern.strip() != "*"]
    if not unused:
        return ()
    listed = COMMA.join(gettext("“{text}”", text=one) for one in unused)
    return (gettext("[categorie]: no type of the table fits {listed}; check how they are written.", listed=listed),)


def members_of(file: Path, gazetteer: Gazetteer, categories: Collection[str]) -> list[Path]:
    """Return the files that a register is made of: a Shapefile with those beside it, a mapping with its table."""
    members = vector_files.members_of(file)
    if file.suffix.lower() == MAPPING_SUFFIX:
        members += vector_files.members_of(read_mapping(file, gazetteer.territory, categories)[1])
    return members


def pack_registers(path: Path, files: Sequence[Path], gazetteer: Gazetteer, categories: Collection[str]) -> None:
    """Write registers, mapping files with the tables they name, into one zip; the same files give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for position, file in enumerate(files):
            for member in members_of(file, gazetteer, categories):
                name = member.relative_to(file.parent).as_posix()
                info = zipfile.ZipInfo(f"{position:03}/{name}")
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.read_bytes())


def read_packed(
    path: Path, layouts: Sequence[Layout], gazetteer: Gazetteer, categories: Collection[str]
) -> tuple[ServiceRegister, ...]:
    """Read the registers of a zip that :func:`pack_registers` wrote, in the order they were given.

    Raises
    ------
    TableError
        The zip is damaged, or a register in it cannot be read any more.
    """
    with scratch_folder() as folder:
        with refusing(OF_ZIPS, lambda _: TableError.of(path.name, None, _DAMAGED)), zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        registers = []
        for part in sorted(folder.iterdir()):
            files = [file for file in part.rglob("*") if file.is_file()]
            mapped = [file for file in files if file.suffix.lower() == MAPPING_SUFFIX]
            shapefiles = [file for file in files if file.suffix.lower() == ".shp"]
            registers.append(read_register((mapped or shapefiles or files)[0], layouts, gazetteer, categories))
    return tuple(registers)


_DAMAGED = gettext("is damaged; register the registers again.")


def _require_distinct(path: Path, table: RegisterTable, layout: Layout) -> None:
    """Refuse columns that are used and stand there more than once; of others nobody cares."""
    columns = table.rows.columns
    repeated = [name for name in layout.needed(located=table.located) if (columns == name).sum() > 1]
    if repeated:
        listed = ", ".join(dict.fromkeys(repeated))
        raise TableError.of(
            path.name,
            1,
            gettext(
                "columns {listed} stand there more than once and it is not clear which applies; remove or "
                "rename the others.",
                listed=listed,
            ),
        )


def _require_layout(path: Path, table: RegisterTable, layout: Layout) -> None:
    missing = [name for name in layout.needed(located=table.located) if name not in table.rows.columns]
    if missing:
        listed, found = ", ".join(missing), ", ".join(table.rows.columns)
        raise TableError.of(
            path.name,
            1,
            gettext(
                "columns {listed} that the mapping names are missing (found: {found}); correct the mapping.",
                listed=listed,
                found=found,
            ),
        )
    if not table.located and "x" not in layout.columns:
        raise TableError.of(path.name, None, _NO_COORDINATES)


_NO_COORDINATES = gettext("has no geometry and the mapping names no x and y; name the columns of coordinates.")


def _unknown_columns(path: Path, rows: pd.DataFrame, layouts: Sequence[Layout]) -> Fault:
    found = ", ".join(rows.columns)
    known = ", ".join(layout.title for layout in layouts)
    return Fault(
        path.name,
        1,
        gettext(
            "its columns ({found}) are of no known register ({known}); say what they are in a mapping: "
            "psttm-geo template register -o FILE.toml, and give that.",
            found=found,
            known=known,
        ),
    )


@dataclass
class _Interpreter:
    """Turns the cells of a register into services and gathers what was repaired and what leaves a doubt."""

    path: Path
    layout: Layout
    gazetteer: Gazetteer
    notices: list[Text] = field(default_factory=list)
    issues: list[pd.DataFrame] = field(default_factory=list)

    def interpret(self, table: RegisterTable) -> ServiceRegister:
        """Return the register that the table holds."""
        rows = table.rows
        self.notices.extend(table.notices)
        types = self._types(rows)
        rules = {written: self.layout.rule_of(written) for written in types.unique()}
        services = gpd.GeoDataFrame(
            {
                "row": rows.index.to_series().astype("int64"),
                "type": types,
                "category": _or_none(types.map(lambda written: rules[written].category)),
                "code": self._values(rows, "code"),
                "name": self._values(rows, "name"),
                "municipality_code": _or_none(self._municipality_codes(rows)),
            },
            geometry=self._points(table),
            crs=METRIC,
        ).reset_index(drop=True)
        counts = services.loc[services["category"].isna(), "type"].value_counts(sort=False)
        left_out = pd.DataFrame(
            [(written, *rules[written].reason, int(count)) for written, count in counts.items()],
            columns=["type", "reason_it", "reason_en", "rows"],
        )
        issues = pd.concat([pd.DataFrame(columns=_ISSUE_COLUMNS), *self.issues], ignore_index=True)
        return ServiceRegister(
            identifier=self.layout.identifier,
            source=self._source(),
            mode=self.layout.mode,
            covers=self.layout.covers,
            services=services,
            left_out=left_out,
            issues=issues.sort_values(["row", "kind"], ignore_index=True),
            notices=tuple(self.notices),
        )

    def _source(self) -> Source:
        layout = self.layout
        return Source(
            identifier=f"register-{layout.identifier}",
            title=f"{layout.title} ({self.path.name})",
            publisher=layout.publisher,
            address=layout.address,
            reference_date=layout.reference_date,
            licence=layout.licence,
            attribution=f"{layout.publisher}, {layout.title}",
            sha256=sha256_of(self.path),
        )

    def _cells(self, rows: pd.DataFrame, role: str) -> pd.Series:
        """Return the column of a role, blank where the register has none."""
        name = self.layout.columns.get(role)
        return rows[name].astype(object) if name is not None else pd.Series("", index=rows.index, dtype=object)

    def _values(self, rows: pd.DataFrame, role: str) -> pd.Series:
        """Return the column of a role without formulas and what failed ones left, which are listed."""
        cells = self._cells(rows, role).str.replace(_KEPT_AS_TEXT, lambda found: found[1], regex=True)
        formulas = cells.str.fullmatch(_FORMULA) | cells.str.fullmatch(NOT_COMPUTED)
        self._list("formula", cells[formulas].map(quote))
        return cells.mask(formulas, "")

    def _types(self, rows: pd.DataFrame) -> pd.Series:
        if not self.layout.types:
            return pd.Series("", index=rows.index, dtype=object)
        return rows[list(self.layout.types)].agg(SEPARATOR.join, axis=1).astype(object)

    def _list(self, kind: str, written: pd.Series) -> None:
        self.issues.append(
            pd.DataFrame({"row": written.index.astype("int64"), "kind": kind, "written": written.to_numpy()})
        )

    def _municipality_codes(self, rows: pd.DataFrame) -> pd.Series:
        """Return the declared municipality of each row: by its code, else by its name."""
        written, names = self._cells(rows, "municipality_code"), self._cells(rows, "municipality")
        codes = self._bring_up_to_date(self.gazetteer.resolve(written))
        named = self.gazetteer.resolve(names).replace(dict(self.gazetteer.successors))
        named = named.mask(names.map(is_number).astype(bool), None)  # a postal code as a rule
        by_name = named.where(named.isin(self.gazetteer.names.values()), None)
        self._tell_codes(written, codes)
        self._tell_names(names, by_name)
        said = (written + " " + names).str.strip()
        # A code that nobody around has is of a place far away, unless the name is one of a place around: then it is
        # a code that the place had once, or a slip of the pen.
        known = codes.isin(self.gazetteer.names.values())
        by_its_name = ~known & by_name.notna() | codes.isna() & named.notna()
        nobodys = written.map(is_number).astype(bool)
        unread = codes.isna() & named.isna() & (said != "")
        self._list("code_from_name", said[by_its_name & (written != "")])
        self._list("nobodys_code", said[unread & nobodys])
        self._list("unknown_municipality", said[unread & ~nobodys])
        self._list("name_differs", said[known & by_name.notna() & (codes != by_name)])
        return codes.mask(by_its_name, named)

    def _tell_codes(self, written: pd.Series, codes: pd.Series) -> None:
        as_numbers = written.str.fullmatch(_NUMERIC_CODE) & codes.notna()
        repaired = int((as_numbers & (written != codes)).sum())
        if repaired:
            self.notices.append(
                gettext(
                    "Municipality codes written as numbers, brought to six characters: {repaired}.", repaired=repaired
                )
            )
        otherwise = int((codes.notna() & ~as_numbers).sum())
        if otherwise:
            self.notices.append(
                gettext(
                    "Municipalities written by cadastral code, with their region or by name, read so: {otherwise}.",
                    otherwise=otherwise,
                )
            )

    def _tell_names(self, names: pd.Series, codes: pd.Series) -> None:
        """Say which names were read as those of a municipality that is called otherwise."""
        official = codes.map(self.gazetteer.official)
        pairs = pd.DataFrame({"written": names, "official": official}).dropna().drop_duplicates()
        other = pairs[pairs["written"].map(plain_name) != pairs["official"].map(plain_name)]
        if not other.empty:
            listed = ", ".join(f"{written} → {name}" for written, name in other.itertuples(index=False))
            self.notices.append(gettext("Names of municipalities read: {listed}.", listed=listed))

    def _bring_up_to_date(self, codes: pd.Series) -> pd.Series:
        old = codes.isin(self.gazetteer.successors)
        if old.any():
            listed = ", ".join(f"{code} → {self.gazetteer.successors[code]}" for code in sorted(set(codes[old])))
            self.notices.append(
                gettext(
                    "Rows with the code of a merged municipality, read with the new one ({listed}): {old}.",
                    listed=listed,
                    old=old.sum(),
                )
            )
        return codes.replace(dict(self.gazetteer.successors))

    def _points(self, table: RegisterTable) -> np.ndarray:
        """Return a point in EPSG:32632 for each row, None where there is none that can be used."""
        if table.numbers is not None:
            numbers, crs, blank = table.numbers, table.crs, np.isnan(table.numbers[:, 0])
            written = pd.Series([f"{east} {north}" for east, north in numbers], index=table.rows.index)
            self._tell_kinds(pd.Series(table.kinds, index=table.rows.index))
        else:
            x, y = (self._cells(table.rows, role) for role in ("x", "y"))
            numbers, crs = np.column_stack([_coordinates(x), _coordinates(y)]), self.layout.crs
            written, blank = x + " " + y, ((x == "") & (y == "")).to_numpy()
            self._tell_commas(x, numbers[:, 0])
        as_given, swapped = _in_italy(numbers, crs), _in_italy(numbers[:, ::-1], crs)
        exchanged = swapped & ~as_given
        self._list("swapped", written[exchanged])
        numbers = np.where(exchanged[:, None], numbers[:, ::-1], numbers)
        usable = as_given | exchanged
        self._list("unreadable_point", written[~usable & ~blank])
        if not usable.any() and not blank.all():
            raise TableError([self._nowhere(written[~blank].iloc[0])])
        points = np.full(len(written), None, dtype=object)
        points[usable] = gpd.GeoSeries(shapely.points(numbers[usable]), crs=crs).to_crs(METRIC).to_numpy()
        return points

    def _tell_kinds(self, kinds: pd.Series) -> None:
        """List the shapes that are no point and say which points lie within areas."""
        self._list("not_a_point", kinds[(kinds != "") & (kinds != AREA)])
        areas = kinds.index[kinds == AREA]
        if len(areas):
            rows = vector_files.say_rows(areas)
            self.notices.append(
                gettext(
                    "Areas in place of points, of which a point inside holds: {count} ({rows}).",
                    count=len(areas),
                    rows=rows,
                )
            )

    def _tell_commas(self, written: pd.Series, numbers: np.ndarray) -> None:
        commas = int((written.str.contains(",", regex=False) & ~np.isnan(numbers)).sum())
        if commas:
            self.notices.append(gettext("Rows with decimal commas: {commas}.", commas=commas))

    def _nowhere(self, example: str) -> Fault:
        return Fault(
            self.path.name,
            None,
            gettext(
                "no coordinates lie in Italy (for example {example}); correct the CRS or the columns.", example=example
            ),
        )


def _or_none(values: pd.Series) -> pd.Series:
    """Return values with None for what is missing."""
    return values.astype(object).where(values.notna(), None)


def _in_italy(numbers: np.ndarray, crs: str) -> np.ndarray:
    """Return which pairs of coordinates in a system lie in Italy."""
    points = gpd.GeoSeries(shapely.points(numbers), crs=crs).to_crs(GEOGRAPHIC)
    west, south, east, north = _ITALY
    inside: np.ndarray = (points.x.between(west, east) & points.y.between(south, north)).to_numpy()
    return inside


def _coordinates(written: pd.Series) -> np.ndarray:
    """Return coordinates as floats, NaN where they cannot be read."""
    readable = written.str.fullmatch(_NUMBER)
    grouped = readable & written.str.contains(".", regex=False) & written.str.contains(",", regex=False)
    plain = written.mask(grouped, written.str.replace(".", "", regex=False)).str.replace(",", ".", regex=False)
    numbers: np.ndarray = pd.to_numeric(plain.where(readable), errors="coerce").to_numpy(dtype=float)
    return numbers
