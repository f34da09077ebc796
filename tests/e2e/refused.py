"""How each code that the sign-up and the sessions can refuse with is reached, as docs/errors.md says."""

from collections.abc import Awaitable, Callable

from gateway.domain.problem import Code
from tests.e2e.journey import JSON, UCOKS_PASSWORD, Journey, form_of

Case = Callable[[Journey], Awaitable[JSON]]
LOST_REGISTRY = "mutation { injectFault(input: {target: REGISTRY, mode: ERROR}) { id } }"


async def nothing_typed(budi: Journey) -> JSON:
    return await budi.start(kpj="")


async def code_of_letters(budi: Journey) -> JSON:
    await budi.start()
    return await budi.verify("12ab")


async def same_email(budi: Journey) -> JSON:
    await budi.reach_activation()
    return await budi.mutate("resendActivation", {"registrationToken": budi.token, "newEmail": "Budi@Peserta.test"})


async def short_kpj(budi: Journey) -> JSON:
    return await budi.start(kpj="123")


async def short_nik(budi: Journey) -> JSON:
    return await budi.start(nik="123")


async def no_such_day(budi: Journey) -> JSON:
    return await budi.start(birthDate="1988-02-30")


async def land_line(budi: Journey) -> JSON:
    return await budi.start(phone="021 555")


async def half_an_address(budi: Journey) -> JSON:
    return await budi.start(email="budi@")


async def short_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("qZ7#vK9")


async def long_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("kuda-batre-benar " * 4)


async def weak_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("password1")


async def birth_date_in_password(budi: Journey) -> JSON:
    await budi.reach_password()
    return await budi.set_password("kuda-14031988-batre")


async def present_password(budi: Journey) -> JSON:
    ucok = budi.of("ucok")
    values = {"currentPassword": UCOKS_PASSWORD, "newPassword": UCOKS_PASSWORD}
    bearer = {"Authorization": f"Bearer {await ucok.access(UCOKS_PASSWORD)}"}
    return await ucok.mutate("changePassword", values, **bearer)


async def strangers_nik(budi: Journey) -> JSON:
    return await budi.start(nik=form_of("siti")["nik"])


async def account_already(budi: Journey) -> JSON:
    ucok = budi.of("ucok")
    await ucok.start()
    return await ucok.verify()


async def wrong_code(budi: Journey) -> JSON:
    await budi.start()
    right = await budi.code()
    return await budi.verify("000000" if right != "000000" else "000001")


async def old_code(budi: Journey) -> JSON:
    await budi.start()
    await budi.advance("PT5M1S")
    return await budi.verify()


async def code_guessed_five_times(budi: Journey) -> JSON:
    for _ in range(5):
        await wrong_code_again(budi)
    return await budi.verify()


async def wrong_code_again(budi: Journey) -> JSON:
    if not budi.token:
        await budi.start()
    return await budi.verify("000000")


async def code_twice(budi: Journey) -> JSON:
    await budi.start()
    code = await budi.code()
    await budi.verify(code)
    return await budi.verify(code)


async def code_at_once_again(budi: Journey) -> JSON:
    await budi.start()
    return await budi.mutate("resendOtp", {"registrationToken": budi.token})


async def password_before_code(budi: Journey) -> JSON:
    await budi.start()
    return await budi.set_password()


async def left_for_half_an_hour(budi: Journey) -> JSON:
    await budi.start()
    await budi.advance("PT30M1S")
    return await budi.verify()


async def no_token_of_ours(budi: Journey) -> JSON:
    return await budi.activate("x")


async def link_after_a_day(budi: Journey) -> JSON:
    await budi.reach_activation()
    await budi.advance("P1DT1S")
    return await budi.activate()


async def link_twice(budi: Journey) -> JSON:
    await budi.reach_activation()
    token = await budi.link_token()
    await budi.activate(token)
    return await budi.activate(token)


async def wrong_password(budi: Journey) -> JSON:
    return await budi.of("ucok").sign_in("kopi-tanpa-gula")


