"""Reading an account: its own data and where it is signed in."""

from collections.abc import Sequence

from gateway.domain.account import Account, AccountStatus, ActiveSession, Viewer
from gateway.domain.problem import Rejected
from gateway.models.account import AccountRow
from gateway.models.prepared import find_one
from gateway.ports import IdentityUnavailable
from gateway.world import World


async def load(world: World, *, viewer: Viewer) -> Account:
    """The viewer's account. Raises Rejected UNAUTHENTICATED when it is gone, as after a reset of the world."""
    async with world.store.reading():
        row = await load_row(viewer)
    return row.to_domain(world.clock.now())


async def load_row(viewer: Viewer, *, hold: bool = False) -> AccountRow:
    """The viewer's active account, inside the caller's open transaction or read.

    With `hold` whoever else would change it waits until this transaction ends. Raises Rejected UNAUTHENTICATED.
    """
    rows = AccountRow.select_for_update() if hold else AccountRow.all()
    row = await rows.get_or_none(subject=viewer.subject)
    if row is None or row.status == AccountStatus.PENDING_ACTIVATION:
        raise Rejected("UNAUTHENTICATED", "request.unauthenticated", extensions={"reason": "REVOKED"})
    return row


async def find_by_subject(world: World, *, subject: str) -> Account | None:
    """The account that tokens name `subject`; None if there is none."""
    async with world.store.reading():
        row = await find_one(AccountRow, subject=subject)
    return row.to_domain(world.clock.now()) if row is not None else None


async def list_sessions(world: World, *, account: Account) -> Sequence[ActiveSession]:
    """Where the account is signed in. Raises Rejected UNAVAILABLE when the identity provider does not answer."""
    try:
        return await world.sessions.list(account.subject)
    except IdentityUnavailable:
        raise Rejected("UNAVAILABLE", "request.unavailable") from None
