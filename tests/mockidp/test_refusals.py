"""Wrong authorization requests: each has the exact error its RFC prescribes, and nothing is issued."""

import re
from urllib.parse import urlencode

import httpx
import pytest

from tests.mockidp.running import CALLBACK, CHALLENGE, Idp, counted, sent_back

NOTHING = {"sessions": 0, "codes": 0, "refresh": 0}
LONG = "x" * 9000


def told(page: httpx.Response, name: str) -> str:
    found = re.search(rf'data-testid="refused-{name}">([^<]*)<', page.text)
    assert found
    return found[1]


# Each address names the trick; none may ever be redirected to. Source: RFC 6749 3.1.2.4, RFC 9700 4.1.
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/cb",
        "http://localhost.evil.example/cb",
        "http://localhost@evil.example/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://evil.example#@localhost/cb",
        "http://localhost/cb#fragment",
        "http://localhost\\@evil.example/cb",
        "http://localhost:99999/cb",
        "http://localhost:80:90/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://0.0.0.0/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "//localhost/cb",
        "/cb",
        "javascript:alert(1)//http://localhost/",
        "HTTP://LOCALHOST/cb",
        " http://localhost/cb",
        "http://localhost/cb\r\nSet-Cookie: a=b",
        "http://localhost/" + "a" * 2000,
        None,
    ],
)
async def test_unregistered_redirect_uri_is_a_page_and_never_a_redirect(idp: Idp, uri: str | None) -> None:
    page = await idp.authorize(redirect_uri=uri)

    assert page.status_code == 400
    assert "location" not in page.headers
    assert (told(page, "check"), told(page, "error")) == ("redirect_uri_registered", "invalid_request")
    assert await counted() == NOTHING


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost/cb",
        "http://127.0.0.1:49152/a/b?c=d",
        "http://[::1]:3000/",
        "https://localhost:5173/callback",
    ],
)
async def test_loopback_address_on_any_port_is_taken_for_dev(idp: Idp, uri: str) -> None:
    back = await idp.submit(await idp.authorize(redirect_uri=uri), persona="sari")
    joint = "&" if "?" in uri else "?"
    assert back.headers["location"].startswith(f"{uri}{joint}code=")


async def test_registered_address_matches_exactly_or_not_at_all(idp: Idp, other_client: str) -> None:
    exact = await idp.authorize(client_id=other_client, redirect_uri="https://app.example/cb")
    assert exact.status_code == 200
    for near in ("https://app.example/cb/", "https://app.example/cb?x=1", "https://APP.example/cb", CALLBACK):
        page = await idp.authorize(client_id=other_client, redirect_uri=near)
        assert told(page, "check") == "redirect_uri_registered"


@pytest.mark.parametrize(
    ("query", "check", "error"),
    [
        ({"client_id": "nobody"}, "client_known", "invalid_client"),
        ({"client_id": None}, "client_known", "invalid_client"),
        ({"client_id": "gateway"}, "redirect_uri_registered", "invalid_request"),
        ({"state": LONG}, "parameters_readable", "invalid_request"),
        ({"state": "a\0b"}, "parameters_readable", "invalid_request"),
    ],
)
async def test_request_without_a_safe_target_is_explained_on_a_page(
    idp: Idp, query: dict[str, str | None], check: str, error: str
) -> None:
    page = await idp.authorize(**query)
    assert (page.status_code, told(page, "check"), told(page, "error")) == (400, check, error)
    assert told(page, "mend")
    assert await counted() == NOTHING


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
async def test_doubled_target_is_a_page(idp: Idp, name: str) -> None:
    query = [*idp.request().items(), (name, "https://evil.example/")]
    page = await idp.browser.get("/authorize", params=query)
    assert (page.status_code, told(page, "check")) == (400, "target_sent_once")


async def test_bytes_that_are_not_utf8_are_a_page(idp: Idp) -> None:
    page = await idp.browser.get(f"/authorize?{urlencode(idp.request())}&x=%ff%fe")
    assert (page.status_code, told(page, "check")) == (400, "parameters_readable")


async def test_page_shows_what_was_sent_as_text_and_hides_what_opens_something(idp: Idp) -> None:
    page = await idp.authorize(client_id="<script>alert(1)</script>", id_token_hint="secret-hint")
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "secret-hint" not in page.text


# Source of each: the check of the same rule in mockidp/authorize_checks.py names it.
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"prompt": "consent"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://a.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "n" * 513}, "invalid_request"),
    ],
)
async def test_wrong_authorization_request_goes_back_with_its_error(
    idp: Idp, changes: dict[str, str | None], error: str
) -> None:
    answer = await idp.authorize(**changes)
    back = sent_back(answer)
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    assert set(back) == {"error", "error_description", "state", "iss"}
    assert (back["error"], back["state"]) == (error, "st-1")
    assert await counted() == NOTHING


@pytest.mark.parametrize("name", ["state", "nonce", "scope", "code_challenge", "x"])
async def test_doubled_parameter_goes_back_as_invalid_request(idp: Idp, name: str) -> None:
    answer = await idp.browser.get("/authorize", params=[*idp.request(x="1").items(), (name, "again")])
    assert sent_back(answer)["error"] == "invalid_request"
