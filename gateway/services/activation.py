"""The password step and the activation: a pending account, a mail with a link, and the link's single use."""

from datetime import datetime, timedelta

from gateway.domain.account import AccountStatus, Caller
from gateway.domain.identity import normalise_email, normalise_kpj
from gateway.domain.membership_care import Link
from gateway.domain.message import MessageKind
from gateway.domain.password import PasswordCheck, check_password, identity_of
from gateway.domain.problem import Code, Problem, Refusal, refuse
from gateway.domain.registration import Registration, RegistrationState
from gateway.models.account import AccountRow
from gateway.models.expressions import IntegrityError
from gateway.models.member import MembershipRow
from gateway.models.prepared import change, find_one
from gateway.models.registration import RegistrationRow
from gateway.ports import BadToken, ExpiredToken
from gateway.services import courier, flow
from gateway.world import World

_PURPOSE = "activation"


async def check(world: World, *, token: str, password: str) -> PasswordCheck:
    """How a password would do for this sign-up; it is kept nowhere.

    Raises Refusal: TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP.
    """
    async with world.store.reading():
        row = await flow.load(world, token, RegistrationState.AWAITING_PASSWORD)
    return await _check(world, row, password)


async def _check(world: World, row: RegistrationRow, password: str) -> PasswordCheck:
    identity = identity_of(row.kpj, row.nik, row.birth_date)
    score = await world.strength.score(password, (*identity, row.email, row.phone))
    return check_password(password, score, identity, world.limits)


async def set_password(world: World, *, token: str, password: str, caller: Caller) -> Registration:
    """Set the password: a pending account is made and the activation mail goes out.

    Raises Refusal: REQUIRED, PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_TOO_WEAK, PASSWORD_CONTAINS_IDENTITY,
    TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP.
    """
    async with world.store.reading():
        row = await flow.load(world, token, RegistrationState.AWAITING_PASSWORD)
    if not password:
        raise refuse(Code.REQUIRED, "password")
    checked = await _check(world, row, password)
    if checked.unmet:
        raise Refusal(*(Problem(code, ("password",), params=password_params(world)) for code in checked.unmet))
    password_hash = await world.passwords.hash(password)
    try:
        async with world.store.writing():
            row = await _await_activation(world, token, password_hash, caller)
    except IntegrityError:
        # Another answer to the same step was committed first and made the account.
        async with world.store.reading():
            raise await flow.wrong_step(world, await flow.find_row(world, token)) from None
    _tell(world, row)
    return flow.to_domain(world, row, None, 0)


async def _await_activation(world: World, token: str, password_hash: str, caller: Caller) -> RegistrationRow:
    """The step itself, inside the open transaction. The row is read again: of two answers only one goes on."""
    row = await flow.load(world, token, RegistrationState.AWAITING_PASSWORD, hold=True)
    row.locale = caller.locale
    row.account_id = await _pending_account(world, row, password_hash)
    row.state = RegistrationState.AWAITING_ACTIVATION
    await send_link(world, row)
    await row.save(update_fields=["state", "account_id", "locale", "activation_sent_at", "expires_at"])
    return row


def password_params(world: World) -> dict[str, object]:
    """What the sentences about passwords need to know."""
    return {"min": world.limits.password_min_length, "max": world.limits.password_max_length}


async def _pending_account(world: World, row: RegistrationRow, password_hash: str) -> int:
    account = await AccountRow.create(
        subject=world.ids.subject(),
        person_id=row.person_id,
        kpj=row.kpj,
        nik=row.nik,
        pending_email=row.email,
        phone=row.phone,
        password_hash=password_hash,
        status=AccountStatus.PENDING_ACTIVATION,
        locale=row.locale,
        created_at=world.clock.now(),
    )
    return account.id


def _tell(world: World, row: RegistrationRow) -> None:
    world.agenda.now()
    world.agenda.at(row.expires_at)
    world.bus.publish(flow.topic(row))


async def send_link(world: World, row: RegistrationRow) -> None:
    """Put the activation mail into the outbox and renew the sign-up's life; the row is left to the caller to save.

    An address that another account uses gets a notice instead of a link; the answer is the same.
    """
    now = world.clock.now()
    row.activation_sent_at = now
    row.expires_at = now + timedelta(seconds=world.limits.activation_ttl_s)
    if await find_one(AccountRow, email=row.email) is not None:
        await courier.enqueue_mail(world, MessageKind.SECURITY_NOTICE, row.email, "email_taken", row.locale)
        return
    token = world.signer.sign(_PURPOSE, {"r": row.id, "s": row.activation_serial})
    link = f"{world.urls.portal}/aktivasi?token={token}"
    hours = world.limits.activation_ttl_s // 3600
    await courier.enqueue_mail(
        world, MessageKind.ACTIVATION, row.email, "activation", row.locale, link=link, hours=hours
    )


