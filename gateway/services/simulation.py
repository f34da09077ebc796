"""JHT simulations: of any numbers, and from a member's own balance and wages."""

from collections.abc import Sequence
from decimal import Decimal

from gateway.domain.balance import MemberBalances, PostingKind
from gateway.domain.contribution import charge, terms_of, total
from gateway.domain.member import Member, Membership, MembershipStatus, Program
from gateway.domain.rates import load_rates, rate_on
from gateway.domain.simulation import (
    JhtPlan,
    JhtSimulation,
    check_plan,
    contribution_of,
    months_until,
    simulate,
)
from gateway.domain.tax import Payment
from gateway.domain.zone import local_date
from gateway.world import World


def simulate_jht(
    world: World, *, monthly_wage: int, months: int, opening: int, wage_growth: Decimal, development_rate: Decimal
) -> JhtSimulation:
    """What a wage would come to from this month on.

    Raises Rejected BAD_USER_INPUT, with the field, for what is out of bounds. Source: domain notes 5.3.
    """
    contribution = contribution_of(monthly_wage)
    check_plan(months=months, opening=opening, wage_growth=wage_growth, development_rate=development_rate)
    plan = JhtPlan(contribution, months, opening, wage_growth, development_rate)
    return simulate(plan, local_date(world.clock.now()))


def simulate_for_member(
    world: World,
    *,
    member: Member,
    memberships: Sequence[Membership],
    balances: MemberBalances,
    until_age: int,
    wage_growth: Decimal | None,
    development_rate: Decimal | None,
) -> JhtSimulation:
    """What a member's balance would come to by the birthday of an age; today's balance for an age that is past.

    It starts from the balance of today and goes on with what active memberships without arrears pay a month; without
    a rate it takes this year's. Earlier payouts decide about the tax. Raises Rejected BAD_USER_INPUT, with the field.
    """
    today = local_date(world.clock.now())
    opening = balances.total.total if balances.total else 0
    known = rate_on(load_rates(), today.year)
    plan = JhtPlan(
        contribution=Decimal(_monthly(world, memberships)),
        months=months_until(member.birth_date, until_age, today),
        opening=opening,
        wage_growth=wage_growth if wage_growth is not None else Decimal(0),
        development_rate=known.rate if development_rate is None else development_rate,
        rate_is_assumption=known.is_assumption and development_rate is None,
    )
    check_plan(
        months=plan.months, opening=opening, wage_growth=plan.wage_growth, development_rate=plan.development_rate
    )
    earlier = tuple(
        Payment(posting.posted_on, posting.other_amount)
        for postings in balances.postings.values()
        for posting in postings
        if posting.kind is PostingKind.PAYOUT
    )
    return simulate(plan, today, earlier=earlier)


def _monthly(world: World, memberships: Sequence[Membership]) -> int:
    """What comes in for JHT this month, in whole rupiah."""
    month = local_date(world.clock.now()).replace(day=1)
    return sum(
        total(
            line
            for line in charge(terms_of(one, month, one.monthly_wage or 0, one.chosen_jht), month)
            if line.program is Program.JHT
        )
        for one in memberships
        if one.status is MembershipStatus.ACTIVE and not one.in_arrears
    )
