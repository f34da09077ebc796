"""The link to a new e-mail address: a page with a button, and what became of it."""

from urllib.parse import urlencode

from starlette.responses import Response

from gateway.portal.visit import Visit


async def show_link(visit: Visit) -> Response:
    """GET /email-baru?token=: a page with a button. Mail scanners open links, so only the button uses the token up."""
    token = visit.query.get("token", "")
    if not token:
        return visit.go("/")
    return visit.render("new_email.html", token=token)


async def use_link(visit: Visit) -> Response:
    """POST /email-baru: the new address replaces the old one."""
    token = visit.form.get("token", "")
    payload = await visit.change("confirm_email", token=token)
    if payload.problems:
        return visit.go(f"/email-baru?{urlencode({'token': token})}", problems=payload.problems)
    return visit.go("/email-baru/berhasil")


async def show_done(visit: Visit) -> Response:
    """GET /email-baru/berhasil: the new address signs in from now on."""
    return visit.render("email_changed.html")
