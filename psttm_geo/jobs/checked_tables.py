"""The tables in force, trusted only when they are right."""

from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.settings import Settings
from psttm_geo.osm.tag_checks import tag_faults
from psttm_geo.plan.plan_checks import plan_faults
from psttm_geo.schema import data_tables
from psttm_geo.schema.checks import cross_faults
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory import snapshot


def data_folder(settings: Settings) -> Path:
    """Return the folder of tables in force: the one of the settings, else the packaged one."""
    return settings.data or data_tables.data_path()


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
        register = data_tables.read_register(data_folder(settings))
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
    return cross_faults(tables, municipalities) + plan_faults(tables) + tag_faults(tables)


def trusted_register(settings: Settings) -> Register:
    """Return the tables of the data folder, right by themselves and with each other.

    Raises
    ------
    TableError
        They are not.
    """
    register = data_tables.read_register(data_folder(settings))
    faults = list(register.faults) + _cross_faults(register)
    if faults:
        raise TableError(faults)
    return register


def municipality_tables(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of municipalities and of their predecessors.

    Raises
    ------
    TableError
        The tables are not right.
    """
    tables = trusted_register(settings).tables
    return tables["zones.csv"], tables["predecessors.csv"]
