"""What every command shares: options, settings, and how it speaks."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psttm_geo.core.crs import find_delivered
from psttm_geo.core.errors import printable
from psttm_geo.core.events import Event, Notice, Result, report
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.settings import Settings

if TYPE_CHECKING:
    from psttm_geo.project import Project


class _Named(click.Path):
    """A path whose name is a text: manifests and metadata have to hold it, and GDAL takes no other."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - as click has it
        """Refuse a name that is in no encoding."""
        path = super().convert(value, param, ctx)
        try:
            str(path).encode()
        except UnicodeEncodeError:
            settings = None if ctx is None else ctx.find_object(Settings)
            self.fail(_NO_NAME.say((settings or Settings()).language), param, ctx)
        return path


_NO_NAME = gettext("the name of the file is no UTF-8 text; rename it, for example without accents.")

PATH = _Named(path_type=Path)

FILE = _Named(dir_okay=False, path_type=Path)

FOLDER = _Named(file_okay=False, path_type=Path)

WORKSPACE = click.option(
    "--workspace", type=FOLDER, help="Cartella di lavoro (predefinita: quella dei dati dell'utente, o PSTTM_WORKSPACE)."
)

JSON = click.option("--json", "as_json", is_flag=True, help="Scrive il risultato in JSON.")


def _read_crs(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    return None if value is None else find_delivered(value)


CRS = click.option(
    "--crs", callback=_read_crs, help="Sistema di riferimento: EPSG:32632 (predefinito) o EPSG:7791 (RDN2008)."
)

EDITIONS = click.option("--edition", "editions", multiple=True, help="Solo questa edizione (ripetibile).")

ZONES = click.option("--zone", "zones", multiple=True, help="Solo questa zona omogenea (ripetibile).")

MUNICIPALITIES = click.option(
    "--municipality", "municipalities", multiple=True, help="Solo questo comune, codice ISTAT o nome (ripetibile)."
)


def open_project(settings: Settings) -> "Project":
    """Return what a command's job works on; it takes pandas, which not every command needs, half a second to load."""
    from psttm_geo.project import Project  # noqa: PLC0415 - as above

    return Project(settings)


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the settings to a command, with the workspace it names."""

    @wraps(function)
    @click.pass_obj
    def wrapped(settings: Settings, /, **options: Any) -> Any:  # noqa: ANN401 - each command has its own options
        workspace = options.pop("workspace", None)
        if workspace is not None:
            settings = settings.model_copy(update={"workspace": workspace.absolute()})
        return function(settings, **options)

    return wrapped


def note(notices: Sequence[Text], settings: Settings) -> None:
    """Say what the user should know on stderr, unless asked to be quiet."""
    for notice in notices:
        _utter(Notice(notice), gettext("note: {notice}", notice=notice), settings)


def tell(text: Text, settings: Settings) -> None:
    """Say one sentence on stderr as it comes, unless asked to be quiet."""
    _utter(Notice(text, lasting=False), text, settings)


def prepare_kernels(settings: Settings) -> None:
    """Have the kernels compiled beside, where they are not, and say so."""
    from psttm_geo.access.compilation import compile_beside  # noqa: PLC0415 - loaded only where something is computed

    said = compile_beside()
    if said is not None:
        tell(said, settings)


def _utter(event: Event, text: Text, settings: Settings) -> None:
    if not click.get_current_context().meta["quiet"] and not report(event):
        echo(text.say(settings.language), err=True)


def echo(said: str, *, err: bool = False) -> None:
    """Print a text, of which nothing is a command for the terminal."""
    click.echo(printable(said), err=err)


def print_result(result: object, lines: Sequence[str], *, as_json: bool) -> None:
    """Print a result, for machines or as lines for people."""
    if report(Result(result)):
        return
    if as_json:
        echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        echo("\n".join(lines))


def require_geopackage(output: Path, settings: Settings) -> None:
    """Refuse a name that is no GeoPackage's before anything is computed."""
    if output.suffix.lower() != ".gpkg":
        raise click.BadParameter(
            gettext("found “{name}”, expected a name that ends in .gpkg.", name=output.name).say(settings.language),
            param_hint="-o",
        )


def say_left_out(names: Sequence[str]) -> tuple[Text, ...]:
    """Return the note that some layers have nothing in the part that was asked for; none where none is left out."""
    if not names:
        return ()
    listed = ", ".join(names)
    return (gettext("without rows in this part, left out: {listed}.", listed=listed),)
