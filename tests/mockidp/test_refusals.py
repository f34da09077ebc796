"""Wrong requests: each has the exact error its RFC prescribes, and nothing is issued."""

import base64
import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from mockidp.models import CodeRow, RefreshTokenRow, SessionRow
from tests.mockidp.running import CALLBACK, CHALLENGE, VERIFIER, Idp, counted, sent_back

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


@dataclass(frozen=True)
class TokenCase:
    """A changed token request and what it must give."""

    changes: dict[str, str | None]
    error: str
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict)


BASIC = {"Authorization": "Basic " + base64.b64encode(b"dev:").decode()}


@pytest.mark.parametrize(
    "case",
    [
        TokenCase({"grant_type": None}, "invalid_request"),
        TokenCase({"grant_type": "password"}, "unsupported_grant_type"),
        TokenCase({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        TokenCase({"client_id": None}, "invalid_request"),
        TokenCase({"client_id": "nobody"}, "invalid_client", 401),
        TokenCase({"client_id": "gateway"}, "invalid_client", 401),
        TokenCase({"client_id": "portal"}, "invalid_grant"),
        TokenCase({"client_id": "other"}, "invalid_grant"),
        TokenCase({}, "invalid_client", 401, BASIC),
        TokenCase({"code": None}, "invalid_request"),
        TokenCase({"code": "guess"}, "invalid_grant"),
        TokenCase({"code": "x\0"}, "invalid_request"),
        TokenCase({"redirect_uri": None}, "invalid_request"),
        TokenCase({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        TokenCase({"code_verifier": None}, "invalid_request"),
        TokenCase({"code_verifier": VERIFIER + "1"}, "invalid_grant"),
        TokenCase({"code_verifier": CHALLENGE}, "invalid_grant"),
        TokenCase({"code_verifier": "é" * 50}, "invalid_grant"),
        TokenCase({"pad": "x" * 17_000}, "invalid_request", 413),
    ],
)
async def test_wrong_token_request_issues_nothing_and_leaves_the_code_good(
    idp: Idp, other_client: str, case: TokenCase
) -> None:
    code = await idp.code()
    values = {
        "grant_type": "authorization_code",
        "client_id": "dev",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **case.changes,
    }
    sent = {name: value for name, value in values.items() if value is not None}
    answer = await idp.browser.post("/token", data=sent, headers=case.headers)

    assert (answer.status_code, answer.json()["error"]) == (case.status, case.error)
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == bool(case.headers)
    assert await RefreshTokenRow.all().count() == 0
    assert idp.realm.told == []
    assert (await idp.redeem(code)).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
        (b"grant_type=refresh_token&grant_type=refresh_token", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 65), "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
    ],
)
async def test_unreadable_body_is_invalid_request(idp: Idp, content: bytes, kind: str) -> None:
    answer = await idp.browser.post("/token", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_wrong_method_is_named_with_the_right_ones(idp: Idp) -> None:
    answer = await idp.browser.get("/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_code_dies_after_sixty_seconds(idp: Idp) -> None:
    code, late = await idp.code(), await idp.code(prompt="login")
    idp.clock.advance(seconds=59.9)
    assert (await idp.redeem(code)).status_code == 200
    idp.clock.advance(seconds=0.1)
    answer = await idp.redeem(late)
    assert answer.json() == {"error": "invalid_grant", "error_description": "the code has expired"}


async def test_refresh_token_serves_only_its_own_client_and_scope(idp: Idp) -> None:
    tokens = await idp.tokens(scope="openid email")
    wider = await idp.refresh(tokens["refresh_token"], scope="openid email phone")
    foreign = await idp.refresh(tokens["refresh_token"], client_id="portal")
    assert (wider.json()["error"], foreign.json()["error"]) == ("invalid_scope", "invalid_grant")
    assert (await idp.refresh(tokens["refresh_token"])).status_code == 200


async def test_client_without_refresh_grant_is_unauthorized(idp: Idp, other_client: str) -> None:
    answer = await idp.refresh("anything", client_id=other_client)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_revocation_of_foreign_token_is_refused_and_of_unknown_one_is_not(idp: Idp) -> None:
    tokens = await idp.tokens()
    foreign = await idp.post("/revoke", client_id="portal", token=tokens["refresh_token"])
    unknown = await idp.post("/revoke", client_id="dev", token="nothing", token_type_hint="odd")
    nobody = await idp.post("/revoke", client_id="nobody", token=tokens["refresh_token"])
    empty = await idp.post("/revoke", client_id="dev")
    assert (foreign.status_code, foreign.json()["error"]) == (400, "invalid_grant")
    assert unknown.status_code == 200
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert empty.json()["error"] == "invalid_request"
    assert idp.realm.told == []
    assert (await idp.refresh(tokens["refresh_token"])).status_code == 200


async def test_revoked_access_token_ends_its_session(idp: Idp) -> None:
    tokens = await idp.tokens()
    assert (await idp.post("/revoke", client_id="dev", token=tokens["access_token"])).status_code == 200
    assert (await idp.userinfo(tokens["access_token"])).status_code == 401
    assert (await SessionRow.get()).revoked_why == "TOKEN_REVOKED"


def forged(claims: dict[str, object], header: dict[str, object], key: ECKey) -> str:
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", **header}, claims, key, algorithms=["ES256"])


async def test_token_confusions_are_invalid_token(idp: Idp) -> None:
    tokens = await idp.tokens()
    claims = json.loads(base64.urlsafe_b64decode(tokens["access_token"].split(".")[1] + "=="))
    head, body, signature = tokens["access_token"].split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    deep = base64.urlsafe_b64encode(b"[" * 2800).decode()
    stranger = ECKey.generate_key("P-256")
    wrong = [
        tokens["id_token"],  # RFC 8725 section 3.11: another type
        f"{none}.{body}.",  # RFC 8725 section 3.1
        f"{head}.{body}.{signature[:-4]}AAAA",
        forged(claims, {}, stranger),
        forged(claims, {"jwk": stranger.as_dict(private=False)}, stranger),  # CVE-2018-0114
        f"{deep}.{body}.{signature}",
        "a.b.c",
        "a.b",
        ".",
        "x" * 5000,
    ]
    for token in wrong:
        answer = await idp.userinfo(token)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert (await idp.post("/revoke", client_id="dev", token=token)).status_code == 200
    assert (await idp.userinfo(tokens["access_token"])).status_code == 200


async def test_userinfo_without_token_is_challenged_plainly(idp: Idp) -> None:
    answer = await idp.browser.get("/userinfo", params={"access_token": "x"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_bad_requests_never_end_the_process(idp: Idp) -> None:
    noise = [b"%", b"%00", b"=&=&=", b"a" * 3000, b"%c3%28", b"client_id[]=1", b"{" * 500]
    for content in noise:
        for path in ("/authorize", "/sign-in", "/token", "/userinfo", "/revoke", "/logout", "/sign-out"):
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            posted = await idp.browser.post(path, content=content, headers=kind)
            got = await idp.browser.get(f"{path}?{content.decode('latin-1')}")
            assert posted.status_code < 500 > got.status_code
    assert await CodeRow.all().count() == 0
    await idp.tokens()
