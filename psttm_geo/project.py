"""A project: the settings, tables and workspace that every job works on, each opened once."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.messages import Text
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Input, Kind, Workspace
from psttm_geo.osm.tag_checks import tag_faults
from psttm_geo.plan.plan_checks import plan_faults
from psttm_geo.schema import data_tables
from psttm_geo.schema.checks import cross_faults
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.gazetteer import Gazetteer
from psttm_geo.territory.municipalities import Snapshot
from psttm_geo.territory.snapshot import read_gazetteer, read_snapshot

Read = TypeVar("Read")


class Project:
    """What jobs work on: the tables in force and the workspace, read when first needed and then kept.

    The tables are those of the moment when they were first asked for; inputs of the workspace are read again when
    others are registered in their place.

    Attributes
    ----------
    settings
        Name the data folder, the workspace and the servers.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._snapshot: Snapshot | None = None  # as the tables were compared with it
        self._said: dict[Text, None] = {}
        self._read: dict[Kind, tuple[tuple[tuple[str, str], ...], object]] = {}

    @property
    def folder(self) -> Path:
        """The folder of tables in force: the one of the settings, else the packaged one."""
        return self.settings.data or data_tables.data_path()

    @property
    def notices(self) -> tuple[Text, ...]:
        """What was said of the workspace's cache: what was damaged or could not be kept."""
        return tuple(self._said)

    def say(self, notice: Text) -> None:
        """Note what the user should know of the workspace's cache; the same is said once."""
        self._said[notice] = None

    @property
    def workspace(self) -> Workspace:
        """Registered inputs, caches and results."""
        return Workspace(self.settings.workspace)

    @cached_property
    def register(self) -> Register:
        """The tables of the data folder with their sources, right by themselves and with each other.

        Raises
        ------
        TableError
            They are not.
        """
        register = data_tables.read_register(self.folder, validated=True)
        # The packaged tables were found right with each other when they were packaged.
        packaged = self.folder.resolve() == data_tables.data_path().resolve()
        faults = [*register.faults, *([] if packaged else self._cross_faults(register))]
        if faults:
            raise TableError(faults)
        return register

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by the names of their files, all cells text; errors as :attr:`register`."""
        return self.register.tables

    @property
    def municipality_tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables of municipalities and of their predecessors; errors as :attr:`register`."""
        return self.tables["zones.csv"], self.tables["predecessors.csv"]

    @cached_property
    def snapshot(self) -> Snapshot:
        """The embedded boundaries and residents; errors as :attr:`register`."""
        return self._snapshot or read_snapshot(self.register)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names and codes of municipalities; errors as :attr:`register`."""
        return read_gazetteer(self.register)

    def read_input(self, kind: Kind, read: Callable[[Input], Read]) -> Read | None:
        """Return what the registered input of a kind holds, read once as long as no input is added or removed.

        Parameters
        ----------
        kind
            Of the input.
        read
            Opens its file; one and the same for each kind.

        Returns
        -------
        object
            What `read` returned; None where nothing of the kind is registered.

        Raises
        ------
        WorkspaceError
            The workspace is damaged.
        """
        inputs = self.workspace.inputs
        held = inputs.get(kind)
        if held is None:
            return None
        registered = tuple(sorted((name, entry.sha256) for name, entry in inputs.entries.items()))
        if self._read.get(kind, ((),))[0] != registered:
            self._read[kind] = registered, read(held)
        return self._read[kind][1]  # type: ignore[return-value] # `read` is one and the same for each kind

    def check(self) -> list[Fault]:
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
            register = data_tables.read_register(self.folder)
        except TableError as error:  # the register itself: nothing else can be trusted then
            return list(error.faults)
        return [*register.faults, *self._cross_faults(register)]

    def _cross_faults(self, register: Register) -> list[Fault]:
        broken = {fault.file for fault in register.faults if fault.about is None}
        tables = {name: table for name, table in register.tables.items() if name not in broken}
        try:
            self._snapshot = read_snapshot(register)
            municipalities = self._snapshot.boundaries.municipalities
        except TableError:
            municipalities = None
        return cross_faults(tables, municipalities) + plan_faults(tables) + tag_faults(tables)
