"""Every code that the sign-up and the sessions can refuse with, reached over GraphQL as docs/errors.md says."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.domain.problem import Code
from gateway.texts import sentence
from tests.e2e.journey import JSON, LARAS_PASSWORD, PASSWORD, UCOKS_PASSWORD, Journey, form_of

pytestmark = pytest.mark.e2e

Case = Callable[[Journey], Awaitable[JSON]]
LOST_REGISTRY = "mutation { injectFault(input: {target: REGISTRY, mode: ERROR}) { id } }"


async def _nothing_typed(budi: Journey) -> JSON:
    return await budi.start(kpj="")


async def _code_of_letters(budi: Journey) -> JSON:
    await budi.start()
    return await budi.verify("12ab")


async def _same_email(budi: Journey) -> JSON:
    await budi.reach_activation()
    await budi.advance("PT1M")
    return await budi.mutate("resendActivation", {"registrationToken": budi.token, "newEmail": "Budi@Peserta.test"})


async def _short_kpj(budi: Journey) -> JSON:
    return await budi.start(kpj="123")


async def _short_nik(budi: Journey) -> JSON:
    return await budi.start(nik="123")


async def _no_such_day(budi: Journey) -> JSON:
    return await budi.start(birthDate="1988-02-30")


async def _land_line(budi: Journey) -> JSON:
    return await budi.start(phone="021 555")


async def _half_an_address(budi: Journey) -> JSON:
    return await budi.start(email="budi@")


async def _short_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("qZ7#vK9")


async def _long_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("kuda-batre-benar " * 4)


async def _weak_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("password1")


async def _birth_date_in_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("kuda-14031988-batre")


async def _present_password(budi: Journey) -> JSON:
    ucok = budi.of("ucok")
    values = {"currentPassword": UCOKS_PASSWORD, "newPassword": UCOKS_PASSWORD}
    bearer = {"Authorization": f"Bearer {await ucok.access(UCOKS_PASSWORD)}"}
    return await ucok.mutate("changePassword", values, **bearer)


async def _strangers_nik(budi: Journey) -> JSON:
    return await budi.start(nik=form_of("siti")["nik"])


async def _account_already(budi: Journey) -> JSON:
    ucok = budi.of("ucok")
    await ucok.start()
    return await ucok.verify()


async def _wrong_code(budi: Journey) -> JSON:
    await budi.start()
    right = await budi.code()
    return await budi.verify("000000" if right != "000000" else "000001")


async def _old_code(budi: Journey) -> JSON:
    await budi.start()
    await budi.advance("PT5M1S")
    return await budi.verify()


async def _code_guessed_five_times(budi: Journey) -> JSON:
    for _ in range(5):
        await _wrong_code_again(budi)
    return await budi.verify()


async def _wrong_code_again(budi: Journey) -> JSON:
    if not budi.token:
        await budi.start()
    return await budi.verify("000000")


async def _code_twice(budi: Journey) -> JSON:
    await budi.start()
    code = await budi.code()
    await budi.verify(code)
    return await budi.verify(code)


async def _code_at_once_again(budi: Journey) -> JSON:
    await budi.start()
    return await budi.mutate("resendOtp", {"registrationToken": budi.token})


async def _password_before_code(budi: Journey) -> JSON:
    await budi.start()
    return await budi.set_password()


async def _left_for_half_an_hour(budi: Journey) -> JSON:
    await budi.start()
    await budi.advance("PT30M1S")
    return await budi.verify()


async def _no_token_of_ours(budi: Journey) -> JSON:
    return await budi.activate("x")


async def _link_after_a_day(budi: Journey) -> JSON:
    await budi.reach_activation()
    await budi.advance("P1DT1S")
    return await budi.activate()


async def _link_twice(budi: Journey) -> JSON:
    await budi.reach_activation()
    token = await budi.link_token()
    await budi.activate(token)
    return await budi.activate(token)


async def _wrong_password(budi: Journey) -> JSON:
    return await budi.of("ucok").sign_in("kopi-tanpa-gula")


async def _not_active_yet(budi: Journey) -> JSON:
    await budi.reach_activation()
    return await budi.sign_in()


async def _five_wrong_passwords(budi: Journey) -> JSON:
    for _ in range(4):
        await _wrong_password(budi)
    return await _wrong_password(budi)


async def _refreshed_twice(budi: Journey) -> JSON:
    session = (await budi.of("ucok").sign_in(UCOKS_PASSWORD))["session"]
    await budi.mutate("refreshSession", {"refreshToken": session["refreshToken"]})
    return await budi.mutate("refreshSession", {"refreshToken": session["refreshToken"]})


async def _registry_down(budi: Journey) -> JSON:
    await budi.command(LOST_REGISTRY)
    return await budi.start()


# What each case reaches: its type, the input that is to blame, and the type's own values.
CASES: dict[Code, tuple[Case, str, list[str] | None, JSON]] = {
    Code.REQUIRED: (_nothing_typed, "FieldError", ["kpj"], {}),
    Code.INVALID_FORMAT: (_code_of_letters, "FieldError", ["code"], {}),
    Code.UNCHANGED: (_same_email, "FieldError", ["newEmail"], {}),
    Code.INVALID_KPJ: (_short_kpj, "FieldError", ["kpj"], {}),
    Code.INVALID_NIK: (_short_nik, "FieldError", ["nik"], {}),
    Code.INVALID_BIRTH_DATE: (_no_such_day, "FieldError", ["birthDate"], {}),
    Code.INVALID_PHONE: (_land_line, "FieldError", ["phone"], {}),
    Code.INVALID_EMAIL: (_half_an_address, "FieldError", ["email"], {}),
    Code.PASSWORD_TOO_SHORT: (_short_password, "FieldError", ["password"], {}),
    Code.PASSWORD_TOO_LONG: (_long_password, "FieldError", ["password"], {}),
    Code.PASSWORD_TOO_WEAK: (_weak_password, "FieldError", ["password"], {}),
    Code.PASSWORD_CONTAINS_IDENTITY: (_birth_date_in_password, "FieldError", ["password"], {}),
    Code.PASSWORD_REUSED: (_present_password, "FieldError", ["newPassword"], {}),
    Code.MEMBER_NOT_MATCHED: (_strangers_nik, "FieldError", None, {}),
    Code.ACCOUNT_EXISTS: (_account_already, "FieldError", None, {}),
    Code.OTP_INVALID: (_wrong_code, "OtpError", ["code"], {"attemptsLeft": 4}),
    Code.OTP_EXPIRED: (_old_code, "OtpError", ["code"], {"attemptsLeft": 5}),
    Code.OTP_LOCKED: (_code_guessed_five_times, "OtpError", ["code"], {"attemptsLeft": 0}),
    Code.OTP_ALREADY_USED: (_code_twice, "OtpError", ["code"], {"attemptsLeft": 0}),
    Code.RATE_LIMITED: (_code_at_once_again, "RateLimitError", None, {"retryAfterSeconds": 60}),
    Code.WRONG_STEP: (_password_before_code, "StateError", None, {"state": "AWAITING_OTP"}),
    Code.FLOW_EXPIRED: (_left_for_half_an_hour, "StateError", None, {"state": "EXPIRED"}),
    Code.TOKEN_INVALID: (_no_token_of_ours, "FieldError", ["token"], {}),
    Code.TOKEN_EXPIRED: (_link_after_a_day, "FieldError", ["token"], {}),
    Code.TOKEN_USED: (_link_twice, "FieldError", ["token"], {}),
    Code.INVALID_CREDENTIALS: (_wrong_password, "FieldError", None, {}),
    Code.ACCOUNT_NOT_ACTIVE: (_not_active_yet, "FieldError", None, {}),
    Code.ACCOUNT_LOCKED: (_five_wrong_passwords, "RateLimitError", None, {"retryAfterSeconds": 900}),
    Code.SESSION_REVOKED: (_refreshed_twice, "FieldError", ["refreshToken"], {}),
    Code.SERVICE_UNAVAILABLE: (_registry_down, "ServiceError", None, {"service": "REGISTRY", "retryable": True}),
}


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
    assert refused[0]["message"].split("{")[0]
    assert _is_in(language, code, refused[0]["message"])


def _is_in(language: str, code: Code, message: str) -> bool:
    """Whether the message is one of the catalogue's sentences for that code in that language."""
    filled = {"seconds": 0, "minutes": 0, "attempts_left": 0, "length": 6}
    names = [f"error.{code}", f"error.{code}.code", f"error.{code}.registration"]
    other = "en" if language == "id" else "id"
    own = [_known(language, name, filled) for name in names]
    foreign = [_known(other, name, filled) for name in names]
    beginning = message[:12]
    return any(text and text.startswith(beginning) for text in own) and not any(
        text and text.startswith(beginning) for text in foreign
    )


def _known(language: str, name: str, filled: dict[str, int]) -> str | None:
    try:
        return sentence(language, name, **filled)
    except KeyError:
        return None


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
    refused = await _password_before_code(budi)

    assert refused["registration"]["state"] == "AWAITING_OTP"


async def test_the_fifth_wrong_code_locks_and_the_card_is_free_after_a_quarter_of_an_hour(budi: Journey) -> None:
    await budi.start()
    codes = [(await _wrong_code_again(budi))["errors"][0]["code"] for _ in range(5)]

    early = await budi.start()
    await budi.advance("PT15M")
    late = await budi.start()

    assert codes == ["OTP_INVALID"] * 4 + ["OTP_LOCKED"]
    assert [error["code"] for error in early["errors"]] == ["RATE_LIMITED"]
    assert 0 < early["errors"][0]["retryAfterSeconds"] <= 900
    assert late["errors"] == []


async def test_a_locked_login_opens_after_a_quarter_of_an_hour_and_its_owner_was_told(budi: Journey) -> None:
    ucok = budi.of("ucok")
    await _five_wrong_passwords(budi)

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
    codes = [(await _strangers_nik(budi))["errors"][0]["code"] for _ in range(11)]
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
