"""The sign-up's row: finding it by its token, whether it still lives, and how it is shown.

Everything here is called inside the caller's open transaction or read.
"""

from datetime import datetime, timedelta

from gateway.domain.account import AccountStatus
from gateway.domain.identity import mask_email, mask_phone
from gateway.domain.problem import Code, Problem, Refusal, refuse
from gateway.domain.registration import OPEN_STATES, Registration, RegistrationState, SentLink
from gateway.models.account import AccountRow
from gateway.models.prepared import find_one
from gateway.models.registration import ChallengeRow, RegistrationRow
from gateway.services import challenge, limit
from gateway.services.limit import Count
from gateway.world import World

_HOUR_S = 3600


def topic_of(registration_id: int) -> str:
    """The bus topic on which a sign-up's changes are told."""
    return f"registration:{registration_id}"


def topic(row: RegistrationRow) -> str:
    """The bus topic of a sign-up."""
    return topic_of(row.id)


def owner(row: RegistrationRow) -> str:
    """The owner of a sign-up's challenges."""
    return f"registration:{row.id}"


async def find_row(world: World, token: str, *, hold: bool = False) -> RegistrationRow:
    """The sign-up behind a registration token. Raises Refusal TOKEN_INVALID.

    With `hold` whoever else would change it waits until this transaction ends, and then finds it changed.
    """
    row = await find_one(RegistrationRow, hold=hold, token_hash=world.ids.key("registration", token))
    if row is None:
        raise refuse(Code.TOKEN_INVALID, "registrationToken", text="error.TOKEN_INVALID.registration")
    return row


async def load(world: World, token: str, *states: RegistrationState, hold: bool = False) -> RegistrationRow:
    """The sign-up behind a token, alive and at one of `states`; `hold` as in `find_row`.

    Raises Refusal: TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP (with the sign-up as it stands).
    """
    row = await find_row(world, token, hold=hold)
    check_alive(world, row)
    if row.state not in states:
        raise await wrong_step(world, row)
    return row


def check_alive(world: World, row: RegistrationRow) -> None:
    """Raises Refusal FLOW_EXPIRED once the sign-up's time is over."""
    if state_of(world, row) is RegistrationState.EXPIRED:
        raise refuse(Code.FLOW_EXPIRED, state=RegistrationState.EXPIRED.value)


def state_of(world: World, row: RegistrationRow) -> RegistrationState:
    """The state at this moment: an open sign-up past its time is EXPIRED, even before the sweeper has seen it."""
    state = RegistrationState(row.state)
    over = state in OPEN_STATES and row.expires_at <= world.clock.now()
    return RegistrationState.EXPIRED if over else state


async def wrong_step(world: World, row: RegistrationRow) -> Refusal:
    """The refusal for a step that is not the one to take now; it carries the sign-up as it stands."""
    shown = await view(world, row)
    return Refusal(Problem(Code.WRONG_STEP, state=shown.state.value), subject=shown)


async def end(row: RegistrationRow, state: RegistrationState) -> None:
    """End an open sign-up: the person may start anew, a pending account dies with it."""
    row.state = state
    row.live_key = None
    await row.save(update_fields=["state", "live_key"])
    if row.account_id is not None:
        await AccountRow.filter(id=row.account_id, status=AccountStatus.PENDING_ACTIVATION).delete()


async def make_room(world: World, person_key: str, sends: Count) -> RegistrationRow | None:
    """See to it that the person has no open sign-up: the older one that was ended, its cool-down being over.

    Raises Refusal RATE_LIMITED while a code is fresh, after too many sends, and during the lock after wrong codes.
    """
    now = world.clock.now()
    row = await find_one(RegistrationRow, newest=True, hold=True, person_key=person_key)
    retry_at = sends.retry_at(world.limits.otp_sends_per_hour, _HOUR_S)
    if row is not None and row.locked_until is not None and row.locked_until > now:
        retry_at = max(row.locked_until, retry_at or now)
    if row is not None and row.live_key is not None and state_of(world, row) is not RegistrationState.EXPIRED:
        retry_at = await code_retry_at(world, row, sends) or retry_at
    if retry_at is not None:
        raise refuse(Code.RATE_LIMITED, retry_at=retry_at)
    if row is None or row.live_key is None:
        return None
    over = state_of(world, row) is RegistrationState.EXPIRED
    await end(row, RegistrationState.EXPIRED if over else RegistrationState.CANCELLED)
    return row


async def code_retry_at(world: World, row: RegistrationRow, sends: Count) -> datetime | None:
    """When the next code may be sent; None if now."""
    sent = await challenge.latest(owner(row))
    assert sent is not None, "a sign-up always has a challenge"
    cool = sent.sent_at + timedelta(seconds=world.limits.otp_resend_s)
    spent = sends.retry_at(world.limits.otp_sends_per_hour, _HOUR_S)
    wait = max(cool, spent) if spent is not None else cool
    return wait if wait > world.clock.now() else None


async def view(world: World, row: RegistrationRow) -> Registration:
    """The sign-up as its owner sees it now."""
    if state_of(world, row) is not RegistrationState.AWAITING_OTP:
        return to_domain(world, row, None, 0)
    sent = await challenge.latest(owner(row))
    sends = await limit.count(world, limit.CODE_SENT, row.person_key, _HOUR_S)
    return to_domain(world, row, sent, len(sends))


def to_domain(world: World, row: RegistrationRow, sent: ChallengeRow | None, sends: int) -> Registration:
    """The sign-up as its owner sees it; `sent` is the code that counts, `sends` this hour's number of codes."""
    state = state_of(world, row)
    return Registration(
        id=row.id,
        state=state,
        kpj=row.kpj,
        masked_phone=mask_phone(row.phone),
        masked_email=mask_email(row.email),
        otp=challenge.to_domain(world, sent, sends) if sent and state is RegistrationState.AWAITING_OTP else None,
        activation=_link(world, row) if state is RegistrationState.AWAITING_ACTIVATION else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _link(world: World, row: RegistrationRow) -> SentLink | None:
    if row.activation_sent_at is None:
        return None
    return SentLink(
        masked_target=mask_email(row.email),
        sent_at=row.activation_sent_at,
        expires_at=row.activation_sent_at + timedelta(seconds=world.limits.activation_ttl_s),
        resend_at=row.activation_sent_at + timedelta(seconds=world.limits.activation_resend_s),
    )
