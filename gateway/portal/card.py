"""Whether a card is true: the page that its QR leads to, for anybody."""

from starlette.responses import Response

from gateway.portal.visit import Visit


async def show(visit: Visit) -> Response:
    """GET /kartu?token=: what the code on a card proves now, everything about its holder masked."""
    proved = (await visit.ask("verify_card", {"token": visit.query.get("token", "")}))["verifyCard"]
    status_words = visit.text(f"portal.status.{proved['status']}") if proved["valid"] else ""
    return visit.render("card.html", proved=proved, status_words=status_words)
