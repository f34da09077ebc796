"""Whether JHT may be claimed, and what would be paid."""

from datetime import date

import strawberry

from gateway.domain import eligibility
from gateway.domain.tax import TaxQuote
from schema.member.decision import Decision
from schema.member.document import DocumentRequirement
from schema.member.vocabulary import ClaimChannel, ClaimReason, EligibilityCode, TaxRule
from schema.scalars import Rupiah


@strawberry.type(description="What a claim would pay today, in whole rupiah.")
class ClaimQuote:
    """net = gross - tax."""

    gross: Rupiah
    tax: Rupiah
    net: Rupiah
    tax_rule: TaxRule

    @staticmethod
    def of(known: TaxQuote) -> "ClaimQuote":
        """The quote as its owner sees it."""
        return ClaimQuote(gross=Rupiah(known.gross), tax=Rupiah(known.tax), net=Rupiah(known.net), tax_rule=known.rule)


@strawberry.type(description="Whether a claim for one reason is possible now, why, and what to do next.")
class ClaimEligibility:
    """A dry run: nothing is kept."""

    reason: ClaimReason
    eligible: bool
    code: EligibilityCode
    decision: Decision
    available_from: date | None = strawberry.field(
        description="The first day, where it follows from what is known; today when it is possible now."
    )
    channels: list[ClaimChannel] = strawberry.field(description="Where it can be made; the first one is taken.")
    step_up_required: bool = strawberry.field(description="Whether `submitClaim` needs `otp`.")
    npwp_required: bool = strawberry.field(
        description="Whether the tax number is asked for. Under article 17 a claim without it is taxed a fifth more."
    )
    requirements: list[DocumentRequirement]
    quote: ClaimQuote | None = strawberry.field(description="Null where there is nothing to be paid.")

    @staticmethod
    def of(known: eligibility.ClaimEligibility, locale: str) -> "ClaimEligibility":
        """The answer in `locale` (id or en)."""
        return ClaimEligibility(
            reason=known.reason,
            eligible=known.eligible,
            code=known.code,
            decision=Decision.of(known.decision, locale),
            available_from=known.available_from,
            channels=list(known.channels),
            step_up_required=known.step_up_required,
            npwp_required=known.npwp_required,
            requirements=[DocumentRequirement.of(one, locale) for one in known.requirements],
            quote=ClaimQuote.of(known.quote) if known.quote else None,
        )
