"""The sign-up that this browser has begun: where it stands, and which page is due."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from gateway.portal.answers import Payload, Values
from gateway.portal.visit import Visit

STEPS: Final[Mapping[str, str]] = {
    "AWAITING_OTP": "/daftar/otp",
    "AWAITING_PASSWORD": "/daftar/sandi",
    "AWAITING_ACTIVATION": "/daftar/cek-email",
    "ACTIVE": "/aktivasi/berhasil",
}
# After these refusals the sign-up is over, whatever the page was about to do.
ENDED: Final = frozenset({"FLOW_EXPIRED", "OTP_LOCKED", "ACCOUNT_EXISTS"})


def token_of(visit: Visit) -> str:
    """The token of the sign-up under way; empty if this browser has none."""
    kept = visit.jar.recall("registration") or {}
    return str(kept.get("token", ""))


async def find(visit: Visit) -> Values | None:
    """The sign-up under way in this browser, as it stands; None if there is none."""
    token = token_of(visit)
    if not token:
        return None
    found: Values | None = (await visit.ask("registration", {"token": token}))["registration"]
    return found


def due(visit: Visit, registration: Values | None, step: str) -> Response | None:
    """Where to send a browser that is at `step` but should not be; None if it is right there."""
    if registration is None:
        return begin_anew(visit, "portal.flow.lost")
    state = str(registration["state"])
    if state not in STEPS:
        return begin_anew(visit, f"portal.flow.ended.{state}")
    return None if state == step else visit.go(STEPS[state])


def begin_anew(visit: Visit, notice: str) -> Response:
    """Send the browser to an empty form and say why."""
    visit.jar.forget("registration")
    return visit.go("/daftar", notice=visit.text(notice))


def refused(visit: Visit, payload: Payload, step: str) -> Response:
    """Where a refused step leads: on to the step that is due, back to an empty form, or back to the same page."""
    state = str((payload.values.get("registration") or {}).get("state", ""))
    if "WRONG_STEP" in payload.codes and state in STEPS:
        return visit.go(STEPS[state])
    lost = any(problem.code == "TOKEN_INVALID" for problem in payload.problems)
    if lost or "WRONG_STEP" in payload.codes or payload.codes & ENDED:
        visit.jar.forget("registration")
        path = "/masuk/pilih" if "ACCOUNT_EXISTS" in payload.codes else "/daftar"
        return visit.go(path, notice=payload.problems[0].message)
    return visit.go(STEPS[step], problems=payload.problems)
