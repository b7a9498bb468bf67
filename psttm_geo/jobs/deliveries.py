"""Hand the territory over: the GeoPackage and its parts in other formats."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.access.travel_times import BY_AGE
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import OutputError, UnknownNameError
from psttm_geo.core.files import make_folder, replacing
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import SYNTHETIC, SYNTHETIC_MARK, Source, marked, merge_sources
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.formats import write_tables
from psttm_geo.delivery.geopackage import (
    list_held,
    read_delivery,
    read_documents,
    read_geopackage,
    read_project,
    read_sources,
    write_geopackage,
)
from psttm_geo.delivery.publisher_file import read_publisher
from psttm_geo.delivery.qgis.project_file import moved, packed
from psttm_geo.delivery.subset import NEEDED, Part, take_part
from psttm_geo.jobs.load import Territory, load_territory
from psttm_geo.jobs.parts import find_part, say_part
from psttm_geo.jobs.requests import BuildRequest, ExportRequest
from psttm_geo.plan import plan_layers
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.monitoring_layers import MONITORING, monitoring_layers
from psttm_geo.plan.project_records import UNKNOWN_EDITION
from psttm_geo.plan.statements import with_actors
from psttm_geo.project import Project
from psttm_geo.schema.layers import LAYERS, layer_named
from psttm_geo.services.merge import service_layer


def territory_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return every layer of the contract that the territory holds, with the table of their sources."""
    layers = {
        "comuni": territory.municipalities,
        "zone_omogenee": territory.zones,
        "unioni_comuni": territory.unions,
        "citta_metropolitana": territory.whole,
        "appartenenze": territory.memberships,
        **_plan_layers(territory),
        **territory.plan.statements,
        **_project_layers(territory),
        **_monitoring_layers(territory),
        **_mapped_layers(territory),
        **({} if territory.results is None else territory.results.layers),
    }
    return {**layers, "fonti": list_sources(layer_sources(territory, layers))}


def layer_sources(territory: Territory, names: Iterable[str]) -> dict[str, tuple[Source, ...]]:
    """Return what each of the named layers rests on, in the order of the contract."""
    used, wanted = _every_source(territory), set(names)
    return {name: merge_sources(used[name]) for name in LAYERS if name in used and name in wanted}


def _every_source(territory: Territory) -> dict[str, tuple[Source, ...]]:
    spatial = (territory.outlines.in_force.source, territory.residents.source, *territory.plan.sources)
    own = (territory.plan.projects.source,) if territory.plan.projects is not None else ()
    used = dict.fromkeys(("comuni", "zone_omogenee", "unioni_comuni"), (*spatial, *own))
    used |= {"citta_metropolitana": (*spatial[:2], *own), "appartenenze": territory.plan.sources}
    used |= dict.fromkeys(("obiettivi", "obiettivi_conteggi"), (*spatial, *territory.plan.scope_sources))
    used |= {"obiettivi_comuni": (*spatial, *territory.plan.answer_sources)}
    walked = {} if territory.results is None else territory.results.sources
    measured = next(iter(walked.values()), ())
    drivers = ("driver_comuni", "driver_zone", "driver_unioni")
    used |= dict.fromkeys(drivers, (*spatial, *territory.plan.scope_sources, *own, *measured))
    used |= territory.plan.statement_sources
    used |= {"driver": territory.plan.sources, "progetti": own, "progetti_comuni": own}
    used |= {"progetti_conteggi": (*spatial, *own)}
    used |= dict.fromkeys(("progetti_driver", "progetti_obiettivi"), (*territory.plan.sources, *own))
    used |= dict.fromkeys(
        ("servizi", "servizi_confronto"), (territory.outlines.in_force.source, *territory.everyday.sources)
    )
    if territory.plan.agenda is not None:
        used["agenda_2030"] = (*own, territory.plan.agenda.source)
    used |= _monitoring_sources(territory)
    if territory.urbanisation is not None:
        used["comuni"] = (*used["comuni"], territory.urbanisation.source)
    if territory.comparison is not None:
        used["confini_confronto"] = territory.comparison.sources
    return {**used, **walked}


def _monitoring_sources(territory: Territory) -> dict[str, tuple[Source, ...]]:
    """Return what the layers of the office's register rest on; observations may have been computed on made-up data."""
    register = territory.monitoring
    if register is None or register.source is None:
        return {}
    made_up = register.tables["observations"]["source"].str.startswith(SYNTHETIC_MARK).any()
    observed = dataclasses.replace(register.source, title=marked(register.source.title, synthetic=bool(made_up)))
    return {
        **dict.fromkeys(MONITORING, (register.source,)),
        "accordi_comuni": (register.source, *territory.plan.sources),
        "osservazioni": (observed,),
    }


