"""One function per job a user has."""

from psttm_geo.workflows.boundaries import BoundaryComparison, compare_extract
from psttm_geo.workflows.census import add_census, read_census
from psttm_geo.workflows.comparison import Comparison, compare_editions
from psttm_geo.workflows.delivery import build, export, list_sources, territory_layers, write_territory
from psttm_geo.workflows.difference import DeliveryDifference, compare_files
from psttm_geo.workflows.downloads import Offer, fetch, list_offers
from psttm_geo.workflows.inputs import (
    add_input,
    add_projects,
    add_stations,
    project_template,
    refresh_boundaries,
    write_publisher_template,
    write_scenario_template,
    write_template,
)
from psttm_geo.workflows.live import Place, fetch_extract
from psttm_geo.workflows.loading import Territory, find_neighbours, load_territory
from psttm_geo.workflows.registers import add_registers, read_registers, write_register_mapping
from psttm_geo.workflows.requests import AccessRequest, BuildRequest, ExportRequest, IsochroneRequest
from psttm_geo.workflows.streets import describe_extract, keep_mapped, read_extract
from psttm_geo.workflows.synthetic import write_synthetic
from psttm_geo.workflows.tables import check_tables, data_folder
from psttm_geo.workflows.urbanisation import compute_urbanisation, keep_urbanisation, read_urbanisation

__all__ = [
    "AccessRequest",
    "BoundaryComparison",
    "BuildRequest",
    "Comparison",
    "DeliveryDifference",
    "ExportRequest",
    "IsochroneRequest",
    "Offer",
    "Place",
    "Territory",
    "add_census",
    "add_input",
    "add_projects",
    "add_registers",
    "add_stations",
    "build",
    "check_tables",
    "compare_editions",
    "compare_extract",
    "compare_files",
    "compute_urbanisation",
    "data_folder",
    "describe_extract",
    "export",
    "fetch",
    "fetch_extract",
    "find_neighbours",
    "keep_mapped",
    "keep_urbanisation",
    "list_offers",
    "list_sources",
    "load_territory",
    "project_template",
    "read_census",
    "read_extract",
    "read_registers",
    "read_urbanisation",
    "refresh_boundaries",
    "territory_layers",
    "write_publisher_template",
    "write_register_mapping",
    "write_scenario_template",
    "write_synthetic",
    "write_template",
    "write_territory",
]
