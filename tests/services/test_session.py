"""Sessions: going on with them, ending them, and who a token speaks for."""

from dataclasses import replace

import pytest

from gateway.adapters.sessions_foreign import ForeignSessions
from gateway.domain.account import ActivityKind, Viewer
from gateway.domain.problem import Code, Rejected, Service
from gateway.models.account import AccountRow
from gateway.services import account, session
from tests.services.journey import CALLER, LARAS, UCOK, Person, refused, refused_without_trace, told
from tests.services.staged import StagedWorld, kept


async def sign_in(world: StagedWorld, person: Person = UCOK) -> Viewer:
    signed_in = await session.sign_in(world, login=person.kpj, password=person.password, caller=CALLER)
    return await session.viewer_of(world, signed_in.access_token)


async def test_refresh_gives_new_tokens_of_the_same_account(world: StagedWorld) -> None:
    await sign_in(world)

    refreshed = await session.refresh(world, refresh_token="refresh.s1")

    assert (refreshed.account.kpj, refreshed.access_token) == (UCOK.kpj, "access.s1")


@pytest.mark.parametrize(
    ("reason", "code"),
    [("INVALID", Code.TOKEN_INVALID), ("EXPIRED", Code.TOKEN_EXPIRED), ("REVOKED", Code.SESSION_REVOKED)],
)
async def test_refresh_that_the_provider_rejects_is_told_why(world: StagedWorld, reason: str, code: Code) -> None:
    await sign_in(world)
    world.sessions.refreshing = reason

    refusal = await refused_without_trace(world, session.refresh(world, refresh_token="refresh.s1"))

    assert told(refusal) == [(code, ("refreshToken",))]


@pytest.mark.parametrize("token", [None, ""])
async def test_refresh_without_a_token_is_required(world: StagedWorld, token: str | None) -> None:
    refusal = await refused_without_trace(world, session.refresh(world, refresh_token=token))

    assert told(refusal) == [(Code.REQUIRED, ("refreshToken",))]


async def test_refresh_of_an_account_that_is_gone_is_revoked(world: StagedWorld) -> None:
    await sign_in(world)
    async with world.store.writing():
        await AccountRow.filter(kpj=UCOK.kpj).delete()

    refusal = await refused(session.refresh(world, refresh_token="refresh.s1"))

    assert told(refusal) == [(Code.SESSION_REVOKED, ("refreshToken",))]


async def test_sign_out_ends_this_session_at_once(world: StagedWorld) -> None:
    first, second = await sign_in(world), await sign_in(world)

    ended = await session.sign_out(world, viewer=first, session_id=None, everywhere=False, caller=CALLER)

    assert ended == 1
    assert list(world.sessions.live) == [second.session_id]
    with pytest.raises(Rejected) as caught:
        await session.viewer_of(world, f"access.{first.session_id}")
    assert (caught.value.code, caught.value.extensions) == ("UNAUTHENTICATED", {"reason": "REVOKED"})
    assert [row["kind"] for row in (await kept(world))["ActivityRow"]][-1] == ActivityKind.SIGNED_OUT


async def test_sign_out_ends_another_session_by_name(world: StagedWorld) -> None:
    first, second = await sign_in(world), await sign_in(world)

    ended = await session.sign_out(world, viewer=first, session_id=second.session_id, everywhere=False, caller=CALLER)

    assert (ended, list(world.sessions.live)) == (1, [first.session_id])


async def test_sign_out_everywhere_ends_all_of_the_account_and_no_other(world: StagedWorld) -> None:
    mine, _ = await sign_in(world), await sign_in(world)
    other = await sign_in(world, LARAS)

    ended = await session.sign_out(world, viewer=mine, session_id=None, everywhere=True, caller=CALLER)

    assert (ended, list(world.sessions.live)) == (2, [other.session_id])


async def test_sign_out_does_not_reach_somebody_elses_session(world: StagedWorld) -> None:
    mine, other = await sign_in(world), await sign_in(world, LARAS)
    before = await kept(world)

    ended = await session.sign_out(world, viewer=mine, session_id=other.session_id, everywhere=False, caller=CALLER)

    assert (ended, len(world.sessions.live)) == (0, 2)
    assert await kept(world) == before


async def test_provider_that_does_not_answer_is_told(world: StagedWorld) -> None:
    viewer = await sign_in(world)
    world.sessions.unavailable = True

    refreshing = await refused_without_trace(world, session.refresh(world, refresh_token="refresh.s1"))
    leaving = await refused_without_trace(
        world, session.sign_out(world, viewer=viewer, session_id=None, everywhere=False, caller=CALLER)
    )

    assert told(refreshing) == told(leaving) == [(Code.SERVICE_UNAVAILABLE, None)]
    assert refreshing.problems[0].service is leaving.problems[0].service is Service.IDENTITY
    for call in (session.viewer_of(world, "access.s1"), account.list_sessions(world, account=await _mine(world))):
        with pytest.raises(Rejected) as caught:
            await call
        assert caught.value.code == "UNAVAILABLE"


async def _mine(world: StagedWorld):  # type: ignore[no-untyped-def]
    async with world.store.reading():
        return (await AccountRow.get(kpj=UCOK.kpj)).to_domain(world.clock.now())


async def test_foreign_provider_takes_no_sign_in(world: StagedWorld) -> None:
    foreign = replace(world, sessions=ForeignSessions())  # type: ignore[arg-type]

    refusal = await refused_without_trace(
        foreign, session.sign_in(foreign, login=UCOK.kpj, password=UCOK.password, caller=CALLER)
    )

    assert told(refusal) == [(Code.SERVICE_UNAVAILABLE, None)]
    assert refusal.problems[0].service is Service.IDENTITY


@pytest.mark.parametrize("reason", ["EXPIRED", "REVOKED", "INVALID"])
async def test_token_that_is_not_taken_is_told_why(world: StagedWorld, reason: str) -> None:
    world.tokens.rejecting = reason

    with pytest.raises(Rejected) as caught:
        await session.viewer_of(world, "access.s1")

    assert (caught.value.code, caught.value.extensions) == ("UNAUTHENTICATED", {"reason": reason})


async def test_viewer_has_an_account_and_its_sessions(world: StagedWorld) -> None:
    viewer = await sign_in(world)
    await sign_in(world, LARAS)

    mine = await account.load(world, viewer=viewer)

    assert (mine.kpj, mine.subject) == (UCOK.kpj, viewer.subject)
    assert [place.id for place in await account.list_sessions(world, account=mine)] == [viewer.session_id]


async def test_viewer_whose_account_is_gone_is_not_signed_in(world: StagedWorld) -> None:
    with pytest.raises(Rejected) as caught:
        await account.load(world, viewer=Viewer("0" * 32, "s1"))

    assert (caught.value.code, caught.value.extensions) == ("UNAUTHENTICATED", {"reason": "REVOKED"})
    assert await account.find_by_subject(world, subject="0" * 32) is None
