"""Official registers of services: taken into the workspace, and read from it."""

from collections.abc import Sequence
from pathlib import Path

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.files import write_text
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.jobs.everyday_services import categories_of, place_registers, register_context, registers_in_force
from psttm_geo.jobs.load import load_territory
from psttm_geo.project import Project
from psttm_geo.services import register_layouts
from psttm_geo.services import registers as registers_source
from psttm_geo.services.locations import say_fates, say_register
from psttm_geo.services.register_records import PlacedRegister

PACKED = "registers.zip"


def add_registers(project: Project, files: Sequence[Path]) -> list[Text]:
    """Read registers and, if all can be used, keep them in the workspace in place of those it held.

    Parameters
    ----------
    project
        Opened.
    files
        Regione Lombardia's registers, or the office's mapping files (TOML) beside their tables; copied.

    Returns
    -------
    list of Text
        What each holds, and what a person should look at, line by line.

    Raises
    ------
    TableError, InputMissingError
        A file cannot be used, or has no service in the territory; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    context = register_context(project, load_territory(project).municipalities)
    placed = place_registers(context, files)
    faults = [
        Fault(file.name, None, _say_elsewhere(register))
        for file, register in zip(files, placed, strict=True)
        if not register.services["in_territory"].any()
    ]
    if faults:
        raise TableError(faults)
    with scratch_folder() as folder:
        packed = folder / PACKED
        registers_source.pack_registers(packed, files, context.gazetteer, context.categories)
        project.workspace.add("registers", packed)
    return [line for register in placed for line in say_register(register, context.municipalities)]


def _say_elsewhere(register: PlacedRegister) -> Text:
    return gettext(
        "no service is in the territory ({rows}); give a register that includes it, or correct municipalities and "
        "coordinates.",
        rows=say_fates(register),
    )


def read_registers(project: Project, files: Sequence[Path] = ()) -> tuple[PlacedRegister, ...]:
    """Read registers, by default those of the workspace, and compare them with the boundaries in force.

    Errors as :func:`psttm_geo.jobs.everyday_services.registers_in_force`.
    """
    return registers_in_force(project, load_territory(project).municipalities, files)


def write_register_mapping(project: Project, file: Path) -> None:
    """Write the mapping file of a register, to be filled in.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_text(file, register_layouts.template_text(categories_of(project.tables)))
