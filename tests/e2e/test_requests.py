"""Broken requests and missing rights over real sockets: one clear top-level error each, and no library's own words."""

import json

import httpx
import pytest

from tests.e2e.journey import JSON, UCOKS_PASSWORD, Journey

pytestmark = pytest.mark.e2e

CHANGE = 'mutation { changePassword(input: {currentPassword: "a", newPassword: "b"}) { accepted } }'
LIBRARIES = ("Traceback", "graphql", "strawberry", "Expected", "Syntax Error", "Cannot query")


def codes(answer: JSON) -> list[str]:
    """The codes of the top-level errors."""
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest.mark.parametrize("document", ["query {", "{ " + "serverTime " * 2_001 + "}"], ids=["syntax", "tokens"])
async def test_a_document_that_is_none_is_refused(budi: Journey, document: str) -> None:
    answer = await budi.ask(document)

    assert codes(answer) == ["GRAPHQL_PARSE_FAILED"]
    assert "data" not in answer


@pytest.mark.parametrize(
    "document",
    [
        "{ nothingOfTheKind }",
        "{ " + " ".join(f"a{number}: serverTime" for number in range(31)) + " }",
        "{ " + "viewer { account { " * 7 + "id" + " } }" * 7 + " }",
        "mutation { " + " ".join(f"a{n}: signOut {{ signedOut }}" for n in range(11)) + " }",
    ],
    ids=["unknown field", "aliases", "depth", "mutations"],
)
async def test_a_document_past_a_limit_or_the_schema_is_refused(budi: Journey, document: str) -> None:
    answer = await budi.ask(document)

    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "data" not in answer


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query($t: String!) { registration(token: $t) { state } }", {"t": 5}),
        ("query($t: String!) { registration(token: $t) { state } }", {}),
        (
            "mutation($i: StartRegistrationInput!) { startRegistration(input: $i) { registrationToken } }",
            {"i": {"kpj": "99260000001"}},
        ),
    ],
)
async def test_a_variable_that_does_not_fit_is_refused(budi: Journey, document: str, variables: JSON) -> None:
    answer = await budi.ask(document, variables)

    assert set(codes(answer)) == {"BAD_USER_INPUT"}
    assert "data" not in answer


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: -1", "first"),
        ("first: 101", "first"),
        ("last: 101", "last"),
        ('after: "x"', "after"),
        ('before: "!"', "before"),
        ("first: 1, last: 1", "last"),
    ],
)
async def test_a_page_that_cannot_be_is_refused_and_named(budi: Journey, arguments: str, field: str) -> None:
    answer = await budi.control_ask(f"{{ world {{ messages({arguments}) {{ totalCount }} }} }}")

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer["errors"][0]["extensions"]["field"] == field
    assert not any(word in answer["errors"][0]["message"] for word in LIBRARIES)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b'{"query": 5}', 400),
        (b'{"query": "{ serverTime }", "variables": []}', 400),
        (json.dumps([{"query": "{ serverTime }"}] * 11).encode(), 400),
        (b'{"query": "{ serverTime }", "x": "' + b"x" * 1_048_576 + b'"}', 413),
    ],
    ids=["not JSON", "empty batch", "text", "query of a wrong type", "variables of a wrong type", "batch", "body"],
)
async def test_a_body_that_is_no_request_is_refused(budi: Journey, body: bytes, status: int) -> None:
    answer = await budi.http.post(budi.graphql, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert codes(answer.json()) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_a_form_of_another_site_cannot_ask(budi: Journey, kind: str) -> None:
    body = b'{"query": "mutation { signOut { signedOut } }"}'

    answer = await budi.http.post(budi.graphql, content=body, headers={"Content-Type": kind})

    assert answer.status_code == 415
    assert codes(answer.json()) == ["BAD_USER_INPUT"]


async def test_a_mutation_never_runs_by_get(budi: Journey) -> None:
    document = 'mutation { createWorld(input: {id: "lewat-get"}) { id } }'
    main = budi.control.replace("/w/" + budi.control.split("/")[-3], "")

    refused = await budi.http.get(main, params={"query": document})
    worlds = await Journey(budi.http, main, main).command("{ worlds { id } }")

    assert refused.status_code == 405
    assert "lewat-get" not in [world["id"] for world in worlds["worlds"]]


async def test_without_a_token_the_viewer_is_null_and_what_needs_one_is_refused(budi: Journey) -> None:
    nobody = await budi.ask("{ viewer { account { kpj } } }")
    refused = await budi.ask(CHANGE)

    assert nobody == {"data": {"viewer": None}}
    assert codes(refused) == ["UNAUTHENTICATED"]
    assert "reason" not in refused["errors"][0]["extensions"]


async def test_a_token_is_refused_with_the_reason(budi: Journey) -> None:
    ucok = budi.of("ucok")
    ended, old = await ucok.access(UCOKS_PASSWORD), await ucok.access(UCOKS_PASSWORD)
    await ucok.sign_out(ended)

    revoked, invalid = await ucok.view(ended), await ucok.view("x")
    await ucok.advance("PT15M1S")
    expired = await ucok.view(old)

    reasons = [answer["errors"][0]["extensions"] for answer in (revoked, invalid, expired)]
    assert reasons == [{"code": "UNAUTHENTICATED", "reason": reason} for reason in ("REVOKED", "INVALID", "EXPIRED")]
    assert [answer["data"] for answer in (revoked, invalid, expired)] == [{"viewer": None}] * 3


@pytest.mark.parametrize(("path", "code"), [("/w/tidak-ada/graphql", "NOT_FOUND"), ("/tidak/ada", None)])
async def test_what_is_not_there_is_not_found(budi: Journey, path: str, code: str | None) -> None:
    address = httpx.URL(budi.graphql).copy_with(path=path)

    answer = await budi.http.post(address, json={"query": "{ serverTime }"})

    assert answer.status_code == 404
    assert code is None or codes(answer.json()) == [code]


async def test_a_header_that_names_another_world_than_the_path_is_refused(budi: Journey) -> None:
    answer = await budi.ask("{ serverTime }", X_Peserta_World="main")

    assert codes(answer) == ["BAD_USER_INPUT"]


async def test_messages_are_in_the_language_that_was_asked_for(budi: Journey) -> None:
    english = await budi.ask(CHANGE, Accept_Language="en-GB,en;q=0.9")
    other = await budi.ask(CHANGE, Accept_Language="de")

    assert english["errors"][0]["message"] != other["errors"][0]["message"]
    assert "sign in" in english["errors"][0]["message"].lower()
    assert "masuk" in other["errors"][0]["message"].lower()
