"""A web page elsewhere must not reach us: names, origins, the control side and its token."""

from base64 import b64encode

import pytest

from gateway.settings import Settings
from gateway.web.guard import Origin, Policy, parse_host, parse_origin
from tests.web.harness import Browser

HELLO = "/graphql?query=%7Bhello%7D"
CONTROL = "/control/graphql?query=%7Bhello%7D"
TOKEN = "s3cret-token"


async def never(scope, receive, send) -> None:
    raise AssertionError("the request came through")


async def page(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"page"})


@pytest.mark.parametrize("host", ["localhost", "localhost:8400", "127.0.0.1:1", "[::1]:8400", "LOCALHOST:8400"])
async def test_own_names_are_served(host: str):
    reply = await Browser().call("GET", HELLO, [("host", host)])

    assert reply.status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test:8400",
        "evil.test:8400",
        "localhost@evil.test",
        "localhost evil.test",
        "localhost, evil.test",
        "localhost:port",
        "192.168.1.5",
        "[::2]",
        "",
    ],
)
@pytest.mark.parametrize("path", [HELLO, CONTROL, "/idp/x", "/", "/healthz"])
async def test_rebound_host_is_misdirected_on_every_path(host: str, path: str):
    browser = Browser(mounts={"/idp": never, "/": never})

    reply = await browser.call("GET", path, [("host", host)])

    assert reply.status == 421
    assert reply.json["code"] == "FORBIDDEN"
    assert "PESERTA_ALLOWED_HOSTS" in reply.json["message"]
    assert browser.worlds.in_use == {}


async def test_configured_host_is_served():
    browser = Browser(allowed_hosts=["sandbox.test"], public_url="https://peserta.team.test/")

    assert (await browser.call("GET", HELLO, [("host", "sandbox.test:9")])).status == 200
    assert (await browser.call("GET", HELLO, [("host", "peserta.team.test")])).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.test",
        "http://localhost.evil.test",
        "http://127.0.0.1.evil.test",
        "http://localhost@evil.test",
        "http://evil.test#localhost",
        "http://localhost:8400.evil.test",
        "https://localhost:3000/path",
        "http://localhost, http://evil.test",
        "file://localhost",
        "localhost",
        "http://[::1].evil.test",
        "chrome-extension://abc",
        "http://",
    ],
)
@pytest.mark.parametrize("path", [HELLO, CONTROL, "/idp/x", "/"])
async def test_foreign_origin_is_refused_on_every_path(origin: str, path: str):
    browser = Browser(mounts={"/idp": never, "/": never})

    reply = await browser.call("GET", path, [("origin", origin)])

    assert (reply.status, reply.json["code"]) == (403, "FORBIDDEN")
    assert reply.header("access-control-allow-origin") is None
    assert browser.worlds.in_use == {}


async def test_foreign_origin_posting_a_mutation_changes_nothing():
    reply = await Browser().post("mutation { forget }", fields=[("origin", "http://evil.test")])

    assert reply.status == 403
    assert reply.header("set-cookie") is None


async def test_refusal_is_told_in_the_callers_language():
    english = await Browser().call("GET", HELLO, [("origin", "null"), ("accept-language", "en-GB")])
    indonesian = await Browser().call("GET", HELLO, [("origin", "null"), ("accept-language", "id")])

    assert english.json["message"] != indonesian.json["message"]


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1:5173", "http://[::1]:80"])
async def test_front_end_on_localhost_may_call_the_member_side(origin: str):
    reply = await Browser().call("GET", HELLO, [("origin", origin)])

    assert reply.status == 200


@pytest.mark.parametrize("path", [CONTROL, "/inbox", "/inbox/x", "/sms", "/desk", "/w/a/control/graphql", "/w/a/inbox"])
async def test_front_end_on_localhost_may_not_call_the_control_side(path: str):
    browser = Browser("a", mounts={"/": never})

    reply = await browser.call("GET", path, [("origin", "http://localhost:3000")])

    assert reply.status == 403


@pytest.mark.parametrize("fields", [[], [("origin", "http://localhost:8400")], [("sec-fetch-site", "same-origin")]])
async def test_control_takes_its_own_pages_and_programs(fields: list[tuple[str, str]]):
    reply = await Browser().call("GET", CONTROL, fields)

    assert reply.status == 200


async def test_control_takes_its_own_page_behind_a_tls_proxy():
    browser = Browser(allowed_hosts=["peserta.test"])

    reply = await browser.call("GET", CONTROL, [("host", "peserta.test"), ("origin", "https://peserta.test")])

    assert reply.status == 200


async def test_control_takes_a_named_origin_and_lets_it_read():
    browser = Browser(control_origins=["http://tester.test:3000/"])

    reply = await browser.call("GET", CONTROL, [("origin", "http://tester.test:3000")])
    other = await browser.call("GET", CONTROL, [("origin", "http://tester.test:3001")])
    member = await browser.call("GET", HELLO, [("origin", "http://tester.test:3000")])

    assert (reply.status, reply.header("access-control-allow-origin")) == (200, "http://tester.test:3000")
    assert (other.status, member.status) == (403, 403)


