"""Where a sign-up's code goes. Called inside the caller's open transaction."""

from urllib.parse import urlsplit

from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.models.account import AccountRow
from gateway.models.registration import ChallengeRow, RegistrationRow
from gateway.services import challenge, courier, flow, limit
from gateway.world import World


async def send(world: World, row: RegistrationRow, channel: OtpChannel, account: AccountRow | None) -> ChallengeRow:
    """Make a code for a sign-up and put it into the outbox.

    With an existing `account` the code goes out only to that account's own contact; if the form names another one,
    the account's contacts get a notice instead and nobody gets a code. The answer is the same either way.
    """
    target = row.phone if channel is OtpChannel.SMS else row.email
    own = account is None or target == (account.phone if channel is OtpChannel.SMS else account.email)
    sent, code = await challenge.create(world, flow.owner(row), channel, target, deliverable=own)
    await limit.record(world, limit.CODE_SENT, row.person_key)
    if not own:
        assert account is not None, "without an account every contact is the person's own"
        await _warn(world, account)
        return sent
    minutes = world.limits.otp_ttl_s // 60
    if channel is OtpChannel.SMS:
        # The last line binds the code to the portal's host, so that browsers can offer it. Source: WebOTP, section 3.
        host = urlsplit(world.urls.portal).hostname
        await courier.enqueue_sms(
            world, MessageKind.OTP, target, "otp", row.locale, code=code, minutes=minutes, host=host
        )
    else:
        await courier.enqueue_mail(world, MessageKind.OTP, target, "otp", row.locale, code=code, minutes=minutes)
    return sent


async def _warn(world: World, account: AccountRow) -> None:
    kind = MessageKind.SECURITY_NOTICE
    await courier.enqueue_sms(world, kind, account.phone, "account_exists", account.locale)
    if account.email is not None:
        await courier.enqueue_mail(world, kind, account.email, "account_exists", account.locale)
