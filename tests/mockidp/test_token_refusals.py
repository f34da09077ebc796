"""Wrong requests to the JSON endpoints: each has the exact error its RFC prescribes, and nothing is issued."""

import base64
import json
from dataclasses import dataclass, field

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from mockidp.models import CodeRow, RefreshTokenRow, SessionRow
from tests.mockidp.running import CALLBACK, CHALLENGE, VERIFIER, Idp


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
