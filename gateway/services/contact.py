"""Another phone or e-mail: a code from the old contact, a proof from the new one, and a notice to the old one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.account import Account, ActivityKind, Caller, Viewer
from gateway.domain.identity import mask_email, normalise_email, normalise_phone
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChallenge, OtpChannel
from gateway.domain.problem import Code, Problem, Refusal, refuse
from gateway.domain.registration import SentLink
from gateway.models.account import AccountRow
from gateway.models.contact import ContactChangeRow
from gateway.models.expressions import IntegrityError
from gateway.ports import BadToken, ExpiredToken
from gateway.services import account as accounts
from gateway.services import activity, challenge, courier, limit, step_up
from gateway.services.step_up import StepUpPurpose
from gateway.world import World

PHONE: Final = "PHONE"
EMAIL: Final = "EMAIL"
_PURPOSE: Final = "email-change"
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class PendingContacts:
    """New contacts that wait for their proof."""

    email: SentLink | None
    phone: OtpChallenge | None


async def change_phone(world: World, *, viewer: Viewer, new_phone: str, otp: str, caller: Caller) -> OtpChallenge:
    """Take the step-up code and send another one to the new phone.

    Raises Refusal: REQUIRED, INVALID_PHONE, UNCHANGED, STEP_UP_REQUIRED, INVALID_FORMAT, OTP_*.
    """
    phone = normalise_phone(new_phone)
    if phone is None:
        raise refuse(Code.INVALID_PHONE if new_phone.strip() else Code.REQUIRED, "newPhone")
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        if phone == account.phone:
            raise refuse(Code.UNCHANGED, "newPhone")
        step_up.check_shape(world, otp)
        refusal = await step_up.answer(world, account.id, StepUpPurpose.CHANGE_PHONE, otp)
        if refusal is None:
            change = await _begin(world, account, PHONE, phone)
            sent, code = await challenge.create(world, _owner(change), OtpChannel.SMS, phone, deliverable=True)
            minutes = world.limits.otp_ttl_s // 60
            await courier.enqueue_sms(
                world, MessageKind.OTP, phone, "new_phone", caller.locale, code=code, minutes=minutes
            )
            sends = await _sends(world, account.id)
    if refusal is not None:
        raise refusal
    world.agenda.now()
    return challenge.to_domain(world, sent, sends)


async def confirm_phone(world: World, *, viewer: Viewer, code: str, caller: Caller) -> Account:
    """Answer the code that went to the new phone: it replaces the old one, which is told.

    Raises Refusal: REQUIRED, INVALID_FORMAT, OTP_*, WRONG_STEP (no new phone waits; with the account as it stands).
    """
    challenge.check_shape(code, world.limits.otp_length)
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        change = await _latest(account.id, PHONE)
        sent = await challenge.latest(_owner(change)) if change is not None else None
        if change is None or sent is None:
            shown = account.to_domain(world.clock.now())
            raise Refusal(Problem(Code.WRONG_STEP, state=account.status), subject=shown)
        refusal = (await challenge.answer(world, sent, code)).refusal
        if refusal is None:
            await _replace_phone(world, account, change, caller)
    if refusal is not None:
        raise refusal
    world.agenda.now()
    return account.to_domain(world.clock.now())


async def _replace_phone(world: World, account: AccountRow, change: ContactChangeRow, caller: Caller) -> None:
    old, account.phone = account.phone, change.target
    await account.save(update_fields=["phone"])
    await _finish(world, change)
    await activity.record(world, account.id, ActivityKind.PHONE_CHANGED, caller)
    notice = MessageKind.SECURITY_NOTICE
    await courier.enqueue_sms(world, notice, old, "phone_changed", account.locale)
    if account.email is not None:
        await courier.enqueue_mail(world, notice, account.email, "phone_changed", account.locale)


async def change_email(world: World, *, viewer: Viewer, new_email: str, otp: str, caller: Caller) -> None:
    """Take the step-up code and send a link to the new address.

    An address that another account uses gets a notice instead of a link; the answer is the same.
    Raises Refusal: REQUIRED, INVALID_EMAIL, UNCHANGED, STEP_UP_REQUIRED, INVALID_FORMAT, OTP_*.
    """
    email = normalise_email(new_email)
    if email is None:
        raise refuse(Code.INVALID_EMAIL if new_email.strip() else Code.REQUIRED, "newEmail")
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        if email == account.email:
            raise refuse(Code.UNCHANGED, "newEmail")
        step_up.check_shape(world, otp)
        refusal = await step_up.answer(world, account.id, StepUpPurpose.CHANGE_EMAIL, otp)
        if refusal is None:
            change = await _begin(world, account, EMAIL, email)
            await _send_link(world, change, caller)
    if refusal is not None:
        raise refusal
    world.agenda.now()


async def _send_link(world: World, change: ContactChangeRow, caller: Caller) -> None:
    if await AccountRow.filter(email=change.target).exists():
        notice = MessageKind.SECURITY_NOTICE
        await courier.enqueue_mail(world, notice, change.target, "email_taken", caller.locale)
        return
    token = world.signer.sign(_PURPOSE, {"c": change.id})
    link = f"{world.urls.portal}/email-baru?token={token}"
    hours = world.limits.email_change_ttl_s // 3600
    kind = MessageKind.EMAIL_CHANGE
    await courier.enqueue_mail(world, kind, change.target, "email_change", caller.locale, link=link, hours=hours)


async def confirm_email(world: World, *, token: str, caller: Caller) -> None:
    """Use the link that went to the new address: it replaces the old one, which is told. It can be used once.

    Raises Refusal: REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_USED, and ACCOUNT_EXISTS when another account has
    taken the address meanwhile.
    """
    if not token.strip():
        raise refuse(Code.REQUIRED, "token")
    try:
        payload = world.signer.read(_PURPOSE, token.strip(), world.limits.email_change_ttl_s)
    except BadToken:
        raise refuse(Code.TOKEN_INVALID, "token") from None
    except ExpiredToken:
        raise refuse(Code.TOKEN_EXPIRED, "token") from None
    try:
        async with world.store.writing():
            await _replace_email(world, payload, caller)
    except IntegrityError:
        raise refuse(Code.ACCOUNT_EXISTS, text="error.ACCOUNT_EXISTS.email") from None
    world.agenda.now()


async def _replace_email(world: World, payload: dict[str, object], caller: Caller) -> None:
    change = await ContactChangeRow.select_for_update().get_or_none(id=payload["c"], kind=EMAIL)
    account = await AccountRow.select_for_update().get_or_none(id=change.account_id) if change is not None else None
    if change is None or account is None:
        raise refuse(Code.TOKEN_INVALID, "token")
    if change.done_at is not None:
        raise refuse(Code.TOKEN_USED, "token")
    newer = ContactChangeRow.filter(account_id=account.id, kind=EMAIL, id__gt=change.id)
    if await newer.exists():
        raise refuse(Code.TOKEN_INVALID, "token")
    old, account.email = account.email, change.target
    await account.save(update_fields=["email"])
    await _finish(world, change)
    await activity.record(world, account.id, ActivityKind.EMAIL_CHANGED, caller)
    notice = MessageKind.SECURITY_NOTICE
    if old is not None:
        await courier.enqueue_mail(world, notice, old, "email_changed", account.locale)
    await courier.enqueue_sms(world, notice, account.phone, "email_changed", account.locale)


async def find_pending(world: World, *, account_id: int) -> PendingContacts:
    """The new contacts that wait for their proof, while they may still be proved."""
    async with world.store.reading():
        email, phone = await _latest(account_id, EMAIL), await _latest(account_id, PHONE)
        sent = await challenge.latest(_owner(phone)) if phone is not None else None
        sends = await _sends(world, account_id) if sent is not None else 0
    now = world.clock.now()
    link = _link(world, email) if email is not None else None
    return PendingContacts(
        email=link if link is not None and link.expires_at > now else None,
        phone=challenge.to_domain(world, sent, sends) if sent is not None and sent.expires_at > now else None,
    )


async def find_cool_down(world: World, *, account_id: int) -> datetime | None:
    """Until when no claim may be sent in after a contact was changed; None if none is cooling down.

    Source: domain notes 8 (24 hours, assumed).
    """
    async with world.store.reading():
        return await read_cool_down(world, account_id)


async def read_cool_down(world: World, account_id: int) -> datetime | None:
    """As `find_cool_down`, inside the caller's open transaction or read."""
    done = ContactChangeRow.filter(account_id=account_id, done_at__not_isnull=True)
    latest = await done.order_by("-done_at").first()
    if latest is None or latest.done_at is None:
        return None
    until = latest.done_at + timedelta(seconds=world.limits.contact_cool_down_s)
    return until if until > world.clock.now() else None


async def _begin(world: World, account: AccountRow, kind: str, target: str) -> ContactChangeRow:
    return await ContactChangeRow.create(account_id=account.id, kind=kind, target=target, created_at=world.clock.now())


async def _finish(world: World, change: ContactChangeRow) -> None:
    await ContactChangeRow.filter(id=change.id).update(done_at=world.clock.now())


async def _latest(account_id: int, kind: str) -> ContactChangeRow | None:
    """The change that counts, if it is not done: a newer one ends the older."""
    found = await ContactChangeRow.filter(account_id=account_id, kind=kind).order_by("-id").first()
    return found if found is not None and found.done_at is None else None


async def _sends(world: World, account_id: int) -> int:
    key = world.ids.key("step_up", str(account_id))
    return len(await limit.count(world, limit.STEP_UP, key, _HOUR_S))


def _owner(change: ContactChangeRow) -> str:
    return f"contact:{change.id}"


def _link(world: World, change: ContactChangeRow) -> SentLink:
    return SentLink(
        masked_target=mask_email(change.target),
        sent_at=change.created_at,
        expires_at=change.created_at + timedelta(seconds=world.limits.email_change_ttl_s),
        resend_at=change.created_at + timedelta(seconds=world.limits.otp_resend_s),
    )
