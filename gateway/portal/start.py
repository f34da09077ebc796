"""The start page: what runs here, who the fictitious people are, and three requests to begin with."""

import json
import shlex
from collections.abc import Sequence

from starlette.responses import Response

from gateway.portal.answers import Unanswered, Values
from gateway.portal.visit import Visit

_ADDRESSES = ("portal", "graphql", "subscriptions", "control", "inbox", "issuer", "smtp", "sms")


async def show(visit: Visit) -> Response:
    """GET /: every address of the world, the ten people, and where to go next."""
    people = await list_people(visit)
    addresses = [
        (name, visit.text(f"portal.address.{name}"), str(getattr(visit.world.urls, name))) for name in _ADDRESSES
    ]
    people_words = [{**person, "stage_words": visit.text(f"portal.stage.{person['stage']}")} for person in people]
    return visit.render(
        "start.html",
        addresses=addresses,
        people=people_words,
        guarded=not visit.portal.show_personas,
        examples=_examples(visit, people),
    )


async def list_people(visit: Visit) -> Sequence[Values]:
    """The fictitious people; none where a control token guards them, or while the control API does not answer."""
    if not visit.portal.show_personas:
        return ()
    try:
        found = await visit.ask_control("personas")
    except Unanswered:
        return ()
    people: Sequence[Values] = found["world"]["personas"] if found["world"] else ()
    return people


def _examples(visit: Visit, people: Sequence[Values]) -> Sequence[tuple[str, str]]:
    """Three requests to copy: begin a sign-up, wait for its code, sign in as somebody who has an account."""
    urls = visit.world.urls
    newcomer = next((person for person in people if person["stage"] == "UNREGISTERED"), None)
    known = next((person for person in people if person["password"]), None)
    if newcomer is None or known is None:
        return ()
    form = {name: newcomer[name] for name in ("kpj", "nik", "birthDate", "phone", "email")}
    start = (
        "mutation Start($input: StartRegistrationInput!) { startRegistration(input: $input) "
        "{ registrationToken registration { state } errors { code message } } }"
    )
    wait = "query Wait($filter: MessageFilter!) { awaitMessage(filter: $filter) { code text receivedAt } }"
    sign_in = (
        "mutation SignIn($input: SignInInput!) { signIn(input: $input) "
        "{ session { accessToken expiresAt } errors { code message } } }"
    )
    login = {"login": known["kpj"], "password": known["password"]}
    return (
        ("start", _curl(urls.graphql, start, {"input": form})),
        ("wait", _curl(urls.control, wait, {"filter": {"to": newcomer["phone"], "kind": "OTP"}})),
        ("sign_in", _curl(urls.graphql, sign_in, {"input": login})),
    )


def _curl(url: str, query: str, variables: Values) -> str:
    body = json.dumps({"query": query, "variables": variables}, ensure_ascii=False)
    return f"curl -s {shlex.quote(url)} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