def _mapped_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return what the workspace holds of OpenStreetMap and of registers of services."""
    layers: dict[str, pd.DataFrame] = {}
    if territory.everyday.services is not None:
        layers["servizi"] = service_layer(territory.everyday.services.services)
        if not territory.everyday.services.report.empty:
            layers["servizi_confronto"] = territory.everyday.services.report
    if territory.comparison is not None:
        layers["confini_confronto"] = territory.comparison.reconciliation.municipalities
    return layers


def _plan_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    places, registered = territory.plan.project_places, territory.plan.projects
    drivers = plan_layers.driver_layers(
        territory.municipalities,
        territory.zones,
        territory.unions,
        territory.plan.plans,
        territory.plan.answers,
        None if places is None or registered is None else (places, registered.drivers),
    )
    goals = plan_layers.goal_layer(territory.plan.plans, territory.plan.answers, territory.municipalities)
    return {
        "obiettivi": with_actors(goals, territory.plan.statements),
        "obiettivi_comuni": territory.plan.answers.municipalities,
        "obiettivi_conteggi": plan_layers.goal_counts(territory.plan.answers),
        "driver": plan_layers.driver_table(territory.plan.plans),
        **plan_layers.with_measures(drivers, territory.plan.plans, _measures(territory)),
    }


def _measures(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return what was measured of the units of each layer of drivers, by people of all ages."""
    held = {} if territory.results is None else territory.results.layers
    found = {kind: held[f"accessibilita_{kind}"] for kind in _MEASURED if f"accessibilita_{kind}" in held}
    return {f"driver_{kind}": table[table["profile"] == BY_AGE] for kind, table in found.items()}


_MEASURED = ("comuni", "zone", "unioni")


def _project_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    places, registered = territory.plan.project_places, territory.plan.projects
    if registered is None or places is None:
        return {}
    counts = places.groupby("project")["municipality_code"].nunique()
    projects = registered.projects
    projects = projects.assign(edition=projects["edition"].replace(UNKNOWN_EDITION, None))
    targets = territory.plan.project_targets
    return {
        "progetti": projects.assign(municipality_count=projects["project"].map(counts).fillna(0).astype("Int64")),
        "progetti_comuni": places,
        "progetti_driver": plan_layers.project_drivers(registered, territory.plan.plans),
        "progetti_obiettivi": registered.goals,
        "progetti_conteggi": plan_layers.project_counts(registered, territory.municipalities, territory.plan.plans),
        **({} if targets is None else {"agenda_2030": targets}),
    }


def _monitoring_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return what the office's register of the plan's implementation holds of the editions."""
    if territory.monitoring is None:
        return {}
    rows, editions = territory.municipalities, [plan.edition.identifier for plan in territory.plan.plans]
    zones = dict(zip(rows["municipality_code"], rows["zone"], strict=True))
    return monitoring_layers(territory.monitoring.tables, zones, editions)


def list_sources(used: Mapping[str, tuple[Source, ...]]) -> pd.DataFrame:
    """Return the table ``fonti``: one row per layer and source, also of a source that serves a layer twice.

    Parameters
    ----------
    used
        The sources of each layer, by layer name.
    """
    rows = [
        {
            "layer": layer,
            "source": f"{title}, {source.publisher}",
            "address": source.address,
            "licence": source.licence,
            "attribution": source.attribution,
            "source_date": source.reference_date,
            "added_on": source.added_on,
            "sha256": source.sha256,
        }
        for layer, sources in used.items()
        for title, source in _titled(merge_sources(sources))
    ]
    return pd.DataFrame(rows)


def _titled(sources: Iterable[Source]) -> Iterator[tuple[str, Source]]:
    """Give sources with a title of their own: of two states of one file, the second has the beginning of its sum."""
    named = set()
    for source in sources:
        name = (source.title, source.publisher)
        yield f"{source.title} ({source.sha256[:_DIGITS]})" if name in named else source.title, source
        named.add(name)


_DIGITS = 8


@dataclass(frozen=True)
class Built:
    """What a build wrote.

    Attributes
    ----------
    territory
        What it is made of, for a summary.
    counts
        Rows of each layer, by its name.
    left_out
        Layers with nothing in the part that was asked for: they are not in the file.
    residents
        Of the municipalities in the file.
    """

    territory: Territory
    counts: dict[str, int]
    left_out: tuple[str, ...]
    residents: int


def build(path: Path, project: Project, request: BuildRequest | None = None) -> Built:
    """Write the GeoPackage, or a part of it; errors as :func:`load_territory`.

    Raises
    ------
    UnknownNameError
        There is no such zone or municipality.
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    asked = request or BuildRequest()
    territory = load_territory(project, boundaries=asked.boundaries, residents=asked.residents, editions=asked.editions)
    known = project.tables["editions.csv"]["edition"] if asked.editions else ()
    part = find_part(
        territory.municipalities,
        project,
        zones=asked.zones,
        names=asked.municipalities,
        editions=_fewer(asked.editions, known),
    )
    layers, left_out = _part_of(territory_layers(territory), part)
    counts = _write(path, territory, layers, crs=asked.crs, part=part.said)
    return Built(territory, counts, left_out, int(layers["comuni"]["residents"].sum()))


