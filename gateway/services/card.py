"""Digital cards: one for each linked membership, their files behind signed addresses, and what their code proves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from gateway.domain.account import ActivityKind, Caller
from gateway.domain.card import (
    CONTENT_TYPES,
    Card,
    CardFace,
    CardFile,
    CardFormat,
    CardVerification,
    SignedUrl,
    make_token,
    mask_name,
    read_token,
)
from gateway.domain.identity import mask_kpj
from gateway.domain.member import Member, Membership, MembershipStatus
from gateway.domain.membership_care import Link
from gateway.domain.problem import Rejected
from gateway.models.account import AccountRow
from gateway.models.member import MembershipRow
from gateway.ports import BadToken, ExpiredToken
from gateway.services import activity, member
from gateway.texts import sentence
from gateway.world import World

_PURPOSE: Final = "card"


async def list_cards(world: World, *, owner: Member) -> Sequence[Card]:
    """A card for every linked membership, the one to sign up with first."""
    world.cards.prepare()
    memberships = await member.list_memberships(world, member_id=owner.id)
    return [_card(world, owner, membership) for membership in memberships]


def _card(world: World, owner: Member, membership: Membership) -> Card:
    token, ends_at = make_token(
        membership.id, world.clock.now(), world.limits.card_verification_ttl_s, lambda text: world.ids.key("card", text)
    )
    return Card(owner, membership, token, ends_at)


def verification_url(world: World, card: Card) -> SignedUrl:
    """The page that anybody can ask whether a card is true; it is what the QR says."""
    return SignedUrl(f"{world.urls.portal}/kartu?token={card.verification_token}", card.verification_expires_at)


def download_url(world: World, card: Card, form: CardFormat, locale: str) -> SignedUrl:
    """The address of a card's file. It needs no header and lives `card_download_ttl_s` seconds (assumed)."""
    payload: dict[str, object] = {"m": card.membership.id, "p": card.member.id, "f": form.value, "l": locale}
    token = world.signer.sign(_PURPOSE, payload)
    expires_at = world.clock.now() + timedelta(seconds=world.limits.card_download_ttl_s)
    return SignedUrl(f"{world.urls.portal}/berkas/kartu?token={token}", expires_at)


async def load_file(world: World, *, token: str, caller: Caller) -> CardFile:
    """The file behind a signed address; its owner can read afterwards that it was fetched.

    Raises Rejected NOT_FOUND: a foreign or ended address, or a membership that is no longer linked.
    """
    try:
        payload = world.signer.read(_PURPOSE, token, world.limits.card_download_ttl_s)
    except (BadToken, ExpiredToken):
        raise Rejected("NOT_FOUND", "request.download_ended") from None
    async with world.store.writing():
        row = await _find_row(int(str(payload["m"])))
        account = await AccountRow.get_or_none(person_id=payload["p"])
        if row is None or account is None or row.person_id != account.person_id:
            raise Rejected("NOT_FOUND", "request.download_ended")
        await activity.record(world, account.id, ActivityKind.CARD_DOWNLOADED, caller)
    card = _card(world, row.person.to_domain(), row.to_domain(row.employer.to_domain() if row.employer else None))
    form = CardFormat(str(payload["f"]))
    content = await world.cards.paint(_face(world, card, str(payload["l"])), form)
    name = f"kartu-{card.membership.kpj[-4:]}.{form.value.lower()}"
    return CardFile(content, CONTENT_TYPES[form], name)


async def _find_row(membership_id: int) -> MembershipRow | None:
    rows = MembershipRow.filter(id=membership_id, link=Link.LINKED)
    return await rows.select_related("person", "employer").first()


def _face(world: World, card: Card, locale: str) -> CardFace:
    # Imported here: Babel's dates cost every start a tenth of a second otherwise.
    from babel.dates import format_date

    known = card.membership
    active = known.status is MembershipStatus.ACTIVE
    rows = [
        ("segment", sentence(locale, f"card.segment.{known.segment.value}")),
        ("programs", " · ".join(known.programs)),
        ("employer", known.employer.name if known.employer else "–"),
        ("since", format_date(known.member_since, "d MMMM y", locale)),
    ]
    return CardFace(
        issuer=sentence(locale, "card.issuer"),
        title=sentence(locale, "card.title"),
        holder=card.member.full_name,
        number=f"KPJ {known.kpj[:4]} {known.kpj[4:8]} {known.kpj[8:]}",
        rows=tuple((sentence(locale, f"card.label.{name}"), value) for name, value in rows),
        status=sentence(locale, f"card.status.{known.status.value}"),
        active=active,
        hint=sentence(locale, "card.hint"),
        band=sentence(locale, "card.band"),
        qr=verification_url(world, card).url,
    )


async def verify(world: World, *, token: str) -> CardVerification:
    """What a card's code proves now; anybody may ask. Nothing but "no" for a foreign, broken or ended one."""
    now = world.clock.now()
    life_s = world.limits.card_verification_ttl_s
    membership_id = read_token(token.strip(), now, life_s, lambda text: world.ids.key("card", text))
    if membership_id is None:
        return CardVerification(valid=False, checked_at=now)
    async with world.store.reading():
        row = await _find_row(membership_id)
    if row is None:
        return CardVerification(valid=False, checked_at=now)
    known = row.to_domain(None)
    return CardVerification(
        valid=True,
        checked_at=now,
        masked_holder_name=mask_name(row.person.full_name),
        masked_kpj=mask_kpj(known.kpj),
        status=known.status,
        programs=known.programs,
    )
