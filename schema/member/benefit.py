"""What the five programs hold for a member."""

from datetime import date

import strawberry

from gateway.domain import benefit
from gateway.domain.benefit import BenefitUnit
from gateway.domain.member import Member
from gateway.services import benefit as benefits
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.decision import Decision
from schema.member.reads import list_memberships, load_balances
from schema.member.vocabulary import Program
from schema.scalars import URL, Rupiah

strawberry.enum(BenefitUnit, description="Whether an amount is paid once or every month.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="One program's benefit today, with the reason; what is null does not apply.")
class ProgramBenefit:
    """Amounts in whole rupiah."""

    program: Program = strawberry.field(description="Whose benefit it is.")
    covered: bool = strawberry.field(description="Whether the program covers the member now.")
    eligible: bool = strawberry.field(description="Whether the member can claim it now.")
    decision: Decision = strawberry.field(description="What follows, why, and what to do next.")
    amount: Rupiah | None = strawberry.field(description="What is or would be paid today.")
    amount_unit: BenefitUnit | None = strawberry.field(description="Whether that is once or every month.")
    months: int | None = strawberry.field(description="For how many months it is paid.")
    months_paid: int | None = strawberry.field(description="Months with a paid contribution; JKP: of the last 24.")
    months_required: int | None = strawberry.field(description="How many it takes.")
    available_from: date | None = strawberry.field(description="The first day for a claim.")
    claim_before: date | None = strawberry.field(description="The last day for a claim.")
    claim_url: URL | None = strawberry.field(description="Where it is claimed, if not here; fictitious.")

    @staticmethod
    def of(known: benefit.ProgramBenefit, locale: str) -> "ProgramBenefit":
        """The benefit as its owner reads it."""
        return ProgramBenefit(
            program=known.program,
            covered=known.covered,
            eligible=known.eligible,
            decision=Decision.of(known.decision, locale),
            amount=Rupiah(known.amount) if known.amount is not None else None,
            amount_unit=known.amount_unit,
            months=known.months,
            months_paid=known.months_paid,
            months_required=known.months_required,
            available_from=known.available_from,
            claim_before=known.claim_before,
            claim_url=URL(known.claim_url) if known.claim_url is not None else None,
        )


@strawberry.type
class Insured:
    """The benefits of a member."""

    source: strawberry.Private[Member]

    @strawberry.field(directives=[SemanticNonNull()], description="All five programs, whether they cover or not.")
    async def benefits(self, info: Info) -> list[ProgramBenefit] | None:
        """Thin: two shared reads, one service call."""
        context = info.context
        found = await benefits.list_for(
            context.world,
            member=self.source,
            memberships=await list_memberships(context, self.source.id),
            balances=await load_balances(context, self.source.id),
        )
        return [ProgramBenefit.of(known, context.locale) for known in found]