def write_territory(path: Path, territory: Territory) -> dict[str, int]:
    """Write a loaded territory as GeoPackage, dated with its latest source; return the rows of each layer.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    return _write(path, territory, territory_layers(territory), crs=METRIC)


def _fewer(wanted: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return what is wanted where it is not everything."""
    return tuple(sorted(set(wanted))) if set(known) - set(wanted) else ()


def _write(
    path: Path, territory: Territory, layers: Mapping[str, pd.DataFrame], *, crs: str, part: str = ""
) -> dict[str, int]:
    delivery = dataclasses.replace(describe(territory, layers, crs=crs), part=part)
    written = {**layers, "fonti": list_sources(delivery.sources)}
    write_geopackage(path, written, date=delivery.date, delivery=delivery)
    return {name: len(table) for name, table in written.items()}


def describe(territory: Territory, names: Iterable[str], *, crs: str = METRIC) -> Delivery:
    """Return what is to be said of the named layers of a territory, delivered in `crs`."""
    return Delivery(
        sources=layer_sources(territory, names),
        codes=territory.codes,
        editions=tuple(plan.edition for plan in territory.plan.plans),
        publisher=territory.publisher,
        crs=crs,
        computed_on=_computing_days(territory, names),
    )


def _computing_days(territory: Territory, names: Iterable[str]) -> dict[str, str]:
    """Return when the workspace took each layer that was computed, and the figures that measure drivers."""
    days = {} if territory.results is None else dict(territory.results.computed_on)
    measured = [days[f"accessibilita_{kind}"] for kind in _MEASURED if f"accessibilita_{kind}" in days]
    if measured:
        days |= dict.fromkeys((f"driver_{kind}" for kind in _MEASURED), max(measured))
    if territory.urbanisation is not None and territory.urbanisation.experimental:
        days["comuni"] = territory.urbanisation.source.added_on
    return {name: days[name] for name in names if name in days}


def _part_of(layers: Mapping[str, pd.DataFrame], part: Part) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Return the layers of a part, and the names of those that have nothing left in it."""
    taken = take_part(layers, part)
    left_out = tuple(name for name, table in taken.items() if table.empty and not layers[name].empty)
    return {name: table for name, table in taken.items() if name not in left_out}, left_out


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes
    ----------
    files
        In the order of the layers.
    left_out
        Layers with nothing in the part that was asked for: they have no file.
    synthetic
        Names of the layers in it that rest on made-up data, which their files say.
    """

    files: list[Path]
    left_out: tuple[str, ...] = ()
    synthetic: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[Text, ...]:
        """What the user should know."""
        if not self.synthetic:
            return ()
        listed = ", ".join(self.synthetic)
        return (gettext("{synthetic}: these layers describe no place: {listed}.", synthetic=SYNTHETIC, listed=listed),)


def export(file: Path, folder: Path, project: Project, request: ExportRequest) -> Exported:
    """Write parts of a build in another format: layers one file each (one workbook for XLSX), metadata, the project.

    Parameters
    ----------
    file
        A GeoPackage made by :func:`build`.
    folder
        Where to write; created if its parent exists.
    project
        Opened.
    request
        What is wanted.

    Raises
    ------
    InputMissingError, BoundaryFileError
        `file` does not exist or is no build.
    UnknownNameError
        A layer, edition, zone or municipality does not exist, or the file does not hold it; or nothing is left of the
        layers in the part that is asked for.
    OutputError
        A file cannot be written.
    """
    wanted = [layer_named(name).name for name in request.layers]
    made_up = Delivery(read_sources(file)).synthetic
    if request.form in DOCUMENTS:
        files = _export_documents(file, folder, request.form, wanted)
        return Exported(files, synthetic=tuple(name for name in wanted or LAYERS if name in made_up))
    _require_held(file, gettext("layer"), wanted, list_held(file))
    whole = not (request.zones or request.municipalities or request.editions)
    tables = read_geopackage(file, wanted) if wanted and whole and request.form != "gpkg" else read_geopackage(file)
    english = {name: layer_named(name).in_english(table) for name, table in tables.items()}
    part = _find_part_of(file, english, project, request)
    taken, empty = _part_of(english, part)
    chosen = {
        name: tables[name].loc[rows.index].reset_index(drop=True)
        for name, rows in taken.items()
        if not wanted or name in wanted
    }
    left_out = tuple(name for name in empty if not wanted or name in wanted)
    _require_rows(file, chosen, left_out)
    synthetic = tuple(name for name in chosen if name in made_up)
    if request.form == "gpkg":
        rows = {name: taken[name] for name in chosen}
        titles = [layer_named(name).title.it for name in _fewer(rows, set(tables) - set(empty))]
        said = "; ".join(filter(None, (part.said, say_part(layers=titles))))
        path = _export_geopackage(file, folder, project, rows, crs=request.crs, said=said)
        return Exported([path], left_out, synthetic)
    moved = {name: _moved(table, request.crs) for name, table in chosen.items()}
    files = write_tables(folder, moved, form=request.form, workbook=file.stem, synthetic=synthetic)
    return Exported(files, left_out, synthetic)


