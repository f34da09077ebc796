"""The digital card: its data, its files, and what its code proves to anybody."""

from datetime import date, datetime

import strawberry

from gateway.domain import card
from gateway.domain.card import CardFormat
from gateway.domain.member import Member
from gateway.services import card as cards
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.vocabulary import MembershipStatus, Program, Segment
from schema.node import global_id, seconds_until
from schema.scalars import URL

strawberry.enum(CardFormat, description="The kinds of file that a card comes as.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="An address that works without a session or a header until it ends.")
class SignedUrl:
    """Times are world time; `expiresInSeconds` counts from now."""

    url: URL
    expires_at: datetime
    expires_in_seconds: int

    @staticmethod
    def of(signed: card.SignedUrl, now: datetime) -> "SignedUrl":
        """The address as of `now`."""
        return SignedUrl(
            url=URL(signed.url),
            expires_at=signed.expires_at,
            expires_in_seconds=seconds_until(signed.expires_at, now),
        )


@strawberry.type(description="One membership as a card.")
class Card:
    """The owner's view; it never holds a NIK."""

    source: strawberry.Private[card.Card]

    id: strawberry.ID
    kpj: str
    holder_name: str
    segment: Segment
    programs: list[Program]
    employer_name: str | None
    status: MembershipStatus
    member_since: date

    @staticmethod
    def of(known: card.Card) -> "Card":
        """The card as its owner sees it."""
        membership = known.membership
        return Card(
            source=known,
            id=global_id("Card", membership.id),
            kpj=membership.kpj,
            holder_name=known.member.full_name,
            segment=membership.segment,
            programs=list(membership.programs),
            employer_name=membership.employer.name if membership.employer else None,
            status=membership.status,
            member_since=membership.member_since,
        )

    @strawberry.field(description="The public page that proves the card; it is what the QR says.")
    def verification(self, info: Info) -> SignedUrl:
        """Thin: one service call."""
        world = info.context.world
        return SignedUrl.of(cards.verification_url(world, self.source), world.clock.now())

    @strawberry.field(description="The card as a file, in the request's language.")
    def download(self, info: Info, format: CardFormat = CardFormat.PDF) -> SignedUrl:
        """Thin: one service call."""
        context = info.context
        signed = cards.download_url(context.world, self.source, format, context.locale)
        return SignedUrl.of(signed, context.world.clock.now())


@strawberry.type(description="What anybody may learn from a card's code.")
class CardVerification:
    """Everything but `checkedAt` is null unless the code is valid."""

    valid: bool
    masked_holder_name: str | None
    masked_kpj: str | None
    status: MembershipStatus | None
    programs: list[Program] | None
    checked_at: datetime

    @staticmethod
    def of(known: card.CardVerification) -> "CardVerification":
        """What the code proved."""
        return CardVerification(
            valid=known.valid,
            masked_holder_name=known.masked_holder_name,
            masked_kpj=known.masked_kpj,
            status=known.status,
            programs=list(known.programs) if known.programs is not None else None,
            checked_at=known.checked_at,
        )


@strawberry.type
class CardHolder:
    """The cards of a member."""

    source: strawberry.Private[Member]

    @strawberry.field(directives=[SemanticNonNull()], description="One card for every linked KPJ.")
    async def cards(self, info: Info) -> list[Card] | None:
        """Thin: one service call."""
        return [Card.of(known) for known in await cards.list_cards(info.context.world, owner=self.source)]


@strawberry.type
class CardQuery:
    """Reads of cards that need no session."""

    @strawberry.field(directives=[SemanticNonNull()], description="Whether the code on a card is true now.")
    async def verify_card(self, info: Info, token: str) -> CardVerification | None:
        """Thin: one service call."""
        return CardVerification.of(await cards.verify(info.context.world, token=token))
