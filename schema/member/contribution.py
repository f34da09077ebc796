"""Monthly contributions: those of a member, and what any wage would owe."""

from datetime import date

import strawberry

from gateway.domain import contribution
from gateway.domain.contribution import DEFAULT_PACKAGE_MONTHS, ContributionStatus
from gateway.domain.contribution_quote import ContributionQuote as Quoted
from gateway.domain.contribution_quote import QuoteRequest, quote_contribution
from gateway.domain.contribution_rates import Payer
from gateway.domain.member import Member
from gateway.domain.page import page_request
from gateway.domain.zone import local_date
from gateway.services import contribution as contributions
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.reads import list_memberships
from schema.member.vocabulary import JkkRisk, Program, Segment
from schema.node import global_id
from schema.page import Connection, to_connection
from schema.scalars import Rate, Rupiah, YearMonth

strawberry.enum(Payer, description="Who pays; SELF is a member without an employer.")
strawberry.enum(ContributionStatus, description="DUE until the 15th of the next month, then OVERDUE, unless PAID.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="One program's part by one payer.")
class ContributionLine:
    """In whole rupiah."""

    program: Program = strawberry.field(description="Which program gets it.")
    payer: Payer = strawberry.field(description="Who pays it.")
    base: Rupiah = strawberry.field(description="What the rate is taken of: the wage up to the program's ceiling.")
    rate: Rate | None = strawberry.field(description="Before any discount; null where the amount is fixed.")
    amount: Rupiah = strawberry.field(description="What is owed, after any discount.")

    @staticmethod
    def of(line: contribution.ContributionLine) -> "ContributionLine":
        """The line as anybody sees it."""
        return ContributionLine(
            program=line.program,
            payer=line.payer,
            base=Rupiah(line.base),
            rate=Rate(line.rate) if line.rate is not None else None,
            amount=Rupiah(line.amount),
        )


@strawberry.type(description="The contribution of one membership for one month.")
class Contribution:
    """In whole rupiah; dates are those of Jakarta."""

    source: strawberry.Private[contribution.Contribution]

    id: strawberry.ID
    month: YearMonth = strawberry.field(description="The contribution month (BLTH).")
    kpj: str = strawberry.field(description="The membership that it belongs to.")
    wage: Rupiah = strawberry.field(description="As it was reported; 0 where the contribution does not depend on it.")
    paid_on: date | None = strawberry.field(description="Null while it is owed.")
    status: ContributionStatus = strawberry.field(description="As of today in world time.")

    @staticmethod
    def of(known: contribution.Contribution, today: date) -> "Contribution":
        """The contribution as its owner sees it on a day."""
        return Contribution(
            source=known,
            id=global_id("Contribution", known.id),
            month=YearMonth(f"{known.month:%Y-%m}"),
            kpj=known.kpj,
            wage=Rupiah(known.wage),
            paid_on=known.paid_on,
            status=known.status(today),
        )

    @strawberry.field(description="The last day to pay in time: the 15th of the next month.")
    def due_on(self) -> date:
        """Thin: the domain knows."""
        return self.source.due_on

    @strawberry.field(description="What each program gets from whom.")
    def lines(self) -> list[ContributionLine]:
        """Thin: the domain knows."""
        return [ContributionLine.of(line) for line in self.source.lines]

    @strawberry.field(description="All lines together, the state's part included.")
    def total(self) -> Rupiah:
        """Thin: the domain knows."""
        return Rupiah(self.source.total)


@strawberry.type(description="What would be owed for a month.")
class ContributionQuote:
    """In whole rupiah."""

    month: YearMonth = strawberry.field(description="The month whose rates are taken.")
    lines: list[ContributionLine] = strawberry.field(description="What each program gets from whom.")
    employer_total: Rupiah = strawberry.field(description="What the employer pays.")
    employee_total: Rupiah = strawberry.field(description="Out of the wage, or alone where there is no employer.")
    total: Rupiah = strawberry.field(description="All lines together, the state's part included.")

    @staticmethod
    def of(quote: Quoted) -> "ContributionQuote":
        """The quote as anybody sees it."""
        return ContributionQuote(
            month=YearMonth(quote.month),
            lines=[ContributionLine.of(line) for line in quote.lines],
            employer_total=Rupiah(quote.employer_total),
            employee_total=Rupiah(quote.employee_total),
            total=Rupiah(quote.total),
        )


@strawberry.input(description="What a contribution is asked for. What belongs to another segment is not looked at.")
class ContributionQuoteInput:
    """From January 2015 on."""

    wage: Rupiah = strawberry.field(description="A month's wage, or the chosen income of BPU; up to Rp100 billion.")
    month: YearMonth | None = strawberry.field(default=None, description="This month in world time, unless given.")
    segment: Segment = strawberry.field(default=Segment.PU, description="Which programs and tariffs apply.")
    jkk_risk: JkkRisk = strawberry.field(default=JkkRisk.VERY_LOW, description="PU: the employer's risk class.")
    jht: Rupiah | None = strawberry.field(default=None, description="A voluntary JHT of BPU or PMI, a month.")
    contract_value: Rupiah | None = strawberry.field(
        default=None, description="Of a building project whose wages are not known, in place of the wage."
    )
    package_months: int = strawberry.field(default=DEFAULT_PACKAGE_MONTHS, description="Of a migrant's work abroad.")
    transport: bool = strawberry.field(default=False, description="BPU: ride-hailing, courier or driver.")
    labour_intensive: bool = strawberry.field(default=False, description="PU: of a labour-intensive industry.")


@strawberry.type
class ContributionPayer:
    """The contributions of a member."""

    source: strawberry.Private[Member]

    @strawberry.field(
        directives=[SemanticNonNull()],
        description="Over all linked KPJ, the latest month first; NOT_FOUND for a KPJ that is not among them.",
    )
    async def contributions(
        self,
        info: Info,
        year: int | None = None,
        kpj: str | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Contribution] | None:
        """Thin: one shared read, one service call."""
        world, request = info.context.world, page_request(first, after, last, before)
        known = await list_memberships(info.context, self.source.id)
        page = await contributions.list_for(world, memberships=known, request=request, year=year, kpj=kpj)
        today = local_date(world.clock.now())
        return to_connection(page, lambda known: Contribution.of(known, today))


@strawberry.type
class ContributionQuery:
    """The contribution calculator."""

    @strawberry.field(
        directives=[SemanticNonNull()], description="What a wage would owe by program and payer. Needs no session."
    )
    async def contribution_quote(self, info: Info, input: ContributionQuoteInput) -> ContributionQuote | None:
        """Thin: the domain knows."""
        given = {name: value for name, value in vars(input).items() if name != "month"}
        month = input.month or f"{local_date(info.context.world.clock.now()):%Y-%m}"
        return ContributionQuote.of(quote_contribution(QuoteRequest(month=month, **given)))
