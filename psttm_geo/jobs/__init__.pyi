from .accessibility import compute_access, save_access, write_access
from .best_sites import site, write_site_scenario
from .boundaries import BoundaryComparison, compare_extract
from .census_areas import add_census, read_census
from .deliveries import build, export, list_sources, territory_layers, write_territory
from .delivery_comparison import DeliveryDifference, compare_files
from .edition_comparison import Comparison, compare_editions
from .fetching import Offer, fetch, list_offers
from .isochrone_layers import compute_isochrones, save_isochrones
from .live_osm import Place, fetch_extract
from .load import Territory, find_neighbours, load_territory
from .monitoring_register import (
    Monitoring,
    add_monitoring,
    export_monitoring,
    open_monitoring,
    write_monitoring_template,
    write_sheet_templates,
)
from .monitoring_status import MonitoringStatus, monitoring_status
from .preparation import Need, Preparation, Prepared, list_needs, list_old, prepare, say_needs
from .register_files import add_registers, read_registers, write_register_mapping
from .registration import (
    add_input,
    add_projects,
    add_stations,
    project_template,
    refresh_boundaries,
    write_publisher_template,
    write_scenario_template,
    write_template,
)
from .requests import AccessRequest, BuildRequest, ExportRequest, IsochroneRequest, SiteRequest
from .streets import describe_extract, read_extract, save_extract, territory_notices
from .synthetic_data import write_synthetic
from .urbanisation import compute_urbanisation, read_urbanisation, save_urbanisation
from .what_if import what_if

__all__ = [
    "AccessRequest",
    "BoundaryComparison",
    "BuildRequest",
    "Comparison",
    "DeliveryDifference",
    "ExportRequest",
    "IsochroneRequest",
    "Monitoring",
    "MonitoringStatus",
    "Need",
    "Offer",
    "Place",
    "Preparation",
    "Prepared",
    "SiteRequest",
    "Territory",
    "add_census",
    "add_input",
    "add_monitoring",
    "add_projects",
    "add_registers",
    "add_stations",
    "build",
    "compare_editions",
    "compare_extract",
    "compare_files",
    "compute_access",
    "compute_isochrones",
    "compute_urbanisation",
    "describe_extract",
    "export",
    "export_monitoring",
    "fetch",
    "fetch_extract",
    "find_neighbours",
    "list_needs",
    "list_offers",
    "list_old",
    "list_sources",
    "load_territory",
    "monitoring_status",
    "open_monitoring",
    "prepare",
    "project_template",
    "read_census",
    "read_extract",
    "read_registers",
    "read_urbanisation",
    "refresh_boundaries",
    "save_access",
    "save_extract",
    "save_isochrones",
    "save_urbanisation",
    "say_needs",
    "site",
    "territory_layers",
    "territory_notices",
    "what_if",
    "write_access",
    "write_monitoring_template",
    "write_publisher_template",
    "write_register_mapping",
    "write_scenario_template",
    "write_sheet_templates",
    "write_site_scenario",
    "write_synthetic",
    "write_template",
    "write_territory",
]
