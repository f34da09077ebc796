"""Sending in a claim and its documents, mending it, taking it back, and hearing of it."""

from collections.abc import AsyncGenerator

import strawberry

from gateway.domain import claim
from gateway.domain.claim import BankAccount
from gateway.domain.claim_form import ClaimForm
from gateway.domain.problem import Rejected
from gateway.services import account as accounts
from gateway.services import claim as claims
from gateway.services import claim_view
from gateway.services import document as documents
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.claim import Claim
from schema.member.document import Document
from schema.member.reads import load_member
from schema.member.vocabulary import ClaimReason, DocumentKind
from schema.node import read_global_id
from schema.scalars import Upload

Info = strawberry.Info[Context, None]


@strawberry.input(description="An account in the member's own name.")
class BankAccountInput:
    """The holder's name is compared with the member's by its letters."""

    bank_code: str = strawberry.field(description="One of `banks`.")
    number: str = strawberry.field(description="8 to 18 digits; spaces, dots and dashes do not matter.")
    holder_name: str

    def to_domain(self) -> BankAccount:
        """The account as typed."""
        return BankAccount(self.bank_code, self.number, self.holder_name)


@strawberry.input(description="A file for a claim to come.")
class UploadDocumentInput:
    """By the GraphQL multipart request specification; needs the header GraphQL-Require-Preflight."""

    kind: DocumentKind
    file: Upload


@strawberry.input(description="A claim. The same key with the same content gives the first claim again.")
class SubmitClaimInput:
    """`otp` is the code of `requestStepUp` with SUBMIT_CLAIM."""

    kpj: str | None = None
    reason: ClaimReason
    bank_account: BankAccountInput
    document_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    npwp: str | None = None
    otp: str | None = None
    idempotency_key: str = strawberry.field(description="Up to 100 characters; a new one for each claim.")


@strawberry.input(description="What was asked for: new documents, or another account after a failed transfer.")
class FixClaimInput:
    """For claims in NEEDS_FIX and PAYMENT_FAILED."""

    claim_id: strawberry.ID
    document_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    bank_account: BankAccountInput | None = None


@strawberry.input(description="Which claim is taken back.")
class CancelClaimInput:
    """See `Claim.canCancel`."""

    claim_id: strawberry.ID


@strawberry.type(description="The document that was kept.")
class DocumentPayload:
    """The document, or why it was not taken."""

    document: Document | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The claim; on WRONG_STEP as it stands.")
class ClaimPayload:
    """The claim, or why there is none."""

    claim: Claim | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


def _show(known: claim.Claim, context: Context) -> Claim:
    return Claim.of(known, context)


STEP = RefusalsAsData(ClaimPayload, subject="claim", convert=_show)


def _claim_number(given: str) -> int:
    type_name, number = read_global_id(given)
    if type_name != "Claim":
        raise Rejected("NOT_FOUND", "request.not_found", extensions={"field": "claimId"})
    return number


def _document_numbers(given: list[strawberry.ID]) -> tuple[int | None, ...]:
    """An id that is none of a document is one that is not there: the service says so of its place."""
    return tuple(_document_number(one) for one in given)


def _document_number(given: str) -> int | None:
    try:
        type_name, number = read_global_id(given)
    except Rejected:
        return None
    return number if type_name == "Document" else None


@strawberry.type
class ClaimMutation:
    """Claims."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(DocumentPayload)],
        description="Keep a JPG, PNG or PDF of at most 6 MB for a claim to come; unused for 7 days it is thrown away.",
    )
    async def upload_document(self, info: Info, input: UploadDocumentInput) -> DocumentPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        kept = await documents.upload(context.world, viewer=viewer, kind=input.kind, file=input.file)
        return DocumentPayload(document=Document.of(kept))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[STEP],
        description="Send in a claim on JHT. One runs at a time.",
    )
    async def submit_claim(self, info: Info, input: SubmitClaimInput) -> ClaimPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        form = ClaimForm(
            reason=input.reason,
            bank_account=input.bank_account.to_domain(),
            document_ids=_document_numbers(input.document_ids),
            idempotency_key=input.idempotency_key,
            kpj=input.kpj,
            npwp=input.npwp,
            otp=input.otp or "",
        )
        return ClaimPayload(
            claim=Claim.of(await claims.submit(context.world, viewer=viewer, form=form, caller=context.caller), context)
        )

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[STEP],
        description="Mend a claim: send what was asked for.",
    )
    async def fix_claim(self, info: Info, input: FixClaimInput) -> ClaimPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        mended = await claims.fix(
            context.world,
            viewer=viewer,
            claim_id=_claim_number(input.claim_id),
            document_ids=_document_numbers(input.document_ids),
            bank_account=input.bank_account.to_domain() if input.bank_account else None,
            caller=context.caller,
        )
        return ClaimPayload(claim=Claim.of(mended, context))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[STEP],
        description="Take a claim back while it can be.",
    )
    async def cancel_claim(self, info: Info, input: CancelClaimInput) -> ClaimPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        number = _claim_number(input.claim_id)
        cancelled = await claims.cancel(context.world, viewer=viewer, claim_id=number, caller=context.caller)
        return ClaimPayload(claim=Claim.of(cancelled, context))


@strawberry.type
class ClaimSubscription:
    """News of a claim."""

    @strawberry.subscription(description="The claim as it stands, then every change; ends with the claim.")
    async def claim_changed(self, info: Info, id: strawberry.ID) -> AsyncGenerator[Claim, None]:
        """Thin: the id names who looks; only one's own claims are found."""
        context = info.context
        viewer = await context.require_viewer()
        owner = await accounts.load(context.world, viewer=viewer)
        known = await load_member(context, owner.nik)
        async for changed in claim_view.watch(context.world, member_id=known.id, claim_id=_claim_number(id)):
            yield Claim.of(changed, context)
