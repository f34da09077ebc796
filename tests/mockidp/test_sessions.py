"""The gateway's port: sessions by assertion, renewal, lists and sign-out."""

import base64
from datetime import timedelta

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from mockidp.discovery import JWT_BEARER_GRANT
from mockidp.host import JSON
from mockidp.models import SessionRow
from mockidp.sessions import RefreshRejected, SessionInfo, make_assertion
from mockidp.tokens import sign
from tests.mockidp.running import START, Idp, counted

SECOND_START = START.replace(microsecond=0)


async def test_issue_gives_tokens_that_the_published_key_verifies(idp: Idp) -> None:
    tokens = await idp.sessions.issue(idp.realm, "alone-sari", user_agent="Firefox", ip_address="127.0.0.1")

    keys = KeySet.import_key_set((await idp.browser.get("/jwks")).json())
    claims = jwt.decode(tokens.access_token, keys, algorithms=["ES256"]).claims
    assert (claims["sub"], claims["sid"], claims["client_id"]) == (
        "alone-sari",
        tokens.session_id,
        "gateway",
    )
    assert tokens.expires_at == SECOND_START + timedelta(minutes=15)
    assert tokens.refresh_expires_at == SECOND_START + timedelta(days=30)
    assert len(base64.urlsafe_b64decode(tokens.refresh_token + "=")) == 32
    assert await idp.sessions.list(idp.realm, "alone-sari") == [SessionInfo(tokens.session_id, START, START, "Firefox")]
    assert (await SessionRow.get()).how == "ASSERTION"
    assert (await idp.userinfo(tokens.access_token)).json()["name"] == "Sari Contohwati"


async def test_refresh_rotates_and_tells_when_the_session_was_last_used(idp: Idp) -> None:
    first = await idp.sessions.issue(idp.realm, "s", user_agent=None, ip_address=None)
    idp.clock.advance(minutes=20)
    second = await idp.sessions.refresh(idp.realm, first.refresh_token)
    assert (second.session_id, second.subject) == (first.session_id, "s")
    assert second.refresh_token != first.refresh_token
    assert second.expires_at == SECOND_START + timedelta(minutes=35)
    assert second.refresh_expires_at == START + timedelta(days=30, minutes=20)
    [info] = await idp.sessions.list(idp.realm, "s")
    assert (info.created_at, info.last_used_at) == (START, START + timedelta(minutes=20))


async def test_refresh_reuse_ends_the_session_and_the_new_token_with_it(idp: Idp) -> None:
    first = await idp.sessions.issue(idp.realm, "s", user_agent=None, ip_address=None)
    second = await idp.sessions.refresh(idp.realm, first.refresh_token)

    for token in (first.refresh_token, second.refresh_token, first.refresh_token):
        with pytest.raises(RefreshRejected) as refused:
            await idp.sessions.refresh(idp.realm, token)
        assert refused.value.reason == "REVOKED"

    assert idp.realm.told == [first.session_id]
    assert (await SessionRow.get()).revoked_why == "TOKEN_REUSED"
    assert not await idp.sessions.is_live(idp.realm, first.session_id)


async def test_refresh_refusals_name_their_reason(idp: Idp) -> None:
    tokens = await idp.sessions.issue(idp.realm, "s", user_agent=None, ip_address=None)
    other = await idp.tokens()
    for unknown in ("", "guess", other["refresh_token"], tokens.access_token):
        with pytest.raises(RefreshRejected) as refused:
            await idp.sessions.refresh(idp.realm, unknown)
        assert refused.value.reason == "INVALID"
    idp.clock.advance(days=30)
    with pytest.raises(RefreshRejected) as refused:
        await idp.sessions.refresh(idp.realm, tokens.refresh_token)
    assert refused.value.reason == "EXPIRED"
    assert not await idp.sessions.is_live(idp.realm, tokens.session_id)
    assert idp.realm.told == []


async def test_revoke_ends_what_was_named_and_nothing_of_others(idp: Idp) -> None:
    issue = idp.sessions.issue
    mine = [await issue(idp.realm, "me", user_agent=None, ip_address=None) for _ in range(4)]
    theirs = await issue(idp.realm, "them", user_agent=None, ip_address=None)

    assert await idp.sessions.revoke(idp.realm, "me", session_id=theirs.session_id) == 0
    assert await idp.sessions.revoke(idp.realm, "me", session_id=mine[0].session_id) == 1
    assert await idp.sessions.revoke(idp.realm, "me", session_id=mine[0].session_id) == 0
    assert idp.realm.told == [mine[0].session_id]
    assert await idp.sessions.revoke(idp.realm, "me", except_session_id=mine[3].session_id) == 2
    assert [info.id for info in await idp.sessions.list(idp.realm, "me")] == [mine[3].session_id]
    assert await idp.sessions.revoke(idp.realm, "me") == 1
    assert await idp.sessions.list(idp.realm, "me") == []
    assert sorted(idp.realm.told) == sorted(tokens.session_id for tokens in mine)
    assert await idp.sessions.is_live(idp.realm, theirs.session_id)

    assert await idp.sessions.revoke_refresh_token(idp.realm, theirs.refresh_token)
    assert not await idp.sessions.revoke_refresh_token(idp.realm, theirs.refresh_token)
    assert not await idp.sessions.revoke_refresh_token(idp.realm, "unknown")
    assert not await idp.sessions.is_live(idp.realm, theirs.session_id)