async def resend(world: World, *, token: str, new_email: str | None, caller: Caller) -> Registration:
    """Send the activation mail again, to a mended address if one is given; links to the old address then end.

    Raises Refusal: TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP, INVALID_EMAIL, UNCHANGED, RATE_LIMITED (60 s between
    mails, an address mended 3 times: assumed).
    """
    async with world.store.writing():
        row = await flow.load(world, token, RegistrationState.AWAITING_ACTIVATION, hold=True)
        email = _mended(world, row, new_email) if new_email is not None else row.email
        retry_at = _retry_at(world, row)
        if retry_at is not None:
            raise refuse(Code.RATE_LIMITED, retry_at=retry_at)
        if email != row.email:
            row.email = email
            row.email_corrections += 1
            row.activation_serial += 1
            await AccountRow.filter(id=row.account_id).update(pending_email=email)
        row.locale = caller.locale
        await send_link(world, row)
        await row.save()
    _tell(world, row)
    return flow.to_domain(world, row, None, 0)


def _mended(world: World, row: RegistrationRow, typed: str) -> str:
    email = normalise_email(typed)
    if email is None:
        raise refuse(Code.INVALID_EMAIL if typed.strip() else Code.REQUIRED, "newEmail")
    if email == row.email:
        raise refuse(Code.UNCHANGED, "newEmail")
    if row.email_corrections >= world.limits.email_corrections:
        raise refuse(
            Code.RATE_LIMITED, "newEmail", retry_at=row.expires_at, text="error.RATE_LIMITED.email_corrections"
        )
    return email


def _retry_at(world: World, row: RegistrationRow) -> datetime | None:
    assert row.activation_sent_at is not None, "this step begins with a mail"
    retry_at = row.activation_sent_at + timedelta(seconds=world.limits.activation_resend_s)
    return retry_at if retry_at > world.clock.now() else None


async def request_mail(world: World, *, kpj: str, email: str, caller: Caller) -> None:
    """Ask for the activation mail without the registration token. Says nothing of what it found.

    Raises Refusal: REQUIRED, INVALID_KPJ, INVALID_EMAIL.
    """
    clean_kpj, clean_email = normalise_kpj(kpj), normalise_email(email)
    problems = []
    if clean_kpj is None:
        problems.append(Problem(Code.INVALID_KPJ if kpj.strip() else Code.REQUIRED, ("kpj",)))
    if clean_email is None:
        problems.append(Problem(Code.INVALID_EMAIL if email.strip() else Code.REQUIRED, ("email",)))
    if problems:
        raise Refusal(*problems)
    async with world.store.writing():
        row = (
            await RegistrationRow.select_for_update()
            .filter(kpj=clean_kpj, email=clean_email, state=RegistrationState.AWAITING_ACTIVATION)
            .first()
        )
        alive = row is not None and flow.state_of(world, row) is RegistrationState.AWAITING_ACTIVATION
        if row is None or not alive or _retry_at(world, row) is not None:
            return
        row.locale = caller.locale
        await send_link(world, row)
        await row.save()
    _tell(world, row)


async def activate(world: World, *, token: str) -> None:
    """Use the link of the activation mail: the account becomes active. It can be used once.

    Raises Refusal: REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_USED, and ACCOUNT_EXISTS when another account has
    taken the address meanwhile.
    """
    if not token.strip():
        raise refuse(Code.REQUIRED, "token")
    try:
        payload = world.signer.read(_PURPOSE, token.strip(), world.limits.activation_ttl_s)
    except BadToken:
        raise refuse(Code.TOKEN_INVALID, "token") from None
    except ExpiredToken:
        raise refuse(Code.TOKEN_EXPIRED, "token") from None
    try:
        async with world.store.writing():
            row = await _use(world, payload)
    except IntegrityError:
        raise refuse(Code.ACCOUNT_EXISTS, text="error.ACCOUNT_EXISTS.email") from None
    world.bus.publish(flow.topic(row))


async def _use(world: World, payload: dict[str, object]) -> RegistrationRow:
    now = world.clock.now()
    row = await find_one(RegistrationRow, hold=True, id=payload["r"], activation_serial=payload["s"])
    state = flow.state_of(world, row) if row is not None else None
    if row is None or state not in (
        RegistrationState.AWAITING_ACTIVATION,
        RegistrationState.ACTIVE,
        RegistrationState.EXPIRED,
    ):
        raise refuse(Code.TOKEN_INVALID, "token")
    if state is RegistrationState.EXPIRED:
        raise refuse(Code.TOKEN_EXPIRED, "token")
    changes: dict[str, object] = {"state": RegistrationState.ACTIVE, "live_key": None, "activated_at": now}
    used = await change(RegistrationRow, changes, id=row.id, state=RegistrationState.AWAITING_ACTIVATION)
    if not used:
        raise refuse(Code.TOKEN_USED, "token")
    changes = {"status": AccountStatus.ACTIVE, "email": row.email, "pending_email": None, "activated_at": now}
    await change(AccountRow, changes, id=row.account_id)
    # Whoever signs up with a KPJ that is not shown yet knows it, and signs in with it from now on.
    await change(MembershipRow, {"link": Link.LINKED}, kpj=row.kpj, link=Link.HIDDEN)
    return row
