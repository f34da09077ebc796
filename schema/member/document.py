"""Documents that members sent in, and those that a claim needs."""

from datetime import datetime

import strawberry

from gateway.domain import document
from gateway.domain.claim_document import DocumentRequirement as NeededDocument
from gateway.domain.document import RequiredDocument
from gateway.services import document as documents
from gateway.texts import sentence
from schema.context import Context
from schema.member.card import SignedUrl
from schema.member.vocabulary import DocumentKind, DocumentState
from schema.node import Node, global_id

Info = strawberry.Info[Context, None]

_NOTES = frozenset({DocumentKind.NPWP, DocumentKind.BANK_BOOK, DocumentKind.CARD, DocumentKind.LAYOFF_PROOF})


@strawberry.type(description="A file that was sent in. Its type follows from its bytes.")
class Document(Node):
    """The owner's view."""

    source: strawberry.Private[document.Document]

    kind: DocumentKind
    file_name: str
    content_type: str
    size: int = strawberry.field(description="In bytes.")
    sha256: str
    uploaded_at: datetime
    expires_at: datetime | None = strawberry.field(description="When it is thrown away, unless a claim uses it.")

    @staticmethod
    def of(known: document.Document) -> "Document":
        """The document as its owner sees it."""
        return Document(
            id=global_id("Document", known.id),
            source=known,
            kind=known.kind,
            file_name=known.file_name,
            content_type=known.content_type,
            size=known.size,
            sha256=known.sha256,
            uploaded_at=known.uploaded_at,
            expires_at=known.expires_at,
        )

    @strawberry.field(description="Its bytes, at an address that works for a short while.")
    def download(self, info: Info) -> SignedUrl:
        """Thin: one service call."""
        world = info.context.world
        return SignedUrl.of(documents.download_url(world, self.source), world.clock.now())


@strawberry.type(description="A document that a claim needs, or may need.")
class DocumentRequirement:
    """`note` and `problem` are in the request's language."""

    kind: DocumentKind
    required: bool
    note: str | None
    state: DocumentState
    problem: str | None
    document: Document | None

    @staticmethod
    def of(known: NeededDocument | RequiredDocument, locale: str) -> "DocumentRequirement":
        """The requirement, with what was sent in for it where somebody may have sent something in."""
        sent = known if isinstance(known, RequiredDocument) else None
        return DocumentRequirement(
            kind=known.kind,
            required=known.required,
            note=sentence(locale, f"claim.document.{known.kind.value}") if known.kind in _NOTES else None,
            state=sent.state if sent else DocumentState.MISSING,
            problem=sentence(locale, sent.problem) if sent and sent.problem else None,
            document=Document.of(sent.document) if sent and sent.document else None,
        )
