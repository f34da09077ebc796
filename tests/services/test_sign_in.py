"""Signing in by KPJ or e-mail: the same answer for known and unknown logins, and the lock after five failures."""

import pytest

from gateway.domain.account import AccountStatus, ActivityKind
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code, Service
from gateway.services import session
from tests.services.journey import (
    BUDI,
    CALLER,
    INSTANT,
    LARAS,
    LARAS_OTHER_KPJ,
    MINUTE,
    NOBODY_KPJ,
    PASSWORD,
    UCOK,
    WRONG,
    Person,
    await_activation,
    refused,
    refused_without_trace,
    told,
)
from tests.services.staged import START, StagedWorld, kept


async def sign_in(world: StagedWorld, person: Person = UCOK, **typed: str):  # type: ignore[no-untyped-def]
    known = {"login": person.kpj, "password": person.password, **typed}
    return await session.sign_in(world, **known, caller=CALLER)  # type: ignore[arg-type]


async def fail(world: StagedWorld, login: str, times: int) -> list[Code]:
    """Try a wrong password; answers what each try was told."""
    answers = [await refused(sign_in(world, login=login, password=WRONG)) for _ in range(times)]
    assert all(len(answer.problems) == 1 and answer.problems[0].field is None for answer in answers)
    return [answer.problems[0].code for answer in answers]


async def kinds(world: StagedWorld) -> list[str]:
    return [row["kind"] for row in (await kept(world))["ActivityRow"]]


@pytest.mark.parametrize(
    ("person", "login"),
    [
        (UCOK, UCOK.kpj),
        (UCOK, " 9926-0000-008 "),
        (LARAS, LARAS_OTHER_KPJ),
        (UCOK, "UCOK@Peserta.Test "),
    ],
)
async def test_any_linked_kpj_and_the_email_sign_in(world: StagedWorld, person: Person, login: str) -> None:
    world.clock.advance(MINUTE)

    signed_in = await sign_in(world, person, login=login)

    assert (signed_in.account.kpj, signed_in.account.status) == (person.kpj, AccountStatus.ACTIVE)
    assert (signed_in.access_token, signed_in.refresh_token) == ("access.s1", "refresh.s1")
    assert world.sessions.live == {"s1": signed_in.account.subject}
    rows = await kept(world)
    assert [row["last_sign_in_at"] for row in rows["AccountRow"] if row["kpj"] == person.kpj] == [START + MINUTE]
    assert [(row["kind"], row["ip_address"], row["user_agent"]) for row in rows["ActivityRow"]] == [
        (ActivityKind.SIGNED_IN, "127.0.0.1", "a test")
    ]


@pytest.mark.parametrize(("login", "password", "field"), [(" ", "x", "login"), (UCOK.kpj, "", "password")])
async def test_what_is_missing_is_told_and_not_counted(
    world: StagedWorld, login: str, password: str, field: str
) -> None:
    refusal = await refused_without_trace(world, sign_in(world, login=login, password=password))

    assert told(refusal) == [(Code.REQUIRED, (field,))]


@pytest.mark.parametrize(
    "login", [UCOK.kpj, UCOK.email, NOBODY_KPJ, "nobody@peserta.test", BUDI.kpj, "x", "\x00@x", "\ud800@x"]
)
async def test_known_and_unknown_logins_get_the_same_answers(world: StagedWorld, login: str) -> None:
    answers = []
    for _ in range(6):
        refusal = await refused(sign_in(world, login=login, password=WRONG))
        answers.append((told(refusal), refusal.problems[0].retry_at))

    until = START + 15 * MINUTE
    assert answers == [([(Code.INVALID_CREDENTIALS, None)], None)] * 4 + [([(Code.ACCOUNT_LOCKED, None)], until)] * 2


async def test_lock_of_a_known_account_sends_one_notice(world: StagedWorld) -> None:
    await fail(world, UCOK.kpj, 7)
    await world.agenda.settle()

    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]
    assert "15" in world.mail.sent[0].text
    assert world.sms.sent == []
    assert await kinds(world) == [ActivityKind.SIGN_IN_FAILED] * 5 + [ActivityKind.ACCOUNT_LOCKED]
    assert world.agenda.moments == [START + 15 * MINUTE]