async def test_cross_site_request_without_an_origin_does_not_reach_control():
    reply = await Browser().call("GET", CONTROL, [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")])

    assert reply.status == 403


@pytest.mark.parametrize(
    ("path", "dest", "status"), [("/inbox", "document", 200), ("/inbox", "iframe", 403), ("/sms", "document", 403)]
)
async def test_cross_site_link_opens_the_inbox_page_only(path: str, dest: str, status: int):
    browser = Browser(mounts={"/": page})
    fields = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", dest)]

    assert (await browser.call("GET", path, fields)).status == status
    assert (await browser.call("POST", path, fields)).status == 403


@pytest.mark.parametrize("path", ["/graphql", "/control/graphql"])
@pytest.mark.parametrize(
    "fields",
    [
        [("origin", "http://evil.test")],
        [("origin", "null")],
        [("host", "evil.test")],
        [("origin", "http://localhost.evil.test")],
    ],
)
async def test_cross_site_websocket_is_refused_before_it_opens(path: str, fields: list[tuple[str, str]]):
    browser = Browser()

    async with browser.socket(path, fields) as socket:
        assert await socket.closed() == 1008

    assert browser.worlds.in_use == {}


async def test_websocket_refusal_carries_its_status_where_the_server_can():
    extensions = {"websocket.http.response": {}}

    async with Browser().socket(fields=[("origin", "http://evil.test")], extensions=extensions) as socket:
        start, body = await socket.next(), await socket.next()

    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert b"FORBIDDEN" in body["body"]


@pytest.mark.parametrize(
    "fields",
    [
        [("authorization", f"Bearer {TOKEN}")],
        [("authorization", f"bearer {TOKEN}")],
        [("authorization", f"Basic {b64encode(f'world-a:{TOKEN}'.encode()).decode()}")],
        [("x-peserta-control-token", TOKEN)],
        [("cookie", f"a=b; peserta_control={TOKEN}")],
    ],
)
async def test_control_token_opens_the_control_side(fields: list[tuple[str, str]]):
    reply = await Browser(control_token=TOKEN).call("GET", CONTROL, fields)

    assert reply.status == 200


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [("authorization", "Bearer wrong")],
        [("authorization", f"Basic {TOKEN}")],
        [("authorization", f"Basic {b64encode(f'{TOKEN}:guess'.encode()).decode()}")],
        [("x-peserta-control-token", TOKEN + "x")],
        [("x-peserta-control-token", TOKEN[:-1])],
        [("cookie", "peserta_control=")],
    ],
)
@pytest.mark.parametrize("path", [CONTROL, "/inbox", "/sms", "/desk", "/w/a/inbox"])
async def test_without_the_control_token_the_control_side_is_shut(fields: list[tuple[str, str]], path: str):
    browser = Browser("a", mounts={"/": never}, control_token=TOKEN)

    reply = await browser.call("POST", path, fields)

    assert (reply.status, reply.json["code"]) == (401, "UNAUTHENTICATED")
    assert reply.header("www-authenticate").endswith(', Bearer realm="peserta-control"')
    assert TOKEN not in str(reply)
    assert browser.worlds.in_use == {}


async def test_control_token_is_not_asked_of_members():
    assert (await Browser(control_token=TOKEN).call("GET", HELLO)).status == 200


async def test_link_with_the_control_token_signs_a_person_in_and_leaves_no_trace_in_the_address():
    browser = Browser("a", mounts={"/": page}, control_token=TOKEN)

    reply = await browser.call("GET", f"/w/a/inbox?to=x&control_token={TOKEN}")

    assert (reply.status, reply.header("location")) == (303, "/w/a/inbox?to=x")
    cookie = reply.header("set-cookie")
    assert cookie == f"peserta_control={TOKEN}; Path=/; HttpOnly; SameSite=Lax"


async def test_link_with_a_wrong_control_token_sets_nothing():
    reply = await Browser(control_token=TOKEN).call("GET", "/inbox?control_token=guess")

    assert reply.status == 401
    assert reply.header("set-cookie") is None


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("http://localhost", Origin("http", "localhost", "80")),
        ("HTTPS://LocalHost:3000", Origin("https", "localhost", "3000")),
        ("http://[::1]:1", Origin("http", "::1", "1")),
        ("null", None),
        ("http://a/b", None),
        ("http://a:b", None),
        ("", None),
    ],
)
def test_origin_is_parsed_not_compared_as_text(value: str, parsed: Origin | None):
    assert parse_origin(value) == parsed


def test_host_is_parsed_with_its_port():
    assert parse_host("[::1]:8400") == ("::1", "8400")
    assert parse_host("localhost") == ("localhost", None)
    assert parse_host("a b") is None


@pytest.mark.parametrize("setting", ["allowed_origins", "control_origins"])
def test_origin_setting_that_is_none_is_refused_at_start(setting: str):
    settings = Settings(_env_file=None, **{setting: ["*"]})

    with pytest.raises(ValueError, match="PESERTA_"):
        Policy.of(settings)


def test_address_that_means_everywhere_is_no_name():
    assert "0.0.0.0" not in Policy.of(Settings(_env_file=None, host="0.0.0.0")).hosts  # not bound here
