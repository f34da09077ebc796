"""GraphQL over HTTP: what is taken, what is refused, and how each answer is written."""

import pytest

from gateway.web.media import Media, choose_media
from gateway.web.requests import MAX_BODY_BYTES
from tests.web.harness import Browser

JSON = [("content-type", "application/json")]
RESPONSE = "application/graphql-response+json"


def codes(body) -> list[str]:
    return [error["extensions"]["code"] for error in body["errors"]]


async def test_post_answers_json():
    reply = await Browser().post("{ hello }")

    assert (reply.status, reply.body) == (200, b'{"data":{"hello":"world"}}')
    assert reply.header("content-type") == "application/json; charset=utf-8"
    assert reply.header("cache-control") == "no-store"
    assert reply.header("vary") == "Accept, Accept-Language, Origin"


async def test_response_media_type_is_answered_in_kind():
    reply = await Browser().post("{ hello }", fields=[("accept", RESPONSE)])

    assert (reply.status, reply.header("content-type")) == (200, f"{RESPONSE}; charset=utf-8")


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE, 400)])
@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ticks }", "BAD_USER_INPUT"),
    ],
)
async def test_refused_document_has_its_status_by_media_type(accept: str, status: int, document: str, code: str):
    reply = await Browser().post(document, fields=[("accept", accept)])

    assert (reply.status, codes(reply.json)) == (status, [code])
    assert "data" not in reply.json


async def test_answer_with_field_errors_is_200_in_both_media_types():
    for accept in ("application/json", RESPONSE):
        reply = await Browser().post("{ broken }", fields=[("accept", accept)])
        assert (reply.status, reply.json["data"]) == (200, {"broken": None})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "BAD_USER_INPUT"),
        (b"{", 400, "BAD_USER_INPUT"),
        (b"\xff\xfe", 400, "BAD_USER_INPUT"),
        (b"[" * 5_000, 400, "BAD_USER_INPUT"),
        (b'{"query":"{hello}"} trailing', 400, "BAD_USER_INPUT"),
        (b'{"query":"{hello}","variables":{"x":NaN}}', 400, "BAD_USER_INPUT"),
        (b'"{hello}"', 400, "BAD_USER_INPUT"),
        (b"null", 400, "BAD_USER_INPUT"),
        (b"{}", 400, "BAD_USER_INPUT"),
        (b'{"query":null}', 400, "BAD_USER_INPUT"),
        (b'{"query":"  "}', 400, "BAD_USER_INPUT"),
        (b'{"query":1}', 400, "BAD_USER_INPUT"),
        (b'{"query":"{hello}","variables":"x"}', 400, "BAD_USER_INPUT"),
        (b'{"query":"{hello}","variables":[]}', 400, "BAD_USER_INPUT"),
        (b'{"query":"{hello}","extensions":1}', 400, "BAD_USER_INPUT"),
        (b'{"query":"{hello}","operationName":{}}', 400, "BAD_USER_INPUT"),
        (b"[]", 400, "BAD_USER_INPUT"),
        (b"[1]", 400, "BAD_USER_INPUT"),
        (b"[" + b",".join([b'{"query":"{hello}"}'] * 11) + b"]", 400, "BAD_USER_INPUT"),
        (b" " * (MAX_BODY_BYTES + 1), 413, "BAD_USER_INPUT"),
    ],
)
async def test_body_that_is_no_request_is_one_clear_error(body: bytes, status: int, code: str):
    reply = await Browser().call("POST", "/graphql", JSON, body)

    assert (reply.status, codes(reply.json)) == (status, [code])
    assert reply.json["message"]


async def test_null_for_what_may_be_absent_is_fine():
    body = b'{"query":"{hello}","variables":null,"operationName":null,"extensions":null}'

    assert (await Browser().call("POST", "/graphql", JSON, body)).status == 200


async def test_body_in_pieces_is_read_whole():
    reply = await Browser().call("POST", "/graphql", JSON, [b'{"query":', b'"{hello}"', b"}"])

    assert reply.json == {"data": {"hello": "world"}}


async def test_oversized_body_is_refused_by_its_length_alone():
    reply = await Browser().call("POST", "/graphql", [*JSON, ("content-length", str(MAX_BODY_BYTES + 1))], b"")

    assert reply.status == 413


