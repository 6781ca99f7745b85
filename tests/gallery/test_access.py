"""Nobody but the person's own page gets anything, whatever of its request is missing or somebody else's."""

from __future__ import annotations

import socket
from pathlib import Path

import anyio
import httpx
import pytest

from wavespeed_mcp_server.gallery.access import SECRET_HEADER, Access, redirect_page
from wavespeed_mcp_server.gallery.serving import running
from wavespeed_mcp_server.settings import Settings

from .conftest import Make, until
from .visiting import Visitor

DATA = "/data/runs?after=0"
EVERYTHING = ("/", "/site/main.js", "/site/enter.js", DATA, "/data/run/x", "/media/x/0", "/media/x/0/small")


async def test_the_link_is_good_once(http: httpx.AsyncClient, access: Access) -> None:
    link = access.link
    first = await http.get(link)
    assert first.status_code == 200
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    http.cookies.clear()
    again = await http.get(link)
    assert again.status_code == 403
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("path", EVERYTHING)
async def test_without_the_cookie_there_is_nothing(visitor: Visitor, path: str) -> None:
    visitor.http.cookies.clear()
    assert (await visitor.get(path)).status_code == 401


async def test_the_cookie_alone_reaches_neither_data_nor_changes(visitor: Visitor, make: Make) -> None:
    made = await make("sandbox/paint", prompt="a cat")
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("outputs"))
    for path in (DATA, f"/data/run/{made['id']}", f"/media/{made['id']}/0", f"/media/{made['id']}/0/small"):
        assert (await visitor.http.get(path)).status_code == 403, path
        assert (await visitor.get(path)).status_code == 200, path
    assert (await visitor.http.post("/do/save", json={"keys": [made["id"]]})).status_code == 403
    assert (await visitor.do("save", keys=[made["id"]])).status_code == 202


async def test_no_answer_tells_whoever_holds_the_cookie_the_secret(visitor: Visitor) -> None:
    for path in (*EVERYTHING, "/site/server.js", "/site/enter.js", "/open/x", "/nothing"):
        assert visitor.secret not in (await visitor.http.get(path)).text, path
        assert visitor.secret not in (await visitor.get(path)).text, path


async def test_a_wrong_secret_is_none(visitor: Visitor) -> None:
    for secret in ("", "x", visitor.secret[:-1], visitor.secret + "x", "ä"):
        headers = {SECRET_HEADER.encode(): secret.encode()}
        assert (await visitor.http.get(DATA, headers=headers)).status_code == 403


HOSTS = ("localhost", "127.0.0.1.nip.io", "evil.example", "127.0.0.2", "[::1]", "0.0.0.0", "127.1")


@pytest.mark.parametrize("host", HOSTS)
async def test_under_another_name_it_does_not_answer(visitor: Visitor, access: Access, host: str) -> None:
    port = access.origin.rpartition(":")[2]
    for given in (host, f"{host}:{port}", f"127.0.0.1:{int(port) % 65535 + 1}", "127.0.0.1"):
        for path in (*EVERYTHING, "/open/x"):
            assert (await visitor.get(path, host=given)).status_code == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:{port}", "https://{own}", ""],
)
async def test_a_request_of_another_origin_is_refused(visitor: Visitor, access: Access, origin: str) -> None:
    own = access.origin.removeprefix("http://")
    given = origin.format(port=own.rpartition(":")[2], own=own)
    assert (await visitor.get(DATA, origin=given)).status_code == 403
    refused = await visitor.http.post(
        "/do/save", json={"expiring": True}, headers={SECRET_HEADER: visitor.secret, "origin": given}
    )
    assert refused.status_code == 403
    assert (await visitor.get(DATA, origin=access.origin)).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_what_the_browser_says_comes_from_elsewhere_is_refused(visitor: Visitor, site: str) -> None:
    """A page on another port of this machine is same-site: the cookie reaches us, and must not be enough."""
    for path in (DATA, "/site/main.js", "/media/x/0"):
        answer = await visitor.get(path, **{"sec-fetch-site": site, "sec-fetch-mode": "no-cors"})
        assert answer.status_code == 403
    typed = await visitor.http.get("/", headers={"sec-fetch-site": site, "sec-fetch-mode": "navigate"})
    assert typed.status_code == (200 if site == "none" else 403)


