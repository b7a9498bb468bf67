"""What the running server refuses, asked past the browser."""

import http.client
from urllib.parse import urlsplit

import pytest

STREAM = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}

OUTSIDE = (
    "../../etc/passwd",
    "component/../../../etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "/etc/passwd",
    "..%5c..%5cx",
)


def ask(address: str, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    """Ask for a path below an address; return the answer without its body."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, parts.path + path, headers=headers)
        return connection.getresponse()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("headers", "page", "stream"),
    [
        ({}, 200, 101),
        ({"Host": "evil.example"}, 421, 403),
        ({"Host": "127.0.0.1:1"}, 421, 403),
        ({"Origin": "http://evil.example"}, 403, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421, 403),
    ],
    ids=["own", "rebound", "another port", "another page", "a rebound page"],
)
def test_a_desk_answers_its_own_pages_only(site: str, headers: dict[str, str], page: int, stream: int) -> None:
    assert ask(site, "", **headers).status == page
    assert ask(site, "_stcore/stream", **STREAM, **headers).status == stream


@pytest.mark.parametrize("path", OUTSIDE)
def test_paths_outside_give_no_file(site: str, path: str) -> None:
    assert ask(site, path).status in {400, 403, 404}


def test_what_is_served_to_many_takes_no_file_and_tells_no_measures(site: str, site_for_many: str) -> None:
    proxied = {"Host": "mappe.ente.example", "Origin": "https://mappe.ente.example"}
    assert ask(site_for_many, "", **proxied).status == 200
    assert ask(site_for_many, "_stcore/stream", **STREAM, **proxied).status == 101
    assert ask(site_for_many, "_stcore/stream", **STREAM, Host="a.example", Origin="http://evil.example").status == 403
    assert ask(site_for_many, "_stcore/upload_file/session/file", "PUT", **proxied).status == 403
    for address in (site, site_for_many):
        assert ask(address, "_stcore/metrics").status == 404
        assert ask(address, "").headers["X-Content-Type-Options"] == "nosniff"
