"""Sixteen at once: one code, one refresh token, one first request; exactly one may win."""

import asyncio
from collections import Counter

from mockidp.models import ClientRow, KeyRow, RefreshTokenRow, SessionRow
from mockidp.realms import RealmStates
from mockidp.sessions import RefreshRejected, Tokens
from tests.mockidp.running import Idp

AT_ONCE = 16


async def test_one_code_at_once_gives_tokens_once_and_ends_the_session(served: Idp) -> None:
    code = await served.code()

    answers = await asyncio.gather(*(served.redeem(code) for _ in range(AT_ONCE)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 15}
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    session = await SessionRow.get()
    assert session.revoked_why == "CODE_REUSED"
    assert served.realm.told == [session.id]
    assert await RefreshTokenRow.all().count() == 1
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await served.userinfo(winner["access_token"])).status_code == 401
    assert (await served.refresh(winner["refresh_token"])).status_code == 400


async def test_one_refresh_token_at_once_rotates_once_and_ends_the_session(served: Idp) -> None:
    tokens = await served.tokens()

    answers = await asyncio.gather(*(served.refresh(tokens["refresh_token"]) for _ in range(AT_ONCE)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 15}
    session = await SessionRow.get()
    assert session.revoked_why == "TOKEN_REUSED"
    assert served.realm.told == [session.id]
    assert await RefreshTokenRow.all().count() == 2
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await served.refresh(winner["refresh_token"])).status_code == 400


async def test_one_refresh_token_at_once_through_the_port(idp: Idp) -> None:
    first = await idp.sessions.issue(idp.realm, "s", user_agent=None, ip_address=None)
    uses = (idp.sessions.refresh(idp.realm, first.refresh_token) for _ in range(AT_ONCE))
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {Tokens: 1, RefreshRejected: 15}
    assert not await idp.sessions.is_live(idp.realm, first.session_id)


async def test_sign_outs_at_once_end_a_session_once(idp: Idp) -> None:
    await idp.sessions.issue(idp.realm, "s", user_agent=None, ip_address=None)
    ended = await asyncio.gather(*(idp.sessions.revoke(idp.realm, "s") for _ in range(AT_ONCE)))
    assert sorted(ended) == [0] * 15 + [1]
    assert len(idp.realm.told) == 1


async def test_first_uses_at_once_make_one_set_of_keys(idp: Idp) -> None:
    states = [RealmStates() for _ in range(AT_ONCE)]
    made = await asyncio.gather(*(state.of(idp.realm) for state in states))
    assert len({state.kid for state in made}) == 1
    assert await KeyRow.all().count() == 3
    assert await ClientRow.all().count() == 3
