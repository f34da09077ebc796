"""What a JHT balance may grow to."""

from decimal import Decimal

import strawberry

from gateway.domain import simulation
from gateway.domain.member import Member
from gateway.domain.simulation import DEFAULT_AGE
from gateway.services import simulation as simulations
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.balance import BalancePoint
from schema.member.reads import list_memberships, load_balances
from schema.member.vocabulary import TaxRule
from schema.scalars import Rate, Rupiah

Info = strawberry.Info[Context, None]


@strawberry.type(description="A projection, not a promise. Each figure is rounded once, to whole rupiah.")
class JhtSimulation:
    """net = total - tax."""

    months: int = strawberry.field(description="How many contributions are paid.")
    opening_balance: Rupiah = strawberry.field(description="What is there at the start.")
    contributions: Rupiah = strawberry.field(description="What is paid in.")
    development: Rupiah = strawberry.field(description="What it grows by.")
    total: Rupiah = strawberry.field(description="The balance at the end.")
    tax: Rupiah = strawberry.field(description="If all were paid out at the end, with an NPWP.")
    tax_rule: TaxRule = strawberry.field(description="The tariff of that tax.")
    net: Rupiah = strawberry.field(description="The total less the tax.")
    development_rate: Rate = strawberry.field(description="A year, effective.")
    rate_is_assumption: bool = strawberry.field(description="Whether the sandbox made that rate up; false if given.")
    wage_growth: Rate = strawberry.field(description="A year; after every twelfth month.")
    points: list[BalancePoint] = strawberry.field(
        description="At the end of every twelfth month and at the end; `period` is that month."
    )

    @staticmethod
    def of(known: simulation.JhtSimulation) -> "JhtSimulation":
        """The simulation as anybody sees it."""
        return JhtSimulation(
            months=known.plan.months,
            opening_balance=Rupiah(known.plan.opening),
            contributions=Rupiah(known.contributions),
            development=Rupiah(known.development),
            total=Rupiah(known.total),
            tax=Rupiah(known.tax),
            tax_rule=known.tax_rule,
            net=Rupiah(known.net),
            development_rate=Rate(known.plan.development_rate),
            rate_is_assumption=known.plan.rate_is_assumption,
            wage_growth=Rate(known.plan.wage_growth),
            points=[BalancePoint.of(point) for point in known.points],
        )


@strawberry.input(description="A plan: 5.7 % of a wage every month, from this month on.")
class JhtSimulationInput:
    """Rates from 0 to 1."""

    monthly_wage: Rupiah = strawberry.field(description="Up to Rp100 billion.")
    months: int = strawberry.field(description="From 0 to 1,200.")
    opening_balance: Rupiah = strawberry.field(default=Rupiah(0), description="What is there already.")
    wage_growth: Rate = strawberry.field(default=Rate(Decimal(0)), description="A year; after every twelfth month.")
    development_rate: Rate = strawberry.field(default=Rate(Decimal("0.05")), description="A year, effective.")


@strawberry.input(description="What to change of a member's own numbers.")
class MemberSimulationInput:
    """Rates from 0 to 1."""

    until_age: int = strawberry.field(default=DEFAULT_AGE, description="From 1 to 100; the month of that birthday.")
    wage_growth: Rate | None = strawberry.field(default=None, description="A year; none unless given.")
    development_rate: Rate | None = strawberry.field(default=None, description="A year; this year's unless given.")


@strawberry.type
class Saver:
    """The simulation of a member."""

    source: strawberry.Private[Member]

    @strawberry.field(
        directives=[SemanticNonNull()],
        description="From today's balance and wages to the month of a birthday, of the 56th unless said otherwise.",
    )
    async def simulate_jht(self, info: Info, input: MemberSimulationInput | None = None) -> JhtSimulation | None:
        """Thin: two shared reads, one service call."""
        context, wanted = info.context, input or MemberSimulationInput()
        simulated = simulations.simulate_for_member(
            context.world,
            member=self.source,
            memberships=await list_memberships(context, self.source.id),
            balances=await load_balances(context, self.source.id),
            until_age=wanted.until_age,
            wage_growth=wanted.wage_growth,
            development_rate=wanted.development_rate,
        )
        return JhtSimulation.of(simulated)


@strawberry.type
class SimulationQuery:
    """The JHT calculator."""

    @strawberry.field(directives=[SemanticNonNull()], description="What a wage would come to. Needs no session.")
    async def simulate_jht(self, info: Info, input: JhtSimulationInput) -> JhtSimulation | None:
        """Thin: one service call."""
        simulated = simulations.simulate_jht(
            info.context.world,
            monthly_wage=input.monthly_wage,
            months=input.months,
            opening=input.opening_balance,
            wage_growth=input.wage_growth,
            development_rate=input.development_rate,
        )
        return JhtSimulation.of(simulated)
