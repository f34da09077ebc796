"""Claims: what they are, and where a member finds them."""

from datetime import datetime

import strawberry

from gateway.domain import claim, member
from gateway.domain.member import Program
from gateway.domain.page import page_request
from gateway.services import claim_case, claim_view
from gateway.texts import sentence
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.decision import Decision
from schema.member.document import Document, DocumentRequirement
from schema.member.eligibility import ClaimEligibility
from schema.member.vocabulary import ClaimChannel, ClaimReason, ClaimState
from schema.node import Node, global_id, read_global_id
from schema.page import Connection, to_connection
from schema.scalars import Rupiah

Info = strawberry.Info[Context, None]


@strawberry.type(description="Where the money goes; the number leaves only masked.")
class MaskedBankAccount:
    """Nobody reads the whole number again."""

    bank_code: str
    masked_number: str
    holder_name: str


@strawberry.type(description="A state that a claim entered.")
class ClaimEvent:
    """`note` is in the request's language."""

    at: datetime
    state: ClaimState
    note: str | None

    @staticmethod
    def of(known: claim.ClaimEvent, locale: str) -> "ClaimEvent":
        """The event as the claim's owner reads it."""
        told = known.note
        note = sentence(locale, f"decision.{told.key}.hasil", **told.params) if told else None
        return ClaimEvent(at=known.at, state=known.state, note=note)


@strawberry.type(description="A claim on JHT. It moves on by the world's clock.")
class Claim(Node):
    """The owner's view."""

    number: str = strawberry.field(description="What people call it by.")
    program: Program
    reason: ClaimReason
    channel: ClaimChannel
    state: ClaimState
    gross: Rupiah = strawberry.field(description="As quoted; counted anew on the day of payment.")
    tax: Rupiah
    net: Rupiah
    bank_account: MaskedBankAccount
    submitted_at: datetime
    sla_due_at: datetime | None = strawberry.field(
        description="Five working days after it was complete; null while it waits for its owner."
    )
    paid_at: datetime | None
    interview_at: datetime | None
    decision: Decision | None = strawberry.field(description="When something has to be mended, and after a rejection.")
    kpjs: list[str]
    documents: list[Document]
    requirements: list[DocumentRequirement]
    can_cancel: bool
    events: list[ClaimEvent] = strawberry.field(description="Oldest first.")

    @staticmethod
    def of(known: claim.Claim, context: Context) -> "Claim":
        """The claim as its owner sees it."""
        locale, account = context.locale, known.bank_account
        return Claim(
            id=global_id("Claim", known.id),
            number=known.number,
            program=Program.JHT,
            reason=known.reason,
            channel=known.channel,
            state=known.state,
            gross=Rupiah(known.gross),
            tax=Rupiah(known.tax),
            net=Rupiah(known.net),
            bank_account=MaskedBankAccount(
                bank_code=account.bank_code, masked_number=account.masked_number, holder_name=account.holder_name
            ),
            submitted_at=known.submitted_at,
            sla_due_at=known.sla_due_at,
            paid_at=known.paid_at,
            interview_at=known.interview_at,
            decision=Decision.of(known.decision, locale) if known.decision else None,
            kpjs=list(known.kpjs),
            documents=[Document.of(one) for one in known.documents],
            requirements=[DocumentRequirement.of(one, locale) for one in known.requirements],
            can_cancel=known.can_cancel,
            events=[ClaimEvent.of(one, locale) for one in known.events],
        )


@strawberry.type
class Claimant:
    """The claims of a member."""

    source: strawberry.Private[member.Member]

    @strawberry.field(directives=[SemanticNonNull()], description="Claims, newest first; of some states alone.")
    async def claims(
        self,
        info: Info,
        state: list[ClaimState] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Claim] | None:
        """Thin: one service call."""
        context = info.context
        request = page_request(first, after, last, before)
        page = await claim_view.list_claims(context.world, member_id=self.source.id, states=state, request=request)
        return to_connection(page, lambda known: Claim.of(known, context))

    @strawberry.field(description="One claim of one's own; null for any other.")
    async def claim(self, info: Info, id: strawberry.ID) -> Claim | None:
        """Thin: one service call."""
        type_name, number = read_global_id(id)
        if type_name != "Claim":
            return None
        found = await claim_view.find(info.context.world, member_id=self.source.id, claim_id=number)
        return Claim.of(found, info.context) if found is not None else None

    @strawberry.field(directives=[SemanticNonNull()], description="A dry run of every reason.")
    async def claim_options(self, info: Info) -> list[ClaimEligibility] | None:
        """Thin: one service call."""
        options = await claim_case.list_options(info.context.world, member_id=self.source.id)
        return [ClaimEligibility.of(known, info.context.locale) for known in options]
