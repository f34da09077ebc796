"""The sign-up's code: entering it and having it sent again."""

from typing import Final

from starlette.responses import Response

from gateway.portal import flow
from gateway.portal.visit import Visit

_CHANNELS: Final = ("SMS", "EMAIL")


async def show(visit: Visit) -> Response:
    """GET /daftar/otp: where the code went, how long it lives, how many attempts are left."""
    registration = await flow.find(visit)
    elsewhere = flow.due(visit, registration, "AWAITING_OTP")
    if elsewhere is not None:
        return elsewhere
    assert registration is not None, "a sign-up that is not there was sent away"
    return visit.render("otp.html", registration=registration, otp=registration["otp"])


async def submit(visit: Visit) -> Response:
    """POST /daftar/otp: check the code. The answer is a redirect, so that a reload does not use up an attempt."""
    code = visit.form.get("code", "")
    payload = await visit.change("verify_otp", registrationToken=flow.token_of(visit), code=code)
    if payload.codes == {"OTP_ALREADY_USED"}:
        return visit.go("/daftar/sandi")
    if payload.problems:
        return flow.refused(visit, payload, "AWAITING_OTP")
    return visit.go("/daftar/sandi")


async def resend(visit: Visit) -> Response:
    """POST /daftar/otp/kirim-ulang: a new code by SMS or e-mail."""
    wanted = visit.form.get("channel", "")
    channel = wanted if wanted in _CHANNELS else _CHANNELS[0]
    payload = await visit.change("resend_otp", registrationToken=flow.token_of(visit), channel=channel)
    if payload.problems:
        return flow.refused(visit, payload, "AWAITING_OTP")
    return visit.go("/daftar/otp", notice=visit.text(f"portal.otp.sent.{channel}"))