async def assert_grant(idp: Idp, assertion: str, **fields: str) -> httpx.Response:
    return await idp.post("/token", grant_type=JWT_BEARER_GRANT, assertion=assertion, **fields)


async def test_assertion_counts_once_and_only_for_the_first_party(idp: Idp) -> None:
    state = await idp.provider.states.of(idp.realm)
    assertion = make_assertion(idp.realm, state, "alone-sari")

    foreign = await assert_grant(idp, assertion, client_id="dev")
    first = await assert_grant(idp, assertion, scope="openid email nonsense")
    second = await assert_grant(idp, assertion)

    assert (foreign.status_code, foreign.json()["error"]) == (400, "unauthorized_client")
    assert (first.status_code, first.json()["scope"], "id_token" in first.json()) == (
        200,
        "openid email",
        False,
    )
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert await counted() == {"sessions": 1, "codes": 0, "refresh": 1}


# Each change breaks one rule of RFC 7523 section 3.
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "dev"},
        {"iss": None},
        {"aud": "http://127.0.0.1:1/w/b/idp"},
        {"aud": None},
        {"aud": ["a", "b"]},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "s" * 65},
        {"exp": None},
        {"exp": int(START.timestamp())},
        {"exp": int(START.timestamp()) + 302},
        {"exp": "2031"},
        {"nbf": int(START.timestamp()) + 1},
        {"jti": None},
        {"jti": ""},
    ],
)
async def test_wrong_assertion_opens_nothing(idp: Idp, change: dict[str, JSON]) -> None:
    state = await idp.provider.states.of(idp.realm)
    now = int(START.timestamp())
    right: dict[str, JSON] = {"iss": "gateway", "sub": "s", "aud": idp.realm.issuer, "exp": now + 60, "jti": "j"}
    claims = {name: value for name, value in {**right, **change}.items() if value is not None}

    answer = await assert_grant(idp, sign(state.assertion_key, state.assertion_kid, "JWT", claims))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await counted() == {"sessions": 0, "codes": 0, "refresh": 0}


async def test_assertion_of_another_key_or_realm_is_refused(two_realms: Idp) -> None:
    realm = two_realms.realm
    state = await two_realms.provider.states.of(realm)
    other = await two_realms.provider.states.of(two_realms.host.realms["a"])
    claims: dict[str, JSON] = {
        "iss": "gateway",
        "sub": "s",
        "aud": realm.issuer,
        "exp": int(START.timestamp()) + 60,
        "jti": "j",
    }
    for key in (ECKey.generate_key("P-256"), state.signing_key, other.assertion_key):
        answer = await assert_grant(two_realms, sign(key, "k", "JWT", claims))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    missing = await two_realms.post("/token", grant_type=JWT_BEARER_GRANT)
    assert missing.json()["error"] == "invalid_request"
    assert (await counted())["sessions"] == 0


async def test_same_subject_in_two_realms_has_sessions_apart(two_realms: Idp) -> None:
    main, other = two_realms.realm, two_realms.host.realms["a"]
    here = await two_realms.sessions.issue(main, "s", user_agent=None, ip_address=None)
    there = await two_realms.sessions.issue(other, "s", user_agent=None, ip_address=None)

    assert not await two_realms.sessions.is_live(other, here.session_id)
    with pytest.raises(RefreshRejected):
        await two_realms.sessions.refresh(other, here.refresh_token)
    assert await two_realms.sessions.revoke(main, "s") == 1
    assert await two_realms.sessions.is_live(other, there.session_id)


async def test_sweep_deletes_only_what_is_over(idp: Idp) -> None:
    await idp.tokens()
    idp.clock.advance(days=15)
    kept = await idp.sessions.issue(idp.realm, "s", user_agent=None, ip_address=None)
    assert await idp.sessions.sweep(idp.realm) == 0
    idp.clock.advance(days=16)
    assert await idp.sessions.sweep(idp.realm) == 3
    assert await counted() == {"sessions": 1, "codes": 0, "refresh": 1}
    assert await idp.sessions.is_live(idp.realm, kept.session_id)
