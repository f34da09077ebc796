"""The form of the sign-up: what is refused, what is counted, and what goes out."""

import pytest

from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code, Service
from gateway.domain.registration import RegistrationState
from gateway.services import fault, registration
from tests.services.journey import (
    BUDI,
    BUDI_OTHER_KPJ,
    CALLER,
    HOUR,
    INSTANT,
    MINUTE,
    NOBODY_KPJ,
    SITI,
    await_activation,
    prove,
    refused,
    refused_without_trace,
    start,
    told,
)
from tests.services.staged import START, StagedWorld, kept


async def test_good_form_opens_a_flow_and_sends_one_code(world: StagedWorld) -> None:
    begun, token = await start(world)
    done = await world.agenda.settle()

    assert begun.state is RegistrationState.AWAITING_OTP
    assert (begun.kpj, begun.masked_phone, begun.masked_email) == (BUDI.kpj, "+62840*****001", "b***@peserta.test")
    assert (begun.created_at, begun.expires_at) == (START, START + 30 * MINUTE)
    assert begun.activation is None
    assert begun.otp is not None
    assert (begun.otp.channel, begun.otp.masked_target, begun.otp.length) == (OtpChannel.SMS, "+62840*****001", 6)
    assert (begun.otp.attempts_left, begun.otp.sends_left) == (5, 4)
    assert (begun.otp.sent_at, begun.otp.expires_at) == (START, START + 5 * MINUTE)
    assert begun.otp.resend_at == START + MINUTE
    assert len(token) == 22
    assert done == ["courier.sent SMS OTP"]
    assert [(sms.to, sms.kind) for sms in world.sms.sent] == [(BUDI.phone, MessageKind.OTP)]
    assert world.mail.sent == []
    assert world.agenda.moments == [START + 30 * MINUTE]


async def test_form_is_taken_as_people_type_it(world: StagedWorld) -> None:
    begun, _ = await start(
        world,
        kpj="9926-0000-001",
        nik="3171 9914 0388 9001",
        birth_date="14/03/1988",
        phone="0840-0000-0001",
        email=" Budi@Peserta.Test ",
    )
    await world.agenda.settle()

    assert begun.kpj == BUDI.kpj
    assert world.sms.sent[0].to == BUDI.phone
    assert (await kept(world))["RegistrationRow"][0]["email"] == "budi@peserta.test"


@pytest.mark.parametrize(
    ("typed", "code", "field"),
    [
        ({"kpj": "9926000000"}, Code.INVALID_KPJ, "kpj"),
        ({"kpj": "  "}, Code.REQUIRED, "kpj"),
        ({"nik": "317199140388900x"}, Code.INVALID_NIK, "nik"),
        ({"nik": ""}, Code.REQUIRED, "nik"),
        ({"birth_date": "1988-02-30"}, Code.INVALID_BIRTH_DATE, "birthDate"),
        ({"birth_date": "2026-11-24"}, Code.INVALID_BIRTH_DATE, "birthDate"),
        ({"birth_date": ""}, Code.REQUIRED, "birthDate"),
        ({"phone": "021-5200000"}, Code.INVALID_PHONE, "phone"),
        ({"phone": ""}, Code.REQUIRED, "phone"),
        ({"email": "budi@"}, Code.INVALID_EMAIL, "email"),
        ({"email": "\ud800@peserta.test"}, Code.INVALID_EMAIL, "email"),
        ({"email": ""}, Code.REQUIRED, "email"),
    ],
)
async def test_malformed_field_is_named_and_leaves_no_trace(
    world: StagedWorld, typed: dict[str, str], code: Code, field: str
) -> None:
    refusal = await refused_without_trace(world, start(world, **typed))

    assert told(refusal) == [(code, (field,))]


async def test_every_malformed_field_is_named_in_the_forms_order(world: StagedWorld) -> None:
    refusal = await refused_without_trace(world, start(world, kpj="1", nik="2", birth_date="3", phone="4", email=""))

    assert told(refusal) == [
        (Code.INVALID_KPJ, ("kpj",)),
        (Code.INVALID_NIK, ("nik",)),
        (Code.INVALID_BIRTH_DATE, ("birthDate",)),
        (Code.INVALID_PHONE, ("phone",)),
        (Code.REQUIRED, ("email",)),
    ]


async def test_birth_date_of_today_is_today_in_jakarta(world: StagedWorld) -> None:
    world.clock.advance(13 * HOUR)  # 18:00 UTC on the 23rd, 01:00 on the 24th in Jakarta

    refusal = await refused(start(world, birth_date="2026-11-24"))

    assert told(refusal) == [(Code.MEMBER_NOT_MATCHED, None)]


@pytest.mark.parametrize(
    "typed",
    [
        {"kpj": NOBODY_KPJ},
        {"nik": "3171991403889999"},
        {"birth_date": "1988-03-15"},
        {"nik": SITI.nik, "birth_date": SITI.birth_date},
        {"kpj": SITI.kpj},
    ],
)
async def test_every_mismatch_gets_the_same_answer_and_is_counted(world: StagedWorld, typed: dict[str, str]) -> None:
    refusal = await refused(start(world, **typed))
    await world.agenda.settle()

    assert told(refusal) == [(Code.MEMBER_NOT_MATCHED, None)]
    assert refusal.problems[0].text is None
    assert (world.sms.sent, world.mail.sent) == ([], [])
    rows = await kept(world)
    assert rows["RegistrationRow"] == rows["ChallengeRow"] == rows["OutboxRow"] == []
    assert [row["scope"] for row in rows["AttemptRow"]] == ["mismatch"]