async def test_the_browsers_player_needs_a_signature_and_its_own_word(
    visitor: Visitor, access: Access, make: Make
) -> None:
    made = await make("sandbox/film-2.1/text-to-video", prompt="waves")
    path = f"/media/{made['id']}/0"
    own = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "video"}
    signed = f"{path}?signature={access.signature(path)}"
    assert (await visitor.http.get(signed, headers=own)).status_code == 200
    part = await visitor.http.get(signed, headers={**own, "range": "bytes=2-5"})
    assert (part.status_code, len(part.content)) == (206, 4)
    assert (await visitor.http.get(signed)).status_code == 403
    assert (await visitor.http.get(signed, headers={**own, "sec-fetch-site": "same-site"})).status_code == 403
    assert (await visitor.http.get(signed, headers={**own, "sec-fetch-dest": "document"})).status_code == 403
    assert (await visitor.http.get(f"{path}?signature=00", headers=own)).status_code == 403
    other = f"{path[:-1]}1?signature={access.signature(path)}"
    assert (await visitor.http.get(other, headers=own)).status_code == 403
    data = f"{DATA}&signature={access.signature('/data/runs')}"
    assert (await visitor.http.get(data, headers=own)).status_code == 403


async def test_nothing_is_changed_by_a_get_or_a_form(visitor: Visitor, make: Make) -> None:
    made = await make("sandbox/paint", prompt="a cat")
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
        answer = await visitor.http.request(method, "/do/save", headers={SECRET_HEADER: visitor.secret})
        assert answer.status_code == 405
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {SECRET_HEADER: visitor.secret, "content-type": kind}
        body = b'{"keys": ["' + made["id"].encode() + b'"]}'
        assert (await visitor.http.post("/do/save", content=body, headers=headers)).status_code == 415


@pytest.mark.parametrize(
    "path", [*EVERYTHING, "/open/x", "/nothing", "/site/index.html", "/site/..%2Fapp.py"]
)
async def test_every_answer_is_for_this_page_alone(visitor: Visitor, path: str) -> None:
    answer = await visitor.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
    assert not path.startswith("/site/..") or answer.status_code == 404


async def test_it_listens_on_loopback_alone(access: Access) -> None:
    port = int(access.origin.rpartition(":")[2])
    others = {str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        with pytest.raises(OSError), anyio.fail_after(2):
            await (await anyio.connect_tcp(address, port)).aclose()


async def test_no_answer_holds_the_key_or_a_path(
    visitor: Visitor, make: Make, settings: Settings, tmp_path: Path
) -> None:
    from wavespeed_mcp_server.sandbox.media.png import card

    (tmp_path / "in" / "photo.png").write_bytes(card(64, 64, bytes(32)))
    await make("sandbox/paint", prompt="a cat", save=True)
    edited = await make("sandbox/edit", prompt="a hat", images=[f"@{tmp_path}/in/photo.png"])
    await until(
        visitor, lambda: len(visitor.runs) == 2 and any(run.get("saved") for run in visitor.runs.values())
    )
    answers = [(await visitor.get(DATA)).text, (await visitor.http.get("/")).text]
    answers += [(await visitor.get(f"/data/run/{key}")).text for key in visitor.runs]
    answers += [(await visitor.do("folder", keys=[key])).text for key in visitor.runs]
    answers += [(await visitor.get("/data/run/nothing")).text, (await visitor.do("delete", keys=["x"])).text]
    for text in answers:
        assert settings.api_key not in text
        assert str(tmp_path) not in text
    assert "photo.png" in (await visitor.get(f"/data/run/{edited['id']}")).text or edited["outputs"]


async def test_a_port_that_is_taken_is_an_error(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match=r".+"):
            async with running(settings, taken.getsockname()[1]):
                pass


def test_the_redirect_page_holds_the_link_and_sends_no_referrer() -> None:
    page = redirect_page('http://127.0.0.1:1/open/a"b')
    assert "http://127.0.0.1:1/open/a&quot;b" in page
    assert "no-referrer" in page
