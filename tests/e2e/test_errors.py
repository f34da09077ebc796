"""Every code that the sign-up and the sessions can refuse with, reached over GraphQL, and what surrounds the limits."""

import pytest

from gateway.domain.problem import Code
from gateway.texts import sentence
from tests.e2e.journey import JSON, LARAS_PASSWORD, PASSWORD, UCOKS_PASSWORD, Journey, form_of
from tests.e2e.refused import CASES, five_wrong_passwords, password_before_code, strangers_nik, wrong_code_again

pytestmark = pytest.mark.e2e


def test_every_code_is_reached_by_a_case() -> None:
    assert set(CASES) == set(Code)


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_code_is_reached_with_its_type_field_and_values(budi: Journey, code: Code, language: str) -> None:
    case, kind, field, more = CASES[code]
    await budi.command("mutation { freezeClock { now } }")
    budi.headers["Accept-Language"] = language

    refused = (await case(budi))["errors"]

    assert [(error["__typename"], error["code"], error["field"]) for error in refused] == [(kind, code.value, field)]
    assert {name: refused[0][name] for name in more} == more
    assert refused[0]["message"] == message_of(code, language, refused[0])


def message_of(code: Code, language: str, error: JSON) -> str:
    """The catalogue's sentence for that code, filled with the error's own values."""
    key = "error.INVALID_FORMAT.code" if code is Code.INVALID_FORMAT else f"error.{code}"
    minutes = error.get("retryAfterSeconds", 0) // 60
    return sentence(language, key, minutes=minutes, attempts_left=error.get("attemptsLeft"), length=6)


async def test_every_malformed_field_is_named_at_once_and_nothing_is_sent(budi: Journey) -> None:
    cursor = (await budi.command("{ world { cursor } }"))["world"]["cursor"]

    refused = await budi.start(kpj="1", nik="2", birthDate="3", phone="4", email="5")

    assert {(error["code"], error["field"][0]) for error in refused["errors"]} == {
        ("INVALID_KPJ", "kpj"),
        ("INVALID_NIK", "nik"),
        ("INVALID_BIRTH_DATE", "birthDate"),
        ("INVALID_PHONE", "phone"),
        ("INVALID_EMAIL", "email"),
    }
    assert (refused["registration"], refused["registrationToken"]) == (None, None)
    await budi.advance("PT1S")
    assert (await budi.command("{ world { cursor } }"))["world"]["cursor"] == cursor


async def test_a_wrong_step_shows_where_the_flow_stands(budi: Journey) -> None:
    refused = await password_before_code(budi)

    assert refused["registration"]["state"] == "AWAITING_OTP"


async def test_the_fifth_wrong_code_locks_and_the_card_is_free_after_a_quarter_of_an_hour(budi: Journey) -> None:
    await budi.start()
    codes = [(await wrong_code_again(budi))["errors"][0]["code"] for _ in range(5)]

    early = await budi.start()
    await budi.advance("PT15M")
    late = await budi.start()

    assert codes == ["OTP_INVALID"] * 4 + ["OTP_LOCKED"]
    assert [error["code"] for error in early["errors"]] == ["RATE_LIMITED"]
    assert 0 < early["errors"][0]["retryAfterSeconds"] <= 900
    assert late["errors"] == []


async def test_a_locked_login_opens_after_a_quarter_of_an_hour_and_its_owner_was_told(budi: Journey) -> None:
    ucok = budi.of("ucok")
    await five_wrong_passwords(budi)

    locked = await ucok.sign_in(UCOKS_PASSWORD)
    notice = await ucok.find("PT15S", channel="EMAIL", to="ucok@peserta.test")
    await ucok.advance("PT15M")
    opened = await ucok.sign_in(UCOKS_PASSWORD)

    assert [error["code"] for error in locked["errors"]] == ["ACCOUNT_LOCKED"]
    assert notice is not None
    assert notice["kind"] == "SECURITY_NOTICE"
    assert opened["errors"] == []


async def test_an_unknown_login_locks_like_a_known_one(budi: Journey) -> None:
    await budi.command("mutation { freezeClock { now } }")
    unknown = [(await budi.sign_in("kopi-tanpa-gula", "99269999999"))["errors"] for _ in range(6)]
    known = [(await budi.of("ucok").sign_in("kopi-tanpa-gula"))["errors"] for _ in range(6)]

    assert [errors[0]["code"] for errors in unknown] == ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 2
    assert unknown == known


async def test_ten_mismatches_in_an_hour_silence_a_card(budi: Journey) -> None:
    codes = [(await strangers_nik(budi))["errors"][0]["code"] for _ in range(11)]
    right = await budi.start()

    assert codes == ["MEMBER_NOT_MATCHED"] * 10 + ["RATE_LIMITED"]
    assert [error["code"] for error in right["errors"]] == ["RATE_LIMITED"]
    assert await budi.inbox() == []


async def test_someone_with_an_account_gets_no_code_on_another_phone(budi: Journey) -> None:
    stranger = budi.of("ucok")

    answer = await stranger.start(phone=form_of("siti")["phone"])
    notice = await stranger.find("PT15S", channel="SMS", to=form_of("ucok")["phone"])
    refused = await stranger.verify("123456")

    assert (answer["errors"], answer["registration"]["state"]) == ([], "AWAITING_OTP")
    assert notice is not None
    assert (notice["kind"], notice["code"]) == ("SECURITY_NOTICE", None)
    assert await stranger.find(to=form_of("siti")["phone"]) is None
    assert [error["code"] for error in refused["errors"]] == ["OTP_INVALID"]


async def test_a_password_is_reset_by_mail_and_by_sms(budi: Journey) -> None:
    ucok, laras = budi.of("ucok"), budi.of("laras")
    access = await ucok.access(UCOKS_PASSWORD)

    by_mail = await ucok.mutate("requestPasswordReset", {"kpj": ucok.form["kpj"], "email": ucok.form["email"]})
    done_by_mail = await ucok.mutate("resetPassword", {"token": await ucok.link_token(), "password": PASSWORD})
    values = {"kpj": laras.form["kpj"], "nik": laras.form["nik"], "channel": "SMS"}
    by_sms = await laras.mutate("requestPasswordReset", values)
    values = {"token": by_sms["resetToken"], "code": await laras.code(), "password": PASSWORD}
    done_by_sms = await laras.mutate("resetPassword", values)

    assert (by_mail["accepted"], by_mail["resetToken"]) == (True, None)
    assert (done_by_mail["errors"], done_by_sms["errors"]) == ([], [])
    assert (await ucok.view(access))["errors"][0]["extensions"]["reason"] == "REVOKED"
    assert [error["code"] for error in (await laras.sign_in(LARAS_PASSWORD))["errors"]] == ["INVALID_CREDENTIALS"]
    assert (await laras.sign_in())["errors"] == []
