"""The outbox: a message is a row of the transaction that caused it and goes out after commit, at least once."""

from collections.abc import Collection

import structlog

from gateway.domain.decision import Decision
from gateway.domain.message import Channel, MessageKind, OutgoingMail, OutgoingSms
from gateway.models.account import AccountRow
from gateway.models.outbox import OutboxRow
from gateway.models.prepared import change, find_all
from gateway.ports import DeliveryFailed
from gateway.texts import render_mail, render_sms, sentence
from gateway.world import World

log = structlog.get_logger(__name__)

QUEUED, SENT, FAILED = "QUEUED", "SENT", "FAILED"
_BATCH = 50


async def enqueue_mail(world: World, kind: MessageKind, to: str, template: str, locale: str, **params: object) -> None:
    """Put a mail into the outbox, inside the caller's transaction; it leaves once that is committed."""
    mail = render_mail(template, locale, **params)
    await OutboxRow.create(
        message_id=f"<{world.ids.token()}.{world.id}@peserta.test>",
        channel=Channel.EMAIL,
        kind=kind,
        target=to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        state=QUEUED,
        queued_at=world.clock.now(),
    )


async def enqueue_sms(world: World, kind: MessageKind, to: str, template: str, locale: str, **params: object) -> None:
    """Put a text message into the outbox, inside the caller's transaction."""
    await OutboxRow.create(
        message_id=f"{world.ids.token()}.{world.id}",
        channel=Channel.SMS,
        kind=kind,
        target=to,
        text=render_sms(template, locale, **params),
        state=QUEUED,
        queued_at=world.clock.now(),
    )


async def enqueue_decision(world: World, account: AccountRow, about: str, decision: Decision) -> None:
    """Tell an account's owner by mail what was decided `about` a merge or a dispute, in the account's language."""
    if account.email is not None:
        told = _three_parts(account.locale, decision)
        subject = sentence(account.locale, f"decision.about.{about}")
        await enqueue_mail(world, MessageKind.OTHER, account.email, "decision", account.locale, about=subject, **told)


async def enqueue_claim_notice(world: World, account: AccountRow, number: str, decision: Decision) -> None:
    """Tell an account's owner by mail where a claim stands, in the account's language. No amount is named."""
    if account.email is not None:
        told = _three_parts(account.locale, decision)
        kind = MessageKind.CLAIM_NOTICE
        await enqueue_mail(world, kind, account.email, "claim_notice", account.locale, number=number, **told)


def _three_parts(locale: str, decision: Decision) -> dict[str, str]:
    parts = ("hasil", "sebab", "tindak_lanjut")
    return {part: sentence(locale, f"decision.{decision.key}.{part}", **decision.params) for part in parts}


async def deliver(world: World) -> tuple[list[str], bool]:
    """Send what is queued, oldest first; answers what went out and whether anything is left for a later try.

    A channel that fails for now rests until the next pass, so that each recipient's messages keep their order; the
    other channel goes on. Must not run twice at once in a world: `world.agenda` sees to that. A crash between sending
    and marking sends again with the same message id, and the receiver drops the repeat.
    """
    done: list[str] = []
    resting: set[str] = set()
    while rows := await _next_batch(world, resting):
        for row in rows:
            if row.channel in resting:
                continue
            state = await _send(world, row)
            await _mark(world, row, state)
            if state == QUEUED:
                resting.add(row.channel)
            else:
                done.append(f"courier.{state.lower()} {row.channel} {row.kind}")
    return done, bool(resting)


async def _next_batch(world: World, resting: Collection[str]) -> list[OutboxRow]:
    async with world.store.reading():
        if not resting:
            return await find_all(OutboxRow, limit=_BATCH, state=QUEUED)
        return await OutboxRow.filter(state=QUEUED, channel__not_in=list(resting)).order_by("id").limit(_BATCH)


async def _send(world: World, row: OutboxRow) -> str:
    """Try to send one message; answers the state that it is in afterwards."""
    kind = MessageKind(row.kind)
    try:
        if row.channel == Channel.SMS:
            await world.sms.send(OutgoingSms(row.message_id, kind, row.target, row.text))
        else:
            mail = OutgoingMail(row.message_id, kind, row.target, row.subject or "", row.text, row.html or "")
            await world.mail.send(mail)
    except DeliveryFailed as failure:
        log.warning("message.not_sent", world=world.id, outbox=row.id, channel=row.channel, reason=str(failure))
        return FAILED if failure.permanent else QUEUED
    return SENT


async def _mark(world: World, row: OutboxRow, state: str) -> None:
    """The text goes once the row is at its end: codes and links are kept no longer than they are needed."""
    changes: dict[str, object] = {"state": state, "attempts": row.attempts + 1}
    if state != QUEUED:
        changes |= {"sent_at": world.clock.now(), "text": "", "html": None}
    async with world.store.writing():
        await change(OutboxRow, changes, id=row.id, state=QUEUED)
