"""A person's status over all memberships."""

from datetime import date

import pytest

from gateway.domain.member import Membership, MembershipStatus, Program, Segment, membership_status

ACTIVE, INACTIVE = MembershipStatus.ACTIVE, MembershipStatus.INACTIVE


def _membership(status: MembershipStatus) -> Membership:
    return Membership(
        id=1,
        kpj="99260000001",
        segment=Segment.PU,
        status=status,
        employer=None,
        programs=(Program.JHT,),
        member_since=date(2020, 1, 1),
        inactive_since=None,
        leave_reason=None,
        monthly_wage=None,
        last_contribution=None,
        in_arrears=False,
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [((ACTIVE,), ACTIVE), ((INACTIVE, ACTIVE), ACTIVE), ((INACTIVE, INACTIVE), INACTIVE), ((), INACTIVE)],
)
def test_a_person_is_active_while_any_membership_is(
    statuses: tuple[MembershipStatus, ...], expected: MembershipStatus
) -> None:
    assert membership_status(tuple(_membership(status) for status in statuses)) is expected
