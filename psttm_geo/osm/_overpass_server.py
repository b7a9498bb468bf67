"""Questions to Overpass and Nominatim through OSMnx: all waiting has an end, and nothing is left behind.

OSMnx keeps its options in variables of a module, makes the process resolve names in its own way, asks a stranger about
names that it cannot resolve, and waits without an end for a service that is busy. Here its options are set while a
question is asked and are what they were afterwards. Since they hold for the whole process, one thread at a time may
ask.
"""

import contextlib
import re
import socket
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from psttm_geo.core.errors import DownloadError, PsttmError
from psttm_geo.core.messages import Text, gettext

if TYPE_CHECKING:
    import requests

TIMEOUT_S = 180
"""How long a service may be silent; Overpass is told to stop working on a question after that, too."""

PATIENCE_S = 180
"""How long to wait in all for a service that is busy."""

PAUSE_S = 15
"""Before asking again a service that is busy and does not say for how long."""

_BUSY = (429, 504)
"""What Overpass answers when one has asked too much, and when others have."""

_REMARK = re.compile(rb'"remark":\s*"((?:[^"\\]|\\.)*)"')
"""At the end of an answer that Overpass has not finished."""

_REMARK_BYTES = 2000

Answer = TypeVar("Answer")


class _BusyError(Exception):
    """The service answers that it has no time now; nothing that leaves this module."""


class Server:
    """OSMnx made ready to ask one service.

    Parameters
    ----------
    url
        Of the service.
    remedy
        What one may do when it fails.
    tell
        Called with what one is waiting for, and with nothing when that is over.

    Attributes
    ----------
    remark
        What the service has said of the last answer being incomplete; empty when it said nothing.
    """

    def __init__(self, url: str, remedy: Text, tell: Callable[[str], object]) -> None:
        self.remark = ""
        self._url = url.rstrip("/")
        self._remedy = remedy
        self._tell = tell
        self._until = time.monotonic() + PATIENCE_S

    def ask(self, question: Callable[[], Answer], *, slots: bool) -> Answer:
        """Ask, and ask again while the service is busy.

        Parameters
        ----------
        question
            A call of OSMnx.
        slots
            Whether the service tells beforehand when it has time, as Overpass does.

        Raises
        ------
        DownloadError
            The service does not answer, stays busy, or answers with an error or with something else than data.
        """
        import requests  # noqa: PLC0415 - a tenth of a second that only a download needs to spend

        while True:
            try:
                while slots and (pause_s := self._read_pause()):
                    self._wait(pause_s)
                return question()
            except _BusyError:
                self._wait(PAUSE_S)
            except PsttmError:
                raise
            except requests.Timeout as error:
                raise self.failed(
                    gettext("the service does not answer within {timeout_s} seconds", timeout_s=TIMEOUT_S)
                ) from error
            except requests.RequestException as error:
                raise self.failed(gettext("the service does not answer or the network is closed")) from error

    def failed(self, reason: Text) -> DownloadError:
        """Say what went wrong and what to do."""
        return DownloadError(
            gettext("{url}: {reason}. Nothing was saved; {remedy}.", url=self._url, reason=reason, remedy=self._remedy)
        )

    def inspect(self, response: "requests.Response", *_: object, **__: object) -> None:
        """Look at what comes before OSMnx does; for the hooks of requests."""
        if response.is_redirect:
            return
        content = response.content  # before anything is raised: what is not read keeps its connection open
        if response.status_code in _BUSY:
            raise _BusyError
        if not response.ok:
            raise self.failed(gettext("the service answers {status_code}", status_code=response.status_code))
        if content.lstrip()[:1] not in (b"{", b"["):
            raise self.failed(
                gettext("what arrives is a page and no data: the address is wrong, or the network wants a login first")
            )
        found = _REMARK.search(content[-_REMARK_BYTES:])
        self.remark = found[1].decode("utf-8", "replace") if found else ""

    def _read_pause(self) -> int:
        """Return for how many seconds Overpass wants to be left alone; 0 where it keeps no account of that."""
        import requests  # noqa: PLC0415 - as above

        answer = requests.get(f"{self._url}/status", timeout=TIMEOUT_S, headers={"User-Agent": user_agent()})
        text = answer.text if answer.ok else ""
        if not re.search(r"^Rate limit: [1-9]", text, re.MULTILINE):
            return 0
        if re.search(r"^[1-9]\d* slots? available now", text, re.MULTILINE):
            return 0
        waits = re.findall(r"^Slot available after: .*, in (-?\d+) seconds", text, re.MULTILINE)
        return max(min(map(int, waits)), 1) if waits else PAUSE_S

    def _wait(self, pause_s: int) -> None:
        if time.monotonic() + pause_s > self._until:
            raise self.failed(
                gettext(
                    "the service is busy or limits requests, and has no time within {patience_s} seconds",
                    patience_s=PATIENCE_S,
                )
            )
        self._tell(f"{urlsplit(self._url).netloc}: {pause_s} s")
        time.sleep(pause_s)
        self._tell("")


def user_agent() -> str:
    """Return how this package names itself, as the rules of both services want."""
    return f"psttm-geo/{version('psttm-geo')}"


@contextlib.contextmanager
def osmnx_asking(url: str, server: Server, **options: object) -> Iterator[Any]:
    """Give OSMnx, set up to ask one service, and bring everything back as it was.

    Parameters
    ----------
    url
        Of the service; OSMnx is never to ask another one.
    server
        Looks at all answers.
    options
        More of OSMnx's settings.
    """
    import osmnx  # noqa: PLC0415 - takes seconds that only a download needs to spend

    wanted = {
        "overpass_url": url,
        "nominatim_url": url,
        "overpass_rate_limit": False,  # waits without an end; the server object asks instead
        "doh_url_template": None,  # a stranger would be told what is looked for
        "http_user_agent": user_agent(),
        "http_referer": user_agent(),
        "http_accept_language": "it, en",
        "requests_timeout": TIMEOUT_S,
        "requests_kwargs": {"hooks": {"response": server.inspect}},
        **options,
    }
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    resolve = socket.getaddrinfo
    try:
        _set(osmnx.settings, wanted)
        yield osmnx
    finally:
        _set(osmnx.settings, before)
        socket.getaddrinfo = resolve


def _set(settings: object, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
