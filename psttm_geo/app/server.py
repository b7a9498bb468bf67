"""Start Streamlit with this application, and with nothing that leaves the machine."""

import os
import socket
from pathlib import Path

from streamlit.web.cli import main as streamlit

from psttm_geo.app import data
from psttm_geo.errors import OutputError, Text
from psttm_geo.settings import Settings

HOST = "127.0.0.1"

_OPTIONS = {
    "server.address": HOST,
    "browser.serverAddress": "localhost",  # else Streamlit asks an outside server for its address
    "browser.gatherUsageStats": "false",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.maxUploadSize": "50",  # MB, as large as a register may be
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.disableDataExport": "true",  # tables' own export would hand formulas of a register to a spreadsheet
    "theme.base": "light",
    "theme.primaryColor": "#1F5A94",
    "theme.textColor": "#1B2026",
    "theme.borderColor": "#D5D9DE",
    "theme.linkColor": "#1F5A94",
}


def serve(settings: Settings, *, port: int, base_path: str) -> None:
    """Serve the application until it is interrupted; opens a browser where there is a screen.

    Parameters
    ----------
    settings
        Names the workspace to show.
    port
        To listen on, this machine only.
    base_path
        Path under which a reverse proxy serves it; empty for none.

    Raises
    ------
    OutputError
        The port is taken.
    PsttmError
        The tables or the workspace cannot be used.
    """
    _require_free_port(port)
    os.environ["PSTTM_WORKSPACE"] = str(settings.workspace)
    # Loaded before the server starts, so that the first visitor does not wait, and bad inputs are said here. The pages
    # themselves are not: they declare components, which Streamlit takes in only once its server runs.
    data.warm_up()
    options = {**_OPTIONS, "server.port": str(port), "server.baseUrlPath": base_path.strip("/")}
    if not _has_screen():
        options["server.headless"] = "true"
    flags = [f"--{name}={value}" for name, value in options.items()]
    streamlit(["run", str(Path(__file__).with_name("__main__.py")), *flags], standalone_mode=False)


def _has_screen() -> bool:
    return os.name == "nt" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _require_free_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise OutputError(
                Text(
                    it=f"La porta {port} è occupata o riservata; sceglierne un'altra con --port (make run PORT=9000).",
                    en=f"Port {port} is taken or reserved; choose another one with --port (make run PORT=9000).",
                )
            ) from error
