"""What the server refuses, asked as a browser, a proxy or a stranger would ask."""

import asyncio
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from psttm_geo.app import guard
from psttm_geo.app.guard import Guard

Message = MutableMapping[str, Any]

DESK = 8501

UPLOAD = "/_stcore/upload_file/{session}/{file}"


async def _answer(scope: Message, _: object, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
    kind = "websocket.accept" if scope["type"] == "websocket" else "http.response.start"
    await send({"type": kind, "status": 200, "headers": []})


def ask(layer: Guard, path: str = "/", *, method: str = "GET", kind: str = "http", **headers: str) -> Message:
    """Return the first message of the answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "method": method, "headers": given}
    with ThreadPoolExecutor(1) as apart:  # browsers of other tests may have a loop of their own running here
        apart.submit(asyncio.run, layer(scope, receive, send)).result()
    return sent[0]


def status(*asked: Any, **headers: Any) -> int:  # noqa: ANN401 - as `ask`
    return int(ask(*asked, **headers)["status"])


@pytest.fixture
def desk() -> Guard:
    return Guard(_answer, DESK)


@pytest.fixture
def served() -> Guard:
    return Guard(_answer, None)


@pytest.mark.parametrize("host", ["localhost:8501", "LocalHost:8501", "127.0.0.1:8501"])
def test_a_desk_answers_under_its_own_names(desk: Guard, host: str) -> None:
    assert status(desk, host=host) == 200
    assert status(desk, host=host, origin=f"http://{host}") == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost", "localhost:80", "127.0.0.1:8502", "localhost:8501.evil", ""],
)
def test_a_desk_refuses_every_other_name_and_port(desk: Guard, host: str) -> None:
    assert status(desk, host=host) == 421
    assert status(desk, host=host, origin=f"http://{host}") == 421
    assert ask(desk, "/_stcore/stream", kind="websocket", host=host)["type"] == "websocket.close"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://localhost:8502", "https://localhost"])
@pytest.mark.parametrize("host", ["localhost:8501", "mappe.ente.example"])
def test_nothing_is_answered_in_the_name_of_another_page(origin: str, host: str) -> None:
    layer = Guard(_answer, DESK if "localhost" in host else None)
    assert status(layer, host=host, origin=origin) == 403
    assert ask(layer, "/_stcore/stream", kind="websocket", host=host, origin=origin)["type"] == "websocket.close"


def test_what_is_served_answers_under_the_names_of_its_proxy(served: Guard) -> None:
    assert status(served, host="mappe.ente.example", origin="https://mappe.ente.example") == 200
    stream = ask(served, "/mappe/_stcore/stream", kind="websocket", host="a.example", origin="https://a.example")
    assert stream["type"] == "websocket.accept"


@pytest.mark.parametrize("base", ["", "/mappe/psttm"])
def test_measures_of_the_server_are_nobodys_to_read(desk: Guard, served: Guard, base: str) -> None:
    assert status(desk, f"{base}/_stcore/metrics", host="localhost:8501") == 404
    assert status(served, f"{base}/_stcore/metrics", host="a.example") == 404


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "OPTIONS"])
def test_what_is_served_takes_no_upload(served: Guard, method: str) -> None:
    path = "/mappe" + UPLOAD.format(session="s", file="f")
    assert status(served, path, method=method, host="a.example", content_length="1") == 403


def test_every_answer_says_what_pages_may_do(desk: Guard) -> None:
    for host, expected in (("localhost:8501", 200), ("evil.example", 421)):
        answer = ask(desk, host=host)
        headers = {name.decode(): value.decode() for name, value in answer["headers"]}
        assert answer["status"] == expected
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Give the sessions that are open; a test may close some."""
    open_ones = set("abcdefgh")
    monkeypatch.setattr(guard, "_has_session", open_ones.__contains__)
    return open_ones


def put(layer: Guard, session: str, file: str, size: str = "40000000", method: str = "PUT") -> int:
    path = UPLOAD.format(session=session, file=file)
    return status(layer, path, method=method, host="localhost:8501", content_length=size)


@pytest.mark.usefixtures("sessions")
def test_a_page_on_a_desk_holds_so_much_and_no_more() -> None:
    desk = Guard(_answer, DESK)
    assert [put(desk, "a", file) for file in "123"] == [200, 200, 413]
    assert put(desk, "a", "2") == 200  # in place of itself
    assert put(desk, "b", "1") == 200
    assert put(desk, "a", "2", method="DELETE") == 200
    assert put(desk, "a", "3") == 200
    assert [put(desk, "a", "4", size) for size in ("", "many", "-1")] == [411, 411, 411]


def test_all_pages_hold_so_much_and_what_a_session_held_is_free_at_its_end(sessions: set[str]) -> None:
    desk = Guard(_answer, DESK)
    assert [put(desk, session, file) for session in "abcde" for file in "12"] == [200] * 10
    assert put(desk, "f", "1") == 413
    sessions.remove("a")
    assert [put(desk, "f", file) for file in "12"] == [200, 200]
    assert put(desk, "g", "1") == 413
