"""Cards: what is painted, who may fetch it, how long, and what its code proves."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.domain.account import ActivityKind
from gateway.domain.card import Card, CardFormat, CardVerification
from gateway.domain.member import MembershipStatus, Program
from gateway.domain.problem import Rejected
from gateway.models.account import ActivityRow
from gateway.services import card, clock, member, membership
from tests.services.care import viewer_of
from tests.services.journey import BUDI, CALLER, INSTANT, LARAS, LARAS_OTHER_KPJ, UCOK, sign_up
from tests.services.staged import StagedWorld, kept


async def cards_of(world: StagedWorld, nik: str = UCOK.nik) -> list[Card]:
    owner = await member.load(world, nik=nik)
    return list(await card.list_cards(world, owner=owner))


def token_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["token"][0]


async def fetched(world: StagedWorld, known: Card, form: CardFormat = CardFormat.PDF, locale: str = "id") -> str:
    return token_in(card.download_url(world, known, form, locale).url)


async def test_there_is_a_card_for_every_linked_membership(world: StagedWorld) -> None:
    assert [known.membership.kpj for known in await cards_of(world)] == [UCOK.kpj]
    assert [known.membership.kpj for known in await cards_of(world, LARAS.nik)] == [LARAS.kpj, LARAS_OTHER_KPJ]


async def test_a_card_says_who_and_what_and_never_the_nik(world: StagedWorld) -> None:
    (known,) = await cards_of(world)

    file = await card.load_file(world, token=await fetched(world, known), caller=CALLER)

    ((face, form),) = world.cards.painted
    assert (file.content_type, file.file_name, file.content) == (
        "application/pdf",
        "kartu-0008.pdf",
        b"PDF of Ucok Reka",
    )
    assert (form, face.holder, face.number, face.status) == (CardFormat.PDF, "Ucok Reka", "KPJ 9926 0000 008", "AKTIF")
    assert face.rows == (
        ("Segmen", "Bukan penerima upah (BPU)"),
        ("Program", "JHT · JKK · JKM"),
        ("Pemberi kerja", "–"),
        ("Peserta sejak", "23 Juli 2025"),
    )
    assert "SIMULASI" in face.band
    assert face.qr == card.verification_url(world, known).url
    assert UCOK.nik not in repr(face)


async def test_a_card_speaks_the_language_of_who_asked(world: StagedWorld) -> None:
    (known,) = await cards_of(world)

    await card.load_file(world, token=await fetched(world, known, CardFormat.PNG, "en"), caller=CALLER)

    face, form = world.cards.painted[0]
    assert (form, face.rows[3], face.status) == (CardFormat.PNG, ("Member since", "23 July 2025"), "ACTIVE")


async def test_its_owner_can_read_that_it_was_fetched(world: StagedWorld) -> None:
    (known,) = await cards_of(world)

    await card.load_file(world, token=await fetched(world, known), caller=CALLER)

    async with world.store.reading():
        (entry,) = await ActivityRow.all()
    assert (entry.kind, entry.ip_address) == (ActivityKind.CARD_DOWNLOADED, "127.0.0.1")


async def test_an_address_ends_after_five_minutes(world: StagedWorld) -> None:
    (known,) = await cards_of(world)
    signed = card.download_url(world, known, CardFormat.PDF, "id")
    assert signed.expires_at == world.clock.now() + timedelta(minutes=5)
    world.clock.advance(timedelta(minutes=5))
    await card.load_file(world, token=token_in(signed.url), caller=CALLER)
    before = await kept(world)
    world.clock.advance(INSTANT)

    with pytest.raises(Rejected) as caught:
        await card.load_file(world, token=token_in(signed.url), caller=CALLER)

    assert (caught.value.code, caught.value.text) == ("NOT_FOUND", "request.download_ended")
    assert await kept(world) == before


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5_000])
async def test_what_is_no_address_gives_nothing(world: StagedWorld, token: str) -> None:
    with pytest.raises(Rejected) as caught:
        await card.load_file(world, token=token, caller=CALLER)

    assert (caught.value.code, world.cards.painted) == ("NOT_FOUND", [])


async def test_a_token_of_another_purpose_gives_nothing(world: StagedWorld) -> None:
    token = world.signer.sign("activation", {"m": 1, "p": 1, "f": "PDF", "l": "id"})

    with pytest.raises(Rejected) as caught:
        await card.load_file(world, token=token, caller=CALLER)

    assert caught.value.code == "NOT_FOUND"


async def test_a_membership_that_left_the_account_has_no_card_and_proves_nothing(world: StagedWorld) -> None:
    _, disputed = await cards_of(world, LARAS.nik)
    viewer = await viewer_of(world, LARAS.email)
    statement = "Saya tidak pernah bekerja di sana."
    await membership.dispute(world, viewer=viewer, kpj=LARAS_OTHER_KPJ, statement=statement, caller=CALLER)
    await clock.advance(world, by=timedelta(days=3))
    (left,) = await cards_of(world, LARAS.nik)
    fresh = card._card(world, disputed.member, disputed.membership)

    assert left.membership.kpj == LARAS.kpj
    assert not (await card.verify(world, token=fresh.verification_token)).valid
    with pytest.raises(Rejected):
        await card.load_file(world, token=await fetched(world, fresh), caller=CALLER)


async def test_somebody_without_an_account_has_no_file(world: StagedWorld) -> None:
    known = (await cards_of(world, BUDI.nik))[0]

    with pytest.raises(Rejected) as caught:
        await card.load_file(world, token=await fetched(world, known), caller=CALLER)

    assert caught.value.code == "NOT_FOUND"
    await sign_up(world)
    assert (await card.load_file(world, token=await fetched(world, known), caller=CALLER)).file_name == "kartu-0001.pdf"


async def test_a_code_proves_a_card_with_everything_masked(world: StagedWorld) -> None:
    (known,) = await cards_of(world)
    signed = card.verification_url(world, known)
    assert signed.expires_at == datetime(2026, 11, 24, 0, tzinfo=UTC)

    proved = await card.verify(world, token=token_in(signed.url))

    assert proved == CardVerification(
        valid=True,
        checked_at=world.clock.now(),
        masked_holder_name="U*** R***",
        masked_kpj="*******0008",
        status=MembershipStatus.ACTIVE,
        programs=(Program.JHT, Program.JKK, Program.JKM),
    )


@pytest.mark.parametrize("token", ["", "x", "A" * 32])
async def test_a_foreign_code_proves_nothing(world: StagedWorld, token: str) -> None:
    assert await card.verify(world, token=token) == CardVerification(valid=False, checked_at=world.clock.now())


async def test_a_code_ends_with_its_day(world: StagedWorld) -> None:
    (known,) = await cards_of(world)
    world.clock.advance(known.verification_expires_at - world.clock.now())

    assert not (await card.verify(world, token=known.verification_token)).valid
