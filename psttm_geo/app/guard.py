"""What the server takes from whom: its own pages only, no upload that nobody asked for, and headers that say so."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit import runtime

_LOCAL_NAMES = ("127.0.0.1", "localhost")
"""How a person on this computer writes its address."""

_METRICS, _UPLOADS = "/_stcore/metrics", "/_stcore/upload_file/"

_SESSION_BYTES, _TOTAL_BYTES = 100_000_000, 400_000_000
"""Of uploaded files that the server holds at once, of a page and of all of them: a register is 50 MB at most."""

_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob: 'unsafe-inline' 'unsafe-eval'",  # components are blobs, charts are compiled
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob: https://tile.openstreetmap.org",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
    "base-uri": "'self'",
    "object-src": "'none'",
}
"""What pages may load: nothing from elsewhere but the tiles that a visitor asks for."""

_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in _POLICY.items()),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Guard:
    """A layer before Streamlit's own (ASGI middleware).

    A page of the web cannot use this computer's server through the visitor's browser: what is asked in the name of
    another page is refused, and on a desk also what is asked under another name than this computer's, to which a page
    could rebind its own name.

    Parameters
    ----------
    app
        What answers.
    port
        On which a desk's server listens; None where it is served to many, behind a proxy under names of its own.
    """

    def __init__(self, app: ASGIApp, port: int | None) -> None:
        self._app = app
        self._hosts = None if port is None else frozenset(f"{name}:{port}" for name in _LOCAL_NAMES)
        self._held = _Held(_has_session)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        status = self._refusal(scope)
        if status is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await PlainTextResponse(status.phrase, status, dict(_HEADERS))(scope, receive, send)

    def _refusal(self, scope: Scope) -> HTTPStatus | None:
        """Return why a request is refused; None where it is not."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if self._hosts is not None and host not in self._hosts:
            return HTTPStatus.MISDIRECTED_REQUEST
        if origin is not None and urlsplit(origin.lower()).netloc != host:
            return HTTPStatus.FORBIDDEN
        if _METRICS in scope["path"]:
            return HTTPStatus.NOT_FOUND
        if _UPLOADS in scope["path"]:
            return self._refusal_of_upload(scope, headers)
        return None

    def _refusal_of_upload(self, scope: Scope, headers: Headers) -> HTTPStatus | None:
        if self._hosts is None:  # pages served to many have no field for files
            return HTTPStatus.FORBIDDEN
        session, _, file = scope["path"].partition(_UPLOADS)[2].partition("/")
        if scope["method"] == "DELETE":
            self._held.forget(session, file)
        if scope["method"] != "PUT":
            return None
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return HTTPStatus.LENGTH_REQUIRED
        return None if self._held.takes(session, file, int(length)) else HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class _Held:
    """How much the server holds of uploaded files: Streamlit frees those of a page when its session ends."""

    def __init__(self, is_active: Callable[[str], bool]) -> None:
        self._is_active = is_active
        self._sizes: dict[tuple[str, str], int] = {}

    def takes(self, session: str, file: str, size: int) -> bool:
        """Tell whether one more file may come, and count it if so."""
        active = {name for name in dict.fromkeys(name for name, _ in self._sizes) if self._is_active(name)}
        self._sizes = {key: held for key, held in self._sizes.items() if key[0] in active}
        others = {key: held for key, held in self._sizes.items() if key != (session, file)}
        own = sum(held for (name, _), held in others.items() if name == session)
        if own + size > _SESSION_BYTES or sum(others.values()) + size > _TOTAL_BYTES:
            return False
        self._sizes[session, file] = size
        return True

    def forget(self, session: str, file: str) -> None:
        """Count a file no longer."""
        self._sizes.pop((session, file), None)


def _has_session(session: str) -> bool:
    """Tell whether a page of this server is open."""
    return runtime.exists() and runtime.get_instance().is_active_session(session)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return sending