async def test_oversized_body_without_a_length_is_refused_as_it_comes():
    reply = await Browser().call("POST", "/graphql", JSON, [b" " * 600_000, b" " * 600_000, b"never read"])

    assert reply.status == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "application/json; charset=utf-16",
        "text/plain; application/json",
    ],
)
async def test_content_type_that_a_form_could_send_runs_nothing(content_type: str):
    browser = Browser()

    reply = await browser.call("POST", "/graphql", [("content-type", content_type)], b'{"query":"mutation{forget}"}')

    assert (reply.status, codes(reply.json)) == (415, ["BAD_USER_INPUT"])
    assert reply.header("set-cookie") is None


async def test_a_multipart_body_needs_a_header_that_no_form_can_send():
    fields = [("content-type", "multipart/form-data; boundary=x")]

    reply = await Browser().call("POST", "/graphql", fields, b"--x--")

    assert (reply.status, codes(reply.json)) == (400, ["BAD_USER_INPUT"])


async def test_json_with_utf8_named_is_taken():
    fields = [("content-type", "Application/JSON; charset=UTF-8")]

    assert (await Browser().call("POST", "/graphql", fields, b'{"query":"{hello}"}')).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_told_which_are_taken(method: str):
    reply = await Browser().call(method, "/graphql")

    assert (reply.status, reply.header("allow")) == (405, "GET, POST")


async def test_get_answers_a_query_with_variables():
    query = (
        "query=query%20q(%24t%3AString!)%7Becho(text%3A%24t)%7D&variables=%7B%22t%22%3A%22%C3%A9%22%7D&operationName=q"
    )

    reply = await Browser().call("GET", f"/graphql?{query}")

    assert reply.json == {"data": {"echo": "é"}}


@pytest.mark.parametrize("accept", ["application/json", RESPONSE])
async def test_get_never_runs_a_mutation(accept: str):
    reply = await Browser().call("GET", "/graphql?query=mutation%7Bforget%7D", [("accept", accept)])

    assert (reply.status, reply.header("allow")) == (405, "POST")
    assert reply.header("set-cookie") is None


async def test_get_for_events_never_runs_a_mutation():
    reply = await Browser().call("GET", "/graphql?query=mutation%7Bforget%7D", [("accept", "text/event-stream")])

    assert b"BAD_USER_INPUT" in reply.body
    assert b'data":{' not in reply.body


@pytest.mark.parametrize(
    "query",
    [
        "",
        "variables=%7B%7D",
        "query=%7Bhello%7D&variables=x",
        "query=%7Bhello%7D&variables=1",
        "query=%7Bhello%7D&extensions=%5B%5D",
    ],
)
async def test_get_that_is_no_request_is_one_clear_error(query: str):
    reply = await Browser().call("GET", f"/graphql?{query}")

    assert (reply.status, codes(reply.json)) == (400, ["BAD_USER_INPUT"])


async def test_over_long_address_is_refused():
    assert (await Browser().call("GET", "/graphql?query=" + "x" * 70_000)).status == 413


@pytest.mark.parametrize(
    "accept", ["text/html", "image/png", "application/json;q=0", "application/json; charset=utf-16"]
)
async def test_media_type_that_we_do_not_speak_is_not_acceptable(accept: str):
    reply = await Browser().post("{ hello }", fields=[("accept", accept)])

    assert (reply.status, codes(reply.json)) == (406, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, Media.JSON),
        (b"", Media.JSON),
        (b"*/*", Media.JSON),
        (b"application/*", Media.JSON),
        (b"application/graphql-response+json,application/json;q=0.9", Media.RESPONSE),
        (b"application/json;q=0.5, application/graphql-response+json;q=0.8", Media.RESPONSE),
        (b"application/json, application/graphql-response+json", Media.JSON),
        (b"application/graphql-response+json; charset=utf-8", Media.RESPONSE),
        (b"text/html, */*;q=0.1", Media.JSON),
        (b"text/event-stream", Media.EVENTS),
        (b"application/json;q=x", None),
        (b"text/html", None),
    ],
)
def test_favourite_media_type_wins(accept: bytes | None, media: Media | None):
    assert choose_media(accept) is media