async def test_mismatches_of_a_kpj_are_limited_and_right_data_too(world: StagedWorld) -> None:
    for _ in range(10):
        assert told(await refused(start(world, birth_date="1988-03-15"))) == [(Code.MEMBER_NOT_MATCHED, None)]
        world.clock.advance(MINUTE)

    wrong = await refused_without_trace(world, start(world, birth_date="1988-03-15"))
    right = await refused_without_trace(world, start(world))

    assert told(wrong) == told(right) == [(Code.RATE_LIMITED, None)]
    assert wrong.problems == right.problems
    assert right.problems[0].retry_at == START + HOUR
    assert (await start(world, SITI))[0].state is RegistrationState.AWAITING_OTP


async def test_mismatches_of_a_kpj_are_forgotten_after_an_hour(world: StagedWorld) -> None:
    for _ in range(10):
        await refused(start(world, birth_date="1988-03-15"))
    world.clock.advance(HOUR - INSTANT)
    assert told(await refused(start(world))) == [(Code.RATE_LIMITED, None)]

    world.clock.advance(INSTANT)

    assert (await start(world))[0].state is RegistrationState.AWAITING_OTP


@pytest.mark.parametrize("mode", [FaultMode.ERROR, FaultMode.TIMEOUT])
async def test_registry_that_fails_is_told_once_as_planned(world: StagedWorld, mode: FaultMode) -> None:
    await fault.inject(
        world,
        target=FaultTarget.REGISTRY,
        mode=mode,
        match=None,
        times=1,
        delay_s=1,
        status_code=None,
        probability=1,
    )

    refusal = await refused(start(world))

    assert told(refusal) == [(Code.SERVICE_UNAVAILABLE, None)]
    assert (refusal.problems[0].service, refusal.problems[0].retryable) == (Service.REGISTRY, True)
    rows = await kept(world)
    assert rows["RegistrationRow"] == rows["AttemptRow"] == rows["OutboxRow"] == []
    assert (await start(world))[0].state is RegistrationState.AWAITING_OTP


async def test_second_start_waits_for_the_cool_down(world: StagedWorld) -> None:
    await start(world)
    await world.agenda.settle()
    world.clock.advance(MINUTE - INSTANT)

    refusal = await refused_without_trace(world, start(world))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + MINUTE


async def test_second_start_with_the_other_kpj_is_the_same_person(world: StagedWorld) -> None:
    await start(world)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, start(world, kpj=BUDI_OTHER_KPJ))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]


async def test_start_after_the_cool_down_ends_the_older_flow(world: StagedWorld) -> None:
    first, first_token = await start(world)
    world.clock.advance(MINUTE)

    second, second_token = await start(world)

    assert second.id != first.id
    assert second.otp is not None and second.otp.sends_left == 3
    older = await registration.find(world, token=first_token)
    newer = await registration.find(world, token=second_token)
    assert older is not None and older.state is RegistrationState.CANCELLED
    assert newer == second


async def test_start_over_takes_the_pending_account_along(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    assert len((await kept(world))["AccountRow"]) == 4
    world.clock.advance(MINUTE)

    await start(world)

    assert len((await kept(world))["AccountRow"]) == 3
    older = await registration.find(world, token=token)
    assert older is not None and older.state is RegistrationState.CANCELLED


async def test_start_over_at_the_password_step_waits_for_the_cool_down_too(world: StagedWorld) -> None:
    await prove(world)

    refusal = await refused_without_trace(world, start(world))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]


async def test_five_codes_an_hour_are_sent_and_no_more(world: StagedWorld) -> None:
    for _ in range(5):
        await start(world)
        await world.agenda.settle()
        world.clock.advance(2 * MINUTE)

    refusal = await refused_without_trace(world, start(world))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + HOUR
    assert len(world.sms.sent) == 5
    world.clock.advance(50 * MINUTE)
    begun, _ = await start(world)
    assert begun.otp is not None and begun.otp.sends_left == 0


async def test_start_after_expiry_needs_no_cool_down_beyond_the_hour(world: StagedWorld) -> None:
    _, token = await start(world)
    world.clock.advance(30 * MINUTE)

    begun, _ = await start(world)

    assert begun.state is RegistrationState.AWAITING_OTP
    older = await registration.find(world, token=token)
    assert older is not None and older.state is RegistrationState.EXPIRED


async def test_codes_follow_seed_world_and_number(world: StagedWorld) -> None:
    for person in (BUDI, SITI):
        await start(world, person)
    await world.agenda.settle()

    # Seed 7, world main, challenges 1 and 2: a failing run can be replayed with the same codes.
    assert [sms.text.split(": ")[1][:6] for sms in world.sms.sent] == ["180477", "779531"]


async def test_message_is_in_the_callers_language(world: StagedWorld) -> None:
    await start(world)
    await registration.start(
        world,
        kpj=SITI.kpj,
        nik=SITI.nik,
        birth_date=SITI.birth_date,
        phone=SITI.phone,
        email=SITI.email,
        caller=type(CALLER)("id"),
    )
    await world.agenda.settle()

    english, indonesian = (sms.text for sms in world.sms.sent)
    assert "minutes" in english and "menit" in indonesian