async def test_lock_of_an_unknown_login_sends_nothing(world: StagedWorld) -> None:
    assert (await fail(world, NOBODY_KPJ, 7))[4:] == [Code.ACCOUNT_LOCKED] * 3
    await world.agenda.settle()

    assert (world.mail.sent, world.sms.sent) == ([], [])
    assert await kinds(world) == []


async def test_right_password_is_no_use_while_locked(world: StagedWorld) -> None:
    await fail(world, UCOK.kpj, 5)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, sign_in(world))

    assert told(refusal) == [(Code.ACCOUNT_LOCKED, None)]
    assert refusal.problems[0].retry_at == START + 15 * MINUTE
    assert world.sessions.live == {}


async def test_lock_holds_for_every_login_of_the_account(world: StagedWorld) -> None:
    await fail(world, UCOK.kpj, 5)

    refusal = await refused(sign_in(world, login=UCOK.email))

    assert told(refusal) == [(Code.ACCOUNT_LOCKED, None)]


@pytest.mark.parametrize("login", [UCOK.kpj, NOBODY_KPJ])
async def test_lock_holds_for_fifteen_minutes_from_the_last_failure(world: StagedWorld, login: str) -> None:
    for _ in range(4):
        await fail(world, login, 1)
        world.clock.advance(3 * MINUTE)
    assert await fail(world, login, 1) == [Code.ACCOUNT_LOCKED]

    world.clock.advance(15 * MINUTE - INSTANT)
    assert await fail(world, login, 1) == [Code.ACCOUNT_LOCKED]
    world.clock.advance(INSTANT)

    assert await fail(world, login, 5) == [Code.INVALID_CREDENTIALS] * 4 + [Code.ACCOUNT_LOCKED]


async def test_sign_in_works_again_when_the_lock_is_over(world: StagedWorld) -> None:
    await fail(world, UCOK.kpj, 5)
    world.clock.advance(15 * MINUTE)
    done = await world.agenda.settle()

    signed_in = await sign_in(world)

    assert done == ["account.unlocked 1", "courier.sent EMAIL SECURITY_NOTICE"]
    assert signed_in.account.status is AccountStatus.ACTIVE


async def test_success_forgets_the_failures(world: StagedWorld) -> None:
    await fail(world, UCOK.kpj, 4)
    await sign_in(world)

    assert await fail(world, UCOK.kpj, 4) == [Code.INVALID_CREDENTIALS] * 4


async def test_old_failures_do_not_add_up(world: StagedWorld) -> None:
    await fail(world, UCOK.kpj, 4)
    world.clock.advance(15 * MINUTE)

    assert await fail(world, UCOK.kpj, 4) == [Code.INVALID_CREDENTIALS] * 4


async def test_pending_account_is_told_only_after_the_right_password(world: StagedWorld) -> None:
    await await_activation(world)

    wrong = await refused(sign_in(world, BUDI, password=WRONG))
    right = await refused(sign_in(world, BUDI))

    assert told(wrong) == [(Code.INVALID_CREDENTIALS, None)]
    assert told(right) == [(Code.ACCOUNT_NOT_ACTIVE, None)]
    assert world.sessions.live == {}


async def test_pending_account_is_not_found_by_its_unproved_address(world: StagedWorld) -> None:
    await await_activation(world)

    refusal = await refused(sign_in(world, login=BUDI.email, password=PASSWORD))

    assert told(refusal) == [(Code.INVALID_CREDENTIALS, None)]


async def test_password_beyond_the_limit_is_wrong_like_any_other(world: StagedWorld) -> None:
    refusal = await refused(sign_in(world, password=UCOK.password + "x" * 100_000))

    assert told(refusal) == [(Code.INVALID_CREDENTIALS, None)]


async def test_provider_that_does_not_answer_is_told(world: StagedWorld) -> None:
    world.sessions.unavailable = True

    refusal = await refused_without_trace(world, sign_in(world))

    assert told(refusal) == [(Code.SERVICE_UNAVAILABLE, None)]
    assert refusal.problems[0].service is Service.IDENTITY
