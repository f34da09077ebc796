"""The balance: the first page behind the sign-in."""

from http import HTTPStatus

from starlette.responses import Response

from gateway.portal.answers import Unanswered
from gateway.portal.visit import Visit


async def show(visit: Visit) -> Response:
    """GET /saldo: the balance, its growth by year, and every membership.

    A session that is over is told, not sent to the provider at once: a token that is never taken would go in circles.
    """
    if not visit.jar.plain("access"):
        return visit.go("/masuk")
    try:
        viewer = (await visit.ask("balance"))["viewer"]
    except Unanswered as unanswered:
        if unanswered.code != "UNAUTHENTICATED":
            raise
        visit.jar.forget("access", "identity")
        return visit.render("sign_in.html", status=HTTPStatus.UNAUTHORIZED, ended=True)
    member = viewer["member"] if viewer else None
    memberships = [
        {
            **one,
            "segment_words": visit.text(f"portal.segment.{one['segment']}"),
            "status_words": visit.text(f"portal.status.{one['status']}"),
        }
        for one in (member or {}).get("memberships") or ()
    ]
    status_words = visit.text(f"portal.status.{member['status']}") if member else ""
    return visit.render(
        "balance.html", viewer=viewer, member=member, memberships=memberships, status_words=status_words
    )
