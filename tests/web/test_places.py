"""Which world a request reaches, and what is called there."""

import pytest

from tests.schema.toy import SECRET
from tests.web.harness import Browser

WHO = "/graphql?query=%7Bwho%7D"


async def where(browser: Browser, path: str, fields: list[tuple[str, str]] = []):  # noqa: B006  # read only
    return await browser.call("GET", path + WHO, fields)


async def test_path_without_a_world_is_main():
    assert (await where(Browser("a"), "")).json == {"data": {"who": "en:main"}}


async def test_path_names_the_world():
    assert (await where(Browser("a"), "/w/a")).json == {"data": {"who": "en:a"}}


async def test_header_names_the_world_where_the_path_names_none():
    reply = await where(Browser("a"), "", [("x-peserta-world", "a")])

    assert reply.json == {"data": {"who": "en:a"}}


async def test_header_that_says_the_same_as_the_path_is_fine():
    assert (await where(Browser("a"), "/w/a", [("x-peserta-world", "a")])).status == 200


@pytest.mark.parametrize("named", ["b", "main", "A", "a, a"])
async def test_header_that_differs_from_the_path_is_refused(named: str):
    browser = Browser("a", "b")

    reply = await where(browser, "/w/a", [("x-peserta-world", named)])

    assert (reply.status, reply.json["code"]) == (400, "BAD_USER_INPUT")
    assert "X-Peserta-World" in reply.json["message"]
    assert browser.worlds.in_use == {}


@pytest.mark.parametrize("path", ["/w/nope", "/w/a/w/a"])
async def test_unknown_world_is_not_found(path: str):
    reply = await where(Browser("a"), path)

    assert (reply.status, reply.json["code"]) == (404, "NOT_FOUND")
    assert reply.json["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.parametrize("named", ["../x", "a/b", "A", "x" * 40, "é"])
async def test_header_that_is_no_world_id_is_not_found(named: str):
    assert (await where(Browser("a"), "", [("x-peserta-world", named)])).status == 404


async def test_world_is_kept_open_during_a_request_and_given_back_after():
    seen = {}
    browser = Browser("a", mounts={"/": lambda *call: look(*call)})

    async def look(scope, receive, send) -> None:
        seen.update(browser.worlds.in_use)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    assert (await browser.call("GET", "/w/a/x")).status == 204
    assert seen == {"a": 1}
    assert browser.worlds.in_use == {"a": 0}


def reporter(name: str, calls: list[tuple[str, str, str, str]]):
    async def app(scope, receive, send) -> None:
        calls.append((name, scope["root_path"], scope["path"], scope["state"]["world"].id))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    return app


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("/", ("portal", "", "/", "main")),
        ("/daftar", ("portal", "", "/daftar", "main")),
        ("/idp", ("idp", "/idp", "/idp", "main")),
        ("/idp/token", ("idp", "/idp", "/idp/token", "main")),
        ("/idpx", ("portal", "", "/idpx", "main")),
        ("/w/a/", ("portal", "/w/a", "/w/a/", "a")),
        ("/w/a/idp/token", ("idp", "/w/a/idp", "/w/a/idp/token", "a")),
        ("/w/a/inbox", ("inbox", "/w/a/inbox", "/w/a/inbox", "a")),
        ("/graphqlx", ("portal", "", "/graphqlx", "main")),
        ("//control/graphql", ("portal", "", "//control/graphql", "main")),
    ],
)
async def test_longest_mount_that_fits_is_called_with_its_place(path: str, called: tuple[str, str, str, str]):
    calls: list[tuple[str, str, str, str]] = []
    mounts = {
        prefix: reporter(name, calls) for prefix, name in {"/": "portal", "/idp": "idp", "/inbox": "inbox"}.items()
    }

    reply = await Browser("a", mounts=mounts).call("GET", path)

    assert reply.status == 200
    assert calls == [called]


async def test_mount_gets_a_context_to_run_operations_with():
    seen = []

    async def app(scope, receive, send) -> None:
        context = scope["state"]["context"]
        signed_in = context.with_authorization("Bearer good")
        seen.append((context.world.id, context.locale, await context.viewer(), (await signed_in.viewer()).subject))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    await Browser("a", mounts={"/": app}).call("GET", "/w/a/")

    assert seen == [("a", "en", None, "s1")]


async def test_world_without_its_slash_is_sent_to_its_start_page():
    reply = await Browser("a").call("GET", "/w/a")

    assert (reply.status, reply.header("location")) == (307, "/w/a/")


async def test_path_that_nobody_serves_is_not_found():
    assert (await Browser().call("GET", "/nothing")).status == 404


async def test_health_needs_no_world():
    browser = Browser()

    reply = await browser.call("GET", "/healthz")

    assert (reply.status, reply.json) == (200, {"status": "ok"})
    assert browser.worlds.in_use == {}


async def test_every_answer_carries_the_security_headers():
    for path in (WHO, "/nothing", "/w/nope/x"):
        reply = await Browser().call("GET", path)
        assert reply.header("x-content-type-options") == "nosniff"
        assert reply.header("referrer-policy") == "same-origin"
        assert "frame-ancestors 'none'" in reply.header("content-security-policy")


async def test_page_keeps_the_policies_it_set_itself():
    async def app(scope, receive, send) -> None:
        own = [(b"Content-Security-Policy", b"default-src 'self'"), (b"referrer-policy", b"origin")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body"})

    reply = await Browser(mounts={"/": app}).call("GET", "/")

    assert reply.header("referrer-policy") == "origin"
    assert reply.header("content-security-policy") is None
    assert reply.header("Content-Security-Policy") == "default-src 'self'"


async def test_mistake_in_a_mount_is_told_without_its_text(caplog: pytest.LogCaptureFixture):
    async def app(scope, receive, send) -> None:
        raise ValueError(f"row {SECRET} is broken")

    reply = await Browser(mounts={"/": app}).call("GET", "/")

    assert (reply.status, reply.json["code"]) == (500, "INTERNAL")
    assert b"broken" not in reply.body
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text
