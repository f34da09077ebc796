"""The same flow and the same races where statements really run side by side."""

import asyncio
from collections import Counter

import pytest

from mockidp.models import SessionRow
from tests.mockidp.running import Idp, sent_back

AT_ONCE = 16
pytestmark = pytest.mark.postgres


async def test_flow_and_sessions_on_postgres(on_postgres: Idp) -> None:
    tokens = await on_postgres.tokens()
    assert (await on_postgres.userinfo(tokens["access_token"])).json()["sub"] == "alone-sari"
    renewed = (await on_postgres.refresh(tokens["refresh_token"])).json()
    assert sent_back(await on_postgres.authorize(prompt="none"))["code"]
    ours = await on_postgres.sessions.issue(on_postgres.realm, "s", user_agent="UA", ip_address=None)
    again = await on_postgres.sessions.refresh(on_postgres.realm, ours.refresh_token)
    assert again.session_id == ours.session_id
    assert await on_postgres.sessions.revoke(on_postgres.realm, "s") == 1
    await on_postgres.post("/revoke", client_id="dev", token=renewed["refresh_token"])
    assert await SessionRow.filter(revoked_at=None).count() == 0
    on_postgres.clock.advance(days=61)
    assert await on_postgres.sessions.sweep(on_postgres.realm) == 8


async def test_races_on_postgres_have_one_winner(on_postgres: Idp) -> None:
    code = await on_postgres.code()
    answers = await asyncio.gather(*(on_postgres.redeem(code) for _ in range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 15}

    on_postgres.browser.cookies.clear()
    token = (await on_postgres.tokens())["refresh_token"]
    answers = await asyncio.gather(*(on_postgres.refresh(token) for _ in range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 15}

    ended = await SessionRow.all().order_by("revoked_why").values_list("revoked_why", flat=True)
    assert ended == ["CODE_REUSED", "TOKEN_REUSED"]
    assert len(on_postgres.realm.told) == 2
