"""A forgotten password: asking for the link, and the page that the link opens."""

from urllib.parse import urlencode

from starlette.responses import Response

from gateway.portal.visit import Visit


async def show_request(visit: Visit) -> Response:
    """GET /lupa-sandi: ask for a link by KPJ and e-mail."""
    return visit.render("forgotten.html", values={})


async def request_link(visit: Visit) -> Response:
    """POST /lupa-sandi: the answer is the same whether or not such an account exists."""
    given = {name: visit.form.get(name, "").strip() for name in ("kpj", "email")}
    payload = await visit.change("request_password_reset", **given)
    if payload.problems:
        return visit.render("forgotten.html", status=422, problems=payload.problems, values=given)
    return visit.go("/lupa-sandi", notice=visit.text("portal.forgotten.done"))


async def show_link(visit: Visit) -> Response:
    """GET /sandi-baru?token=: choose a new password."""
    token = visit.query.get("token", "")
    if not token:
        return visit.go("/lupa-sandi")
    rules = (await visit.ask("password_rules"))["passwordRules"]
    return visit.render("new_password.html", token=token, rules=rules)


async def use_link(visit: Visit) -> Response:
    """POST /sandi-baru: set the new password; only this uses the token up."""
    token = visit.form.get("token", "")
    payload = await visit.change("reset_password", token=token, password=visit.form.get("password", ""))
    if payload.problems:
        return visit.go(f"/sandi-baru?{urlencode({'token': token})}", problems=payload.problems)
    visit.jar.forget("access", "identity")
    return visit.go("/masuk/pilih", notice=visit.text("portal.new_password.done"))
