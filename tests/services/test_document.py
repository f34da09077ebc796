"""Documents that wait for a claim: how many may, how long, and that reading them needs no whole file in memory."""

import io
from datetime import timedelta

import pytest

from gateway.domain.claim_document import DocumentKind
from gateway.domain.document import MOST_UNUSED, IncomingFile
from gateway.domain.problem import Code, Rejected
from gateway.services import clock, document
from tests.domain.test_document_content import pdf, png
from tests.services.claiming import person_id, send_in
from tests.services.journey import LARAS, UCOK, refused_without_trace, told
from tests.services.staged import StagedWorld
from tests.services.test_contact import viewer_of


async def test_forty_documents_may_wait_for_a_claim(world: StagedWorld) -> None:
    viewer = await viewer_of(world, LARAS.email)
    for _ in range(MOST_UNUSED):
        await send_in(world, viewer, DocumentKind.KTP)

    refusal = await refused_without_trace(world, send_in(world, viewer, DocumentKind.KTP))

    assert told(refusal) == [(Code.RATE_LIMITED, ("file",))]
    assert refusal.problems[0].retry_at == world.clock.now() + timedelta(days=7)
    assert (await send_in(world, await viewer_of(world, UCOK.email), DocumentKind.KTP)).size == len(png())
    await clock.advance(world, by=timedelta(days=7))
    assert (await send_in(world, viewer, DocumentKind.KTP)).kind is DocumentKind.KTP


async def test_a_document_is_read_in_parts(world: StagedWorld) -> None:
    content = pdf(b"/Note (" + b"x" * 600_000 + b")")
    kept = await send_in(world, await viewer_of(world, LARAS.email), DocumentKind.KK, "kk.pdf", content)

    parts = [part async for part in document.read_parts(world, document_id=kept.id)]

    assert [len(part) for part in parts] == [262_144, 262_144, len(content) - 524_288]
    assert b"".join(parts) == content


async def test_one_file_can_be_sent_in_twice(world: StagedWorld) -> None:
    viewer, data = await viewer_of(world, LARAS.email), png()
    file = IncomingFile("a.png", len(data), io.BytesIO(data))

    first = await document.upload(world, viewer=viewer, kind=DocumentKind.KTP, file=file)
    second = await document.upload(world, viewer=viewer, kind=DocumentKind.KK, file=file)

    assert (first.sha256, first.kind) == (second.sha256, DocumentKind.KTP)
    assert first.id != second.id


async def test_an_unused_document_is_gone_at_its_hour_and_its_address_with_it(world: StagedWorld) -> None:
    kept = await send_in(world, await viewer_of(world, LARAS.email), DocumentKind.KTP)
    member_id = await person_id(world, LARAS)
    world.clock.advance(timedelta(days=7, microseconds=-1))
    token = document.download_url(world, kept).url.partition("token=")[2]
    assert (await document.open_signed(world, token=token)).id == kept.id

    world.clock.advance(timedelta(microseconds=1))

    assert await document.find(world, member_id=member_id, document_id=kept.id) is None
    with pytest.raises(Rejected) as caught:
        await document.open_signed(world, token=token)
    assert caught.value.code == "NOT_FOUND"
