"""A new password for who is signed in."""

import pytest

from gateway.domain.account import ActivityKind, Viewer
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code, Rejected
from gateway.services import password, session
from tests.services.journey import (
    CALLER,
    PASSWORD,
    UCOK,
    WRONG,
    refused,
    refused_without_trace,
    told,
)
from tests.services.staged import StagedWorld, kept


async def sign_in(world: StagedWorld) -> Viewer:
    signed_in = await session.sign_in(world, login=UCOK.kpj, password=UCOK.password, caller=CALLER)
    return await session.viewer_of(world, signed_in.access_token)


async def change(world: StagedWorld, viewer: Viewer, current: str = UCOK.password, new: str = PASSWORD) -> None:
    await password.change(world, viewer=viewer, current=current, new=new, caller=CALLER)


async def test_new_password_signs_in_and_the_owner_is_told(world: StagedWorld) -> None:
    viewer = await sign_in(world)

    await change(world, viewer)
    await world.agenda.settle()

    await session.authenticate(world, login=UCOK.email, password=PASSWORD, caller=CALLER)
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]
    assert [row["kind"] for row in (await kept(world))["ActivityRow"]] == [
        ActivityKind.SIGNED_IN,
        ActivityKind.PASSWORD_CHANGED,
    ]


async def test_every_other_session_ends(world: StagedWorld) -> None:
    viewers = [await sign_in(world) for _ in range(3)]

    await change(world, viewers[1])

    assert list(world.sessions.live) == [viewers[1].session_id]


async def test_wrong_current_password_is_told_at_its_field(world: StagedWorld) -> None:
    viewer = await sign_in(world)

    refusal = await refused(change(world, viewer, current=WRONG))

    assert told(refusal) == [(Code.INVALID_CREDENTIALS, ("currentPassword",))]
    assert refusal.problems[0].text == "error.INVALID_CREDENTIALS.current"


async def test_wrong_current_passwords_count_as_failed_sign_ins(world: StagedWorld) -> None:
    viewer = await sign_in(world)
    for _ in range(4):
        await refused(change(world, viewer, current=WRONG))

    fifth = await refused(change(world, viewer, current=WRONG))
    signing_in = await refused(session.authenticate(world, login=UCOK.kpj, password=UCOK.password, caller=CALLER))

    assert told(fifth) == told(signing_in) == [(Code.ACCOUNT_LOCKED, None)]


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", Code.PASSWORD_TOO_SHORT),
        ("x" * 65, Code.PASSWORD_TOO_LONG),
        (f"x{UCOK.nik}x", Code.PASSWORD_CONTAINS_IDENTITY),
        (UCOK.password, Code.PASSWORD_REUSED),
    ],
)
async def test_password_that_breaks_a_rule_is_told(world: StagedWorld, new: str, code: Code) -> None:
    viewer = await sign_in(world)

    refusal = await refused_without_trace(world, change(world, viewer, new=new))

    assert told(refusal) == [(code, ("newPassword",))]


async def test_what_is_missing_is_told(world: StagedWorld) -> None:
    viewer = await sign_in(world)

    refusal = await refused_without_trace(world, change(world, viewer, current="", new=""))

    assert told(refusal) == [(Code.REQUIRED, ("currentPassword",)), (Code.REQUIRED, ("newPassword",))]


async def test_viewer_whose_account_is_gone_is_not_signed_in(world: StagedWorld) -> None:
    with pytest.raises(Rejected) as caught:
        await change(world, Viewer("0" * 32, "s1"))

    assert (caught.value.code, caught.value.extensions) == ("UNAUTHENTICATED", {"reason": "REVOKED"})
