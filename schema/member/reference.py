"""Reference data that need no session: offices, banks, what a claim needs, what is up, and whom to ask."""

import strawberry

from gateway.domain import bank, claim_document, office
from gateway.domain.page import page_request, slice_page
from gateway.domain.problem import Rejected, Service
from gateway.services import service_status
from gateway.texts import sentence
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.document import DocumentRequirement
from schema.member.vocabulary import ClaimReason
from schema.node import global_id
from schema.page import Connection, to_connection

Info = strawberry.Info[Context, None]

_LONGEST_CITY = 100


@strawberry.type(description="A branch office; fictitious, all of them.")
class BranchOffice:
    """The coordinates are those of the city's middle."""

    id: strawberry.ID
    code: str
    name: str
    address: str
    city: str
    province: str
    latitude: float
    longitude: float

    @staticmethod
    def of(known: office.BranchOffice) -> "BranchOffice":
        """The office as anybody sees it."""
        shown = {name: getattr(known, name) for name in office.BranchOffice.__slots__ if name != "number"}
        return BranchOffice(id=global_id("BranchOffice", known.number), **shown)


@strawberry.type(description="A bank that a payout can go to; fictitious, all of them.")
class Bank:
    """By its code."""

    code: str
    name: str


@strawberry.type(description="Which files are taken.")
class UploadRules:
    """The type is decided by the content, not by the name."""

    max_bytes: int
    content_types: list[str]


@strawberry.type(description="A source outside the gateway and whether it answers now.")
class ServiceStatus:
    """`message` says in the request's language what an outage means."""

    service: Service
    available: bool
    message: str | None


@strawberry.type(description="Whom to ask; fictitious.")
class Support:
    """Nobody answers there."""

    phone: str
    email: str
    hours: str
    note: str


@strawberry.type
class ReferenceQuery:
    """Reads that need no session."""

    @strawberry.field(directives=[SemanticNonNull()], description="Offices by city or province, in the list's order.")
    async def branch_offices(
        self,
        city: str | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[BranchOffice] | None:
        """Thin: the domain knows."""
        request = page_request(first, after, last, before)
        if city is not None and len(city) > _LONGEST_CITY:
            params = {"argument": "city", "max": _LONGEST_CITY}
            raise Rejected("BAD_USER_INPUT", "request.too_long", params=params, extensions={"field": "city"})
        found = [(known.number, known) for known in office.find_offices(city)]
        return to_connection(slice_page(found, request), BranchOffice.of)

    @strawberry.field(directives=[SemanticNonNull()], description="Banks that a payout can go to.")
    async def banks(self) -> list[Bank] | None:
        """Thin: the domain knows."""
        return [Bank(code=known.code, name=known.name) for known in bank.load_banks()]

    @strawberry.field(directives=[SemanticNonNull()], description="Which documents a claim with that reason needs.")
    async def claim_requirements(self, info: Info, reason: ClaimReason) -> list[DocumentRequirement] | None:
        """Thin: the domain knows."""
        needed = claim_document.load_requirements()[reason]
        return [DocumentRequirement.of(known, info.context.locale) for known in needed]

    @strawberry.field(directives=[SemanticNonNull()], description="Which files are taken.")
    async def upload_rules(self) -> UploadRules | None:
        """Thin: the domain knows."""
        return UploadRules(max_bytes=claim_document.MAX_UPLOAD_BYTES, content_types=list(claim_document.UPLOAD_TYPES))

    @strawberry.field(directives=[SemanticNonNull()], description="Every source, asked right now.")
    async def service_status(self, info: Info) -> list[ServiceStatus] | None:
        """Thin: one service call."""
        locale = info.context.locale
        return [
            ServiceStatus(
                service=known.service,
                available=known.available,
                message=None if known.available else sentence(locale, f"service.out.{known.service.value}"),
            )
            for known in await service_status.ask_all(info.context.world)
        ]

    @strawberry.field(directives=[SemanticNonNull()], description="Whom to ask; fictitious.")
    async def support(self, info: Info) -> Support | None:
        """Thin: sentences."""
        locale = info.context.locale
        return Support(
            phone="+6284000000175",
            email="bantuan@peserta.test",
            hours=sentence(locale, "support.hours"),
            note=sentence(locale, "support.note"),
        )