def _export_geopackage(
    file: Path, folder: Path, project: Project, rows: Mapping[str, pd.DataFrame], *, crs: str | None, said: str
) -> Path:
    """Write rows of a build as a GeoPackage of their own, published by the office of the workspace."""
    path = folder / file.name
    if path.exists() and path.samefile(file):
        raise OutputError(gettext("{path} is the file to export from; name another folder with -o.", path=path))
    delivery = read_delivery(file)
    held = [table.crs.to_string() for table in rows.values() if isinstance(table, gpd.GeoDataFrame)]
    meanings = delivery.codes["edition"].meanings if "edition" in delivery.codes else ()
    plans = build_plans(project.tables, ()) if meanings else ()
    editions = tuple(plan.edition for plan in plans if plan.edition.identifier in meanings)
    inputs = project.workspace.inputs
    described = dataclasses.replace(
        delivery,
        sources={name: sources for name, sources in delivery.sources.items() if name in rows},
        editions=editions if len(editions) == len(meanings) else (),
        publisher=read_publisher(inputs["ente"].path) if "ente" in inputs else None,
        crs=crs or next(iter(held), METRIC),
        part=_say_part_of(said, delivery.part),
        computed_on={name: day for name, day in delivery.computed_on.items() if name in rows},
    )
    make_folder(folder)
    write_geopackage(path, rows, date=described.date, delivery=described)
    return path


def _say_part_of(said: str, whole: str) -> str:
    """Say what a part is of a file that is perhaps a part itself."""
    if not said or not whole or said == whole:
        return said or whole
    return f"{said} (da una consegna già parziale: {whole})"


def _find_part_of(file: Path, tables: Mapping[str, pd.DataFrame], project: Project, request: ExportRequest) -> Part:
    """Return the part of a file that is asked for, by what the file itself holds."""
    editions = [set(table["edition"].dropna()) for table in tables.values() if "edition" in table.columns]
    held = sorted(set[str]().union(*editions))
    _require_held(file, gettext("edition"), request.editions, held)
    fewer = _fewer(request.editions, held)
    if not request.zones and not request.municipalities:
        return Part(frozenset(fewer), said=say_part(editions=fewer))
    _require_held(file, gettext("layer"), NEEDED, list(tables))
    return find_part(tables["comuni"], project, zones=request.zones, names=request.municipalities, editions=fewer)


def _require_held(file: Path, what: Text, wanted: Iterable[str], held: Sequence[str]) -> None:
    """Refuse layers or editions that a file does not hold."""
    absent = ", ".join(name for name in wanted if name not in held)
    if absent:
        raise UnknownNameError(
            gettext(
                "{file} does not hold {what} {absent}; it holds {held}.",
                file=file,
                what=what,
                absent=absent,
                held=", ".join(held),
            )
        )


def _require_rows(file: Path, chosen: Mapping[str, pd.DataFrame], left_out: Iterable[str]) -> None:
    """Refuse to write nothing."""
    if not chosen:
        names = ", ".join(left_out)
        raise UnknownNameError(
            gettext(
                "{file} has nothing of this part in the layers {names}; ask for other layers or another part.",
                file=file,
                names=names,
            )
        )


def _moved(table: pd.DataFrame, crs: str | None) -> pd.DataFrame:
    return table.to_crs(crs) if crs is not None and isinstance(table, gpd.GeoDataFrame) else table


DOCUMENTS = ("metadata", "qgz")
"""Formats of what a build says of its layers."""


def _export_documents(file: Path, folder: Path, form: str, wanted: Sequence[str]) -> list[Path]:
    if form == "qgz":
        contents = {f"{file.stem}.qgz": packed(moved(read_project(file), file, folder))}
    else:
        names = {f"{name}.xml" for name in wanted}
        contents = {name: text.encode() for name, text in read_documents(file).items() if not wanted or name in names}
    make_folder(folder)
    return [_write_content(folder / name, content) for name, content in contents.items()]


def _write_content(path: Path, content: bytes) -> Path:
    with replacing(path) as beside:
        beside.write_bytes(content)
    return path
