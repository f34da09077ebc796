"""The activation mail: waiting for it, opening its link, having it sent again."""

from urllib.parse import urlencode

from starlette.responses import Response

from gateway.portal import flow
from gateway.portal.visit import Visit


async def show_wait(visit: Visit) -> Response:
    """GET /daftar/cek-email: where the mail went. Once the link was used, this page leads on to signing in.

    It does not reload itself: that would take the page away from under somebody who reads or types.
    Source: WCAG 2.2 success criterion 2.2.1.
    """
    registration = await flow.find(visit)
    elsewhere = flow.due(visit, registration, "AWAITING_ACTIVATION")
    if elsewhere is not None:
        return elsewhere
    assert registration is not None, "a sign-up that is not there was sent away"
    asked = "ubah" in visit.query
    return visit.render("check_mail.html", registration=registration, link=registration["activation"], asked=asked)


async def resend(visit: Visit) -> Response:
    """POST /daftar/cek-email: send the mail again, to another address if one is given."""
    given: dict[str, object] = {"registrationToken": flow.token_of(visit)}
    if "newEmail" in visit.form:
        given["newEmail"] = visit.form["newEmail"].strip()
    payload = await visit.change("resend_activation", **given)
    if any(problem.field == "newEmail" for problem in payload.problems):
        return visit.go("/daftar/cek-email?ubah=1", problems=payload.problems)
    if payload.problems:
        return flow.refused(visit, payload, "AWAITING_ACTIVATION")
    return visit.go("/daftar/cek-email", notice=visit.text("portal.wait.sent"))


async def show_link(visit: Visit) -> Response:
    """GET /aktivasi?token=: a page with a button. Mail scanners open links, so only the button uses the token up."""
    token = visit.query.get("token", "")
    if not token:
        return visit.go("/aktivasi/kirim-ulang")
    return visit.render("activate.html", token=token)


async def use_link(visit: Visit) -> Response:
    """POST /aktivasi: activate the account."""
    token = visit.form.get("token", "")
    payload = await visit.change("activate_account", token=token)
    if payload.problems:
        return visit.go(f"/aktivasi?{urlencode({'token': token})}", problems=payload.problems)
    visit.jar.forget("registration")
    return visit.go("/aktivasi/berhasil")


async def show_done(visit: Visit) -> Response:
    """GET /aktivasi/berhasil: the account is active; on to signing in."""
    return visit.render("activated.html")


async def show_request(visit: Visit) -> Response:
    """GET /aktivasi/kirim-ulang: ask for a new link by KPJ and e-mail, also from another browser."""
    return visit.render("request_mail.html", values={})


async def request_mail(visit: Visit) -> Response:
    """POST /aktivasi/kirim-ulang: the answer is the same whether or not such a sign-up exists."""
    given = {name: visit.form.get(name, "").strip() for name in ("kpj", "email")}
    payload = await visit.change("request_activation_mail", **given)
    if payload.problems:
        return visit.render("request_mail.html", status=422, problems=payload.problems, values=given)
    return visit.go("/aktivasi/kirim-ulang", notice=visit.text("portal.request_mail.done"))
