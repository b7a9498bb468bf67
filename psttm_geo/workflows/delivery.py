"""Hand the territory over: the GeoPackage and its parts in other formats."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from psttm_geo.analysis import plan_layers
from psttm_geo.analysis.services import service_layer
from psttm_geo.errors import Text, UnknownNameError
from psttm_geo.files import make_folder, replacing
from psttm_geo.model.delivery import Delivery
from psttm_geo.model.layers import layer_named
from psttm_geo.model.provenance import Source
from psttm_geo.model.walks import BY_AGE
from psttm_geo.outputs.geopackage import read_documents, read_geopackage, read_project, write_geopackage
from psttm_geo.outputs.qgis_project import moved, packed
from psttm_geo.outputs.tables import write_tables
from psttm_geo.settings import Settings
from psttm_geo.workflows.loading import Territory, load_territory


def territory_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return every layer of the contract that the territory holds, with the table of their sources."""
    layers = {
        "comuni": territory.municipalities,
        "zone_omogenee": territory.zones,
        "unioni_comuni": territory.unions,
        "citta_metropolitana": territory.whole,
        "appartenenze": territory.memberships,
        **_plan_layers(territory),
        **_project_layers(territory),
        **_mapped_layers(territory),
        **({} if territory.results is None else territory.results.layers),
    }
    return {**layers, "fonti": list_sources(layer_sources(territory, layers))}


def layer_sources(territory: Territory, names: Iterable[str]) -> dict[str, tuple[Source, ...]]:
    """Return what each of the named layers rests on."""
    used = _every_source(territory)
    return {name: used[name] for name in names if name in used}


def _every_source(territory: Territory) -> dict[str, tuple[Source, ...]]:
    spatial = (territory.boundaries_source, territory.residents_source, *territory.membership_sources)
    own = (territory.projects.source,) if territory.projects is not None else ()
    used = dict.fromkeys(("comuni", "zone_omogenee", "unioni_comuni"), (*spatial, *own))
    used |= {"citta_metropolitana": (*spatial[:2], *own), "appartenenze": territory.membership_sources}
    used |= dict.fromkeys(("obiettivi", "obiettivi_comuni", "obiettivi_conteggi"), (*spatial, *territory.scope_sources))
    walked = {} if territory.results is None else territory.results.sources
    measured = next(iter(walked.values()), ())
    drivers = ("driver_comuni", "driver_zone", "driver_unioni")
    used |= dict.fromkeys(drivers, (*spatial, *territory.scope_sources, *own, *measured))
    used |= {"driver": territory.membership_sources, "progetti": own, "progetti_comuni": own}
    used |= dict.fromkeys(("servizi", "servizi_confronto"), (territory.boundaries_source, *territory.service_sources))
    if territory.urbanisation is not None:
        used["comuni"] = (*used["comuni"], territory.urbanisation.source)
    if territory.comparison is not None:
        used["confini_confronto"] = territory.comparison.sources
    return {**used, **walked}


def _mapped_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return what the workspace holds of OpenStreetMap and of registers of services."""
    layers: dict[str, pd.DataFrame] = {}
    if territory.services is not None:
        layers["servizi"] = service_layer(territory.services.services)
        if not territory.services.report.empty:
            layers["servizi_confronto"] = territory.services.report
    if territory.comparison is not None:
        layers["confini_confronto"] = territory.comparison.reconciliation.municipalities
    return layers


def _plan_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    drivers = plan_layers.driver_layers(
        territory.municipalities,
        territory.zones,
        territory.unions,
        territory.plans,
        territory.answers,
        territory.project_places,
    )
    return {
        "obiettivi": plan_layers.goal_layer(territory.plans, territory.answers, territory.municipalities),
        "obiettivi_comuni": territory.answers.municipalities,
        "obiettivi_conteggi": plan_layers.goal_counts(territory.answers),
        "driver": plan_layers.driver_table(territory.plans),
        **plan_layers.with_measures(drivers, territory.plans, _measures(territory)),
    }


def _measures(territory: Territory) -> dict[str, pd.DataFrame]:
    """Return what was measured of the units of each layer of drivers, by people of all ages."""
    held = {} if territory.results is None else territory.results.layers
    found = {kind: held[f"accessibilita_{kind}"] for kind in _MEASURED if f"accessibilita_{kind}" in held}
    return {f"driver_{kind}": table[table["profile"] == BY_AGE] for kind, table in found.items()}


_MEASURED = ("comuni", "zone", "unioni")


def _project_layers(territory: Territory) -> dict[str, pd.DataFrame]:
    places = territory.project_places
    if territory.projects is None or places is None:
        return {}
    counts = places.groupby("project")["municipality_count"].first()
    projects = territory.projects.projects
    return {
        "progetti": projects.assign(municipality_count=projects["project"].map(counts)),
        "progetti_comuni": places.assign(amount_eur=places["amount_eur"] / places["municipality_count"]),
    }


def list_sources(used: dict[str, tuple[Source, ...]]) -> pd.DataFrame:
    """Return the table ``fonti``: one row per layer and source, also of a source that serves a layer twice.

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
        for source in dict.fromkeys(sources)
    ]
    return pd.DataFrame(rows)


def build(
    path: Path,
    settings: Settings,
    *,
    boundaries: Path | None = None,
    residents: Path | None = None,
    editions: Sequence[str] = (),
) -> tuple[Territory, dict[str, int]]:
    """Write the GeoPackage; parameters and errors as :func:`load_territory`.

    Returns
    -------
    territory
        What was written, for a summary.
    counts
        Rows of each layer, by its name.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    territory = load_territory(settings, boundaries=boundaries, residents=residents, editions=editions)
    return territory, write_territory(path, territory)


def write_territory(path: Path, territory: Territory) -> dict[str, int]:
    """Write a loaded territory as GeoPackage, dated with its latest source; return the rows of each layer.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before is untouched.
    """
    layers = territory_layers(territory)
    delivery = describe(territory, layers)
    date = max(source.reference_date for used in delivery.sources.values() for source in used)
    write_geopackage(path, layers, date=date, delivery=delivery)
    return {name: len(table) for name, table in layers.items()}


def describe(territory: Territory, names: Iterable[str]) -> Delivery:
    """Return what is to be said of the named layers of a territory."""
    return Delivery(
        sources=layer_sources(territory, names),
        codes=territory.codes,
        editions=tuple(plan.edition for plan in territory.plans),
        publisher=territory.publisher,
    )


def export(file: Path, folder: Path, *, form: str, layers: Iterable[str] = ()) -> list[Path]:
    """Write parts of a build in another format: layers one file each (one workbook for XLSX), metadata, the project.

    Parameters
    ----------
    file
        A GeoPackage made by :func:`build`.
    folder
        Where to write; created if its parent exists.
    form
        A key of :data:`psttm_geo.outputs.tables.FORMATS`, ``metadata``, or ``qgz`` for the whole project.
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
    if form in DOCUMENTS:
        return _export_documents(file, folder, form, wanted)
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
