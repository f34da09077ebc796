"""A member's own data: reading it, changing it, and confirming that it still holds (*pengkinian data*)."""

from gateway.domain.account import ActivityKind, Caller, Viewer
from gateway.domain.problem import Code, Problem, Refusal, refuse
from gateway.domain.profile import Address, EmergencyContact, Profile, check_address, check_emergency_contact
from gateway.models.profile import ProfileRow
from gateway.services import account as accounts
from gateway.services import activity
from gateway.world import World


async def load(world: World, *, member_id: int) -> Profile:
    """What a member has told; all of it absent for who has told nothing."""
    async with world.store.reading():
        row = await ProfileRow.get_or_none(person_id=member_id)
    return row.to_domain() if row is not None else Profile()


async def update(
    world: World,
    *,
    viewer: Viewer,
    address: Address | None,
    emergency_contact: EmergencyContact | None,
    confirm: bool,
    caller: Caller,
) -> None:
    """Change what is given and leave the rest; with `confirm` all of it is confirmed as of now.

    Raises Refusal: REQUIRED (nothing given, an empty part, or a confirmation without an address and an emergency
    contact), OUT_OF_RANGE, INVALID_FORMAT, INVALID_PHONE; Rejected UNAUTHENTICATED. Source: domain notes 2.1.
    """
    checked_address, checked_contact = _check(address, emergency_contact)
    if address is None and emergency_contact is None and not confirm:
        raise refuse(Code.REQUIRED, text="error.REQUIRED.profile")
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        known = await ProfileRow.get_or_none(person_id=account.person_id)
        row = known or ProfileRow(person_id=account.person_id)
        if checked_address is not None:
            _write_address(row, checked_address)
        if checked_contact is not None:
            row.contact_name, row.contact_phone = checked_contact.name, checked_contact.phone
            row.contact_relation = checked_contact.relation
        if confirm:
            _check_complete(row)
            row.confirmed_at = world.clock.now()
        await row.save()
        await activity.record(world, account.id, ActivityKind.PROFILE_CHANGED, caller)


def _check(address: Address | None, contact: EmergencyContact | None) -> tuple[Address | None, EmergencyContact | None]:
    checked_address, problems = check_address(address) if address is not None else (None, [])
    checked_contact, others = check_emergency_contact(contact) if contact is not None else (None, [])
    if problems or others:
        raise Refusal(*problems, *others)
    return checked_address, checked_contact


def _check_complete(row: ProfileRow) -> None:
    missing = [
        Problem(Code.REQUIRED, (name,), text="error.REQUIRED.confirm")
        for name, value in (("address", row.street), ("emergencyContact", row.contact_name))
        if value is None
    ]
    if missing:
        raise Refusal(*missing)


def _write_address(row: ProfileRow, address: Address) -> None:
    for name in Address.__slots__:
        setattr(row, name, getattr(address, name))
