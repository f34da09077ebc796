"""A member's own data: what is taken, what is refused, what a confirmation needs."""

from dataclasses import replace

import pytest

from gateway.domain.account import ActivityKind
from gateway.domain.problem import Code
from gateway.domain.profile import Address, EmergencyContact, Profile
from gateway.models.account import AccountRow, ActivityRow
from gateway.services import profile
from tests.services.care import viewer_of
from tests.services.journey import CALLER, UCOK, refused_without_trace, told
from tests.services.staged import StagedWorld

HOME = Address(" Jalan Contoh 1 ", "Kampung Rekaan", None, "Medan", "Sumatera Utara", "20111")
KEPT = replace(HOME, street="Jalan Contoh 1")
SISTER = EmergencyContact("Butet Reka", "0840 0000 0099", "adik")


async def member_id(world: StagedWorld) -> int:
    async with world.store.reading():
        return (await AccountRow.get(email=UCOK.email)).person_id


async def update(world: StagedWorld, **given: object) -> None:
    values = {"address": None, "emergency_contact": None, "confirm": False} | given
    viewer = await viewer_of(world)
    await profile.update(world, viewer=viewer, caller=CALLER, **values)  # type: ignore[arg-type]  # a test's own values


async def test_nothing_is_known_at_first(world: StagedWorld) -> None:
    assert await profile.load(world, member_id=await member_id(world)) == Profile()


async def test_what_is_given_is_kept_and_what_is_absent_stays(world: StagedWorld) -> None:
    await update(world, address=HOME)
    await update(world, emergency_contact=SISTER)

    known = await profile.load(world, member_id=await member_id(world))

    assert known == Profile(KEPT, EmergencyContact("Butet Reka", "+6284000000099", "adik"))
    async with world.store.reading():
        kinds = await ActivityRow.all().values_list("kind", flat=True)
    assert kinds == [ActivityKind.PROFILE_CHANGED] * 2


async def test_a_confirmation_says_when(world: StagedWorld) -> None:
    await update(world, address=HOME, emergency_contact=SISTER, confirm=True)

    assert (await profile.load(world, member_id=await member_id(world))).confirmed_at == world.clock.now()


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, [(Code.REQUIRED, None)]),
        ({"confirm": True}, [(Code.REQUIRED, ("address",)), (Code.REQUIRED, ("emergencyContact",))]),
        ({"address": HOME, "confirm": True}, [(Code.REQUIRED, ("emergencyContact",))]),
        (
            {"address": Address(" ", None, None, "", "", None)},
            [(Code.REQUIRED, ("address", name)) for name in ("street", "city", "province")],
        ),
        ({"address": replace(HOME, city="x" * 61)}, [(Code.OUT_OF_RANGE, ("address", "city"))]),
        ({"address": replace(HOME, street="a\x07b")}, [(Code.INVALID_FORMAT, ("address", "street"))]),
        ({"address": replace(HOME, postal_code="0201")}, [(Code.INVALID_FORMAT, ("address", "postalCode"))]),
        (
            {"emergency_contact": EmergencyContact("", "021", "")},
            [
                (Code.REQUIRED, ("emergencyContact", "name")),
                (Code.INVALID_PHONE, ("emergencyContact", "phone")),
                (Code.REQUIRED, ("emergencyContact", "relation")),
            ],
        ),
    ],
)
async def test_what_cannot_be_kept_is_refused_field_by_field(
    world: StagedWorld, given: dict[str, object], problems: list[tuple[Code, tuple[str, ...] | None]]
) -> None:
    refusal = await refused_without_trace(world, update(world, **given))

    assert told(refusal) == problems
    assert await profile.load(world, member_id=await member_id(world)) == Profile()
