"""The sign-up's form and its password."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from gateway.portal import flow
from gateway.portal.answers import Values
from gateway.portal.start import list_people
from gateway.portal.visit import Visit

FIELDS: Final = ("kpj", "nik", "birthDate", "phone", "email")


async def show_form(visit: Visit) -> Response:
    """GET /daftar: what to have at hand, and the form; `?persona=budi` fills it with a fictitious person."""
    filled: Values = {}
    wanted = visit.query.get("persona")
    if wanted is not None:
        people = await list_people(visit)
        filled = next((person for person in people if person["key"] == wanted), {})
    underway = await flow.find(visit)
    going_on = flow.STEPS.get(str(underway["state"])) if underway and underway["state"] != "ACTIVE" else None
    values = {name: filled.get(name, "") for name in FIELDS}
    return visit.render("form.html", values=values, going_on=going_on, underway=underway)


async def submit_form(visit: Visit) -> Response:
    """POST /daftar: begin the sign-up.

    A refused form is shown again in this very answer, not after a redirect: what was typed stays in the page and is
    never kept in a cookie.
    """
    given = {name: visit.form.get(name, "").strip() for name in FIELDS}
    payload = await visit.change("start_registration", **given)
    if payload.problems:
        return visit.render(
            "form.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            problems=payload.problems,
            values=given,
            going_on=None,
            underway=None,
        )
    visit.jar.keep("registration", {"token": payload.values["registrationToken"]})
    return visit.go("/daftar/otp")


async def cancel(visit: Visit) -> Response:
    """POST /daftar/batal: end the sign-up under way, so that the KPJ is free for a new one."""
    token = flow.token_of(visit)
    if token:
        await visit.change("cancel_registration", registrationToken=token)
    return flow.begin_anew(visit, "portal.flow.ended.CANCELLED")


async def show_password(visit: Visit) -> Response:
    """GET /daftar/sandi: the password and its rules."""
    registration = await flow.find(visit)
    elsewhere = flow.due(visit, registration, "AWAITING_PASSWORD")
    if elsewhere is not None:
        return elsewhere
    rules = (await visit.ask("password_rules"))["passwordRules"]
    return visit.render("password.html", rules=rules, registration=registration)


async def submit_password(visit: Visit) -> Response:
    """POST /daftar/sandi: set the password, which sends the activation mail."""
    password = visit.form.get("password", "")
    payload = await visit.change("set_password", registrationToken=flow.token_of(visit), password=password)
    if payload.problems:
        return flow.refused(visit, payload, "AWAITING_PASSWORD")
    return visit.go("/daftar/cek-email")
