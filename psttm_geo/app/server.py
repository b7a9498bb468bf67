"""Start Streamlit with this application, and with nothing that leaves the machine."""

import errno
import os
import socket
import tomllib
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from psttm_geo.app import data
from psttm_geo.app.guard import Guard
from psttm_geo.core.errors import OutputError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.settings import Settings

HOST = "127.0.0.1"

_OPTIONS = Path(__file__).with_name("server.toml")


def serve(settings: Settings, *, address: str = HOST, port: int, base_path: str) -> None:
    """Serve the application until it is interrupted; opens a browser where there is a screen.

    Parameters
    ----------
    settings
        Names the workspace to show, and whether it is served to many.
    address
        To listen on; by default this machine only.
    port
        To listen on.
    base_path
        Path under which a reverse proxy serves it; empty for none.

    Raises
    ------
    OutputError
        The port is taken, or the address is not this machine's.
    PsttmError
        The tables or the workspace cannot be used.
    """
    _require_free_port(address, port)
    os.environ["PSTTM_WORKSPACE"] = str(settings.workspace)
    os.environ["PSTTM_SERVED"] = str(settings.served)
    # Loaded before the server starts, so that the first visitor does not wait, and bad inputs are said here. The pages
    # themselves are not: they declare components, which Streamlit takes in only once its server runs.
    data.warm_up()
    if settings.served or data.model_is_kept():
        # While the server starts: a moment where a model is kept, seconds where it is computed.
        data.prepare_surroundings()
        data.prepare_trials()
    set_up = tomllib.loads(_OPTIONS.read_text("utf-8"))
    listening = {"server.address": address, "server.port": port, "server.baseUrlPath": base_path.strip("/")}
    options = {**set_up["always"], **listening, **(set_up["served"] if settings.served else {})}
    if not _has_screen():
        options["server.headless"] = True
    guard = Middleware(Guard, port=None if settings.served else port)
    st.App(Path(__file__).with_name("__main__.py"), middleware=[guard]).run(config=options)


def _has_screen() -> bool:
    return os.name == "nt" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _require_free_port(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise OutputError(_not_listening(address, port, error)) from error


def _not_listening(address: str, port: int, error: OSError) -> Text:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return gettext(
            "Port {port} is taken or reserved; choose another one with --port (make run PORT=9000).", port=port
        )
    return gettext(
        "{address} is no IPv4 address of this machine; give one with --address, or 0.0.0.0 for all.", address=address
    )
