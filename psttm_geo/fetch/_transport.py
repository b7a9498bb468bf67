"""Answers over HTTP: bounded redirects, patience with busy servers, and every failure as one sentence."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from psttm_geo.core.errors import DownloadError
from psttm_geo.core.messages import Text, gettext

if TYPE_CHECKING:
    import requests


Tell = Callable[[Text], None]
"""How the user hears, while it goes on, what a download does."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes
    ----------
    connect_s, stall_s
        For the connection, and for the next bytes of an answer that has begun.
    attempts
        How often a busy server (429, 503) is asked in all.
    first_wait_s, longest_wait_s
        Between attempts: the first doubles each time; a server that asks for more than the longest is not waited for.
    redirects
        How many are followed.
    """

    connect_s: float = 15
    stall_s: float = 60
    attempts: int = 5
    first_wait_s: float = 2
    longest_wait_s: float = 120
    redirects: int = 5


PATIENCE = Patience()

AS_BROWSER: Mapping[str, str] = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/csv,text/html;q=0.9,*/*;q=0.8",
    "Accept-Language": "it-IT,it;q=0.9,en;q=0.5",
    "Range": "bytes=0-",
}
"""What servers want to see that answer browsers alone; the range is the whole file."""

_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

_RANGE = (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
"""Answers to one who asked for a range."""


class UnreachableError(DownloadError):
    """A server gave no usable answer; `text` is the reason alone, without address or advice."""


def ask(
    session: "requests.Session", url: str, tell: Tell, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> "requests.Response":
    """Return the answer of a server with its body still to be read; the caller closes it.

    Proxy settings of the environment are honoured. Bodies are asked for as they are, not compressed for the way.

    Parameters
    ----------
    session
        Open.
    url
        HTTP or HTTPS.
    tell
        Told of every wait.
    method, headers
        Of the request; a range may be asked for.

    Raises
    ------
    UnreachableError
        No answer, one of failure, or a redirect that must not be followed. A range that cannot be given (416) is an
        answer to the one who asked for it.
    """
    wait_s = PATIENCE.first_wait_s
    for attempt in range(1, PATIENCE.attempts + 1):
        answer = _follow(session, method, url, {"Accept-Encoding": "identity", **(headers or {})})
        status = answer.status_code
        if status == HTTPStatus.OK or (headers and status in _RANGE):
            return answer
        answer.close()
        if status not in _BUSY or attempt == PATIENCE.attempts:
            break
        asked_s = _asked_wait_s(answer.headers.get("Retry-After"))
        wait_s = wait_s if asked_s is None else asked_s
        if wait_s > PATIENCE.longest_wait_s:
            raise UnreachableError(
                gettext(
                    "the server is busy (it answers {status}) and asks to come back in {wait_s:.0f} minutes",
                    status=status,
                    wait_s=wait_s / 60,
                )
            )
        tell(
            gettext(
                "the server is busy (it answers {status}): trying again in {wait_s:.0f} s.",
                status=status,
                wait_s=wait_s,
            )
        )
        time.sleep(wait_s)
        wait_s = min(wait_s * 2, PATIENCE.longest_wait_s)
    raise UnreachableError(gettext("the server answers {status}", status=status))


def _follow(session: "requests.Session", method: str, url: str, headers: Mapping[str, str]) -> "requests.Response":
    import requests  # noqa: PLC0415 - a tenth of a second that only a download needs to spend

    agent = f"psttm-geo/{version('psttm-geo')}"
    for _ in range(PATIENCE.redirects + 1):
        try:
            answer = session.request(
                method,
                url,
                headers={"User-Agent": agent, **headers},
                stream=True,
                timeout=(PATIENCE.connect_s, PATIENCE.stall_s),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise UnreachableError(say_failure(error)) from error
        if not answer.is_redirect:
            return answer
        answer.close()
        url = _redirected(url, answer.headers["Location"])
    raise UnreachableError(gettext("the server redirects more than {redirects} times", redirects=PATIENCE.redirects))


def _redirected(url: str, location: str) -> str:
    """Return where a redirect leads; never out of HTTPS, never out of HTTP."""
    target = urljoin(url, location)
    scheme = urlsplit(target).scheme
    if scheme not in ("http", "https") or (urlsplit(url).scheme == "https" and scheme != "https"):
        raise UnreachableError(
            gettext(
                "the server redirects to {target}, which is not as safe as the address it starts from", target=target
            )
        )
    return target


def _asked_wait_s(retry_after: str | None) -> float | None:
    """Return how many seconds a server asks to wait, given as a number or as a date; None if it does not say."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def say_failure(error: "requests.RequestException") -> Text:
    """Return why a request failed, or why its body stopped coming."""
    import requests  # noqa: PLC0415 - loaded already by whoever has such an error

    for kind, text in (
        (requests.exceptions.ProxyError, _PROXY),
        (requests.exceptions.SSLError, _CERTIFICATE),
        (requests.exceptions.ConnectTimeout, _SILENT),
        (requests.exceptions.Timeout, _STALLED),
        (requests.exceptions.ChunkedEncodingError, CUT),
        (requests.exceptions.ContentDecodingError, _GARBLED),
        (ValueError, _ADDRESS),  # requests' errors about addresses are all of them values
    ):
        if isinstance(error, kind):
            return text
    return _STALLED if "timed out" in str(error).lower() else _SILENT


CUT = gettext("the connection was cut")

_SILENT = gettext("the server does not answer or the network is closed")
_STALLED = gettext("the server stopped sending data")
_GARBLED = gettext("the compressed data do not decompress")
_PROXY = gettext("the proxy does not answer or refuses (check HTTP_PROXY, HTTPS_PROXY and NO_PROXY)")
_CERTIFICATE = gettext(
    "the server's certificate is not accepted (if the network has its own, name it with REQUESTS_CA_BUNDLE)"
)
_ADDRESS = gettext("the address is not valid (check the variables PSTTM_..._URL)")