async def not_active_yet(budi: Journey) -> JSON:
    await budi.reach_activation()
    return await budi.sign_in()


async def five_wrong_passwords(budi: Journey) -> JSON:
    for _ in range(4):
        await wrong_password(budi)
    return await wrong_password(budi)


async def refreshed_twice(budi: Journey) -> JSON:
    session = (await budi.of("ucok").sign_in(UCOKS_PASSWORD))["session"]
    await budi.mutate("refreshSession", {"refreshToken": session["refreshToken"]})
    return await budi.mutate("refreshSession", {"refreshToken": session["refreshToken"]})


async def registry_down(budi: Journey) -> JSON:
    await budi.command(LOST_REGISTRY)
    return await budi.start()


# What each case reaches: its type, the input that is to blame, and the type's own values.
CASES: dict[Code, tuple[Case, str, list[str] | None, JSON]] = {
    Code.REQUIRED: (nothing_typed, "FieldError", ["kpj"], {}),
    Code.INVALID_FORMAT: (code_of_letters, "FieldError", ["code"], {}),
    Code.UNCHANGED: (same_email, "FieldError", ["newEmail"], {}),
    Code.INVALID_KPJ: (short_kpj, "FieldError", ["kpj"], {}),
    Code.INVALID_NIK: (short_nik, "FieldError", ["nik"], {}),
    Code.INVALID_BIRTH_DATE: (no_such_day, "FieldError", ["birthDate"], {}),
    Code.INVALID_PHONE: (land_line, "FieldError", ["phone"], {}),
    Code.INVALID_EMAIL: (half_an_address, "FieldError", ["email"], {}),
    Code.PASSWORD_TOO_SHORT: (short_password, "FieldError", ["password"], {}),
    Code.PASSWORD_TOO_LONG: (long_password, "FieldError", ["password"], {}),
    Code.PASSWORD_TOO_WEAK: (weak_password, "FieldError", ["password"], {}),
    Code.PASSWORD_CONTAINS_IDENTITY: (birth_date_in_password, "FieldError", ["password"], {}),
    Code.PASSWORD_REUSED: (present_password, "FieldError", ["newPassword"], {}),
    Code.MEMBER_NOT_MATCHED: (strangers_nik, "FieldError", None, {}),
    Code.ACCOUNT_EXISTS: (account_already, "FieldError", None, {}),
    Code.OTP_INVALID: (wrong_code, "OtpError", ["code"], {"attemptsLeft": 4}),
    Code.OTP_EXPIRED: (old_code, "OtpError", ["code"], {"attemptsLeft": 5}),
    Code.OTP_LOCKED: (code_guessed_five_times, "OtpError", ["code"], {"attemptsLeft": 0}),
    Code.OTP_ALREADY_USED: (code_twice, "OtpError", ["code"], {"attemptsLeft": 0}),
    Code.RATE_LIMITED: (code_at_once_again, "RateLimitError", None, {"retryAfterSeconds": 60}),
    Code.WRONG_STEP: (password_before_code, "StateError", None, {"state": "AWAITING_OTP"}),
    Code.FLOW_EXPIRED: (left_for_half_an_hour, "StateError", None, {"state": "EXPIRED"}),
    Code.TOKEN_INVALID: (no_token_of_ours, "FieldError", ["token"], {}),
    Code.TOKEN_EXPIRED: (link_after_a_day, "FieldError", ["token"], {}),
    Code.TOKEN_USED: (link_twice, "FieldError", ["token"], {}),
    Code.INVALID_CREDENTIALS: (wrong_password, "FieldError", None, {}),
    Code.ACCOUNT_NOT_ACTIVE: (not_active_yet, "FieldError", None, {}),
    Code.ACCOUNT_LOCKED: (five_wrong_passwords, "RateLimitError", None, {"retryAfterSeconds": 900}),
    Code.SESSION_REVOKED: (refreshed_twice, "FieldError", ["refreshToken"], {}),
    Code.SERVICE_UNAVAILABLE: (registry_down, "ServiceError", None, {"service": "REGISTRY", "retryable": True}),
}