async def test_batch_runs_in_order_and_shares_one_request():
    browser = Browser()
    body = [{"query": "{ viewer }"}, {"query": "{ nope }"}, {"query": "mutation { forget }"}]

    reply = await browser.post(body, fields=[("authorization", "Bearer good"), ("accept", RESPONSE)])

    assert (reply.status, reply.header("content-type")) == (200, "application/json; charset=utf-8")
    first, second, third = reply.json
    assert (first, third) == ({"data": {"viewer": "s1"}}, {"data": {"forget": True}})
    assert codes(second) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_batch_is_not_streamed():
    reply = await Browser().post([{"query": "{ hello }"}], fields=[("accept", "text/event-stream")])

    assert reply.status == 400


async def test_cookie_is_named_for_its_world_and_sent_to_its_endpoint_only():
    reply = await Browser("a").post('mutation { remember(value: "r1") }', "/w/a/graphql")

    wanted = "peserta_refresh_a=r1; Path=/w/a/graphql; HttpOnly; SameSite=Lax; Max-Age=60"
    assert reply.header("set-cookie") == wanted
    assert reply.json == {"data": {"remember": None}}


async def test_cookie_over_https_is_secure():
    reply = await Browser().call(
        "POST", "/graphql", JSON, b'{"query":"mutation{remember(value:\\"r\\")}"}', scheme="https"
    )

    assert reply.header("set-cookie").endswith("; Secure")


async def test_cookie_of_this_world_is_read_and_of_another_is_not():
    fields = [("cookie", "peserta_refresh_a=mine; peserta_refresh_main=other")]

    reply = await Browser("a").post('mutation { remember(value: "x") }', "/w/a/graphql", fields)

    assert reply.json == {"data": {"remember": "mine"}}


async def test_cookie_is_cleared_by_its_age():
    reply = await Browser().post("mutation { forget }")

    assert reply.header("set-cookie") == "peserta_refresh_main=; Path=/graphql; HttpOnly; SameSite=Lax; Max-Age=0"


@pytest.mark.parametrize("path", ["/graphql", "/w/a/graphql"])
async def test_preflight_from_localhost_is_granted_by_name(path: str):
    fields = [
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,authorization"),
    ]

    reply = await Browser("a").call("OPTIONS", path, fields)

    assert (reply.status, reply.body) == (204, b"")
    assert reply.header("access-control-allow-origin") == "http://localhost:3000"
    assert reply.header("access-control-allow-credentials") == "true"
    assert reply.header("access-control-allow-methods") == "GET, POST"
    assert reply.header("access-control-allow-headers") == "content-type,authorization"
    assert "Origin" in reply.header("vary")


async def test_preflight_from_elsewhere_is_refused():
    fields = [("origin", "http://evil.test"), ("access-control-request-method", "POST")]

    reply = await Browser().call("OPTIONS", "/graphql", fields)

    assert reply.status == 403
    assert reply.header("access-control-allow-origin") is None


async def test_configured_origin_may_read_with_credentials():
    browser = Browser(allowed_origins=["https://app.team.test"])

    reply = await browser.post("{ hello }", fields=[("origin", "https://app.team.test")])
    other = await browser.post("{ hello }", fields=[("origin", "http://app.team.test")])

    assert reply.header("access-control-allow-origin") == "https://app.team.test"
    assert other.status == 403


async def test_page_may_read_why_its_world_is_unknown():
    reply = await Browser().post("{ hello }", "/w/nope/graphql", [("origin", "http://localhost:3000")])

    assert (reply.status, reply.header("access-control-allow-origin")) == (404, "http://localhost:3000")


async def test_pages_and_provider_get_no_cross_origin_grant_from_the_edge():
    reply = await Browser().call("GET", "/nothing", [("origin", "http://localhost:3000")])

    assert reply.header("access-control-allow-origin") is None


async def test_caller_gets_the_language_that_is_preferred():
    for wanted, locale in (("en", "en"), ("id-ID,en;q=0.5", "id"), ("fr", "id")):
        reply = await Browser().post("{ who }", fields=[("accept-language", wanted)])
        assert reply.json == {"data": {"who": f"{locale}:main"}}
