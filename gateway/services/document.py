"""Documents: taken in after a look at their bytes, kept in parts, and read by their owner alone."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

from gateway.domain.account import Viewer
from gateway.domain.card import SignedUrl
from gateway.domain.claim_document import MAX_UPLOAD_BYTES, DocumentKind, DocumentState
from gateway.domain.document import MOST_UNUSED, UNUSED_FOR, Document, IncomingFile, clean_file_name
from gateway.domain.document_content import find_content_type
from gateway.domain.problem import Code, Rejected, refuse
from gateway.models.document import DocumentPartRow, DocumentRow
from gateway.ports import BadToken, ExpiredToken
from gateway.services import account as accounts
from gateway.world import World

_PURPOSE: Final = "document"
_PART_BYTES: Final = 256 * 1024


async def upload(world: World, *, viewer: Viewer, kind: DocumentKind, file: IncomingFile) -> Document:
    """Keep a file for a claim to come; unused for seven days it is thrown away.

    Raises Refusal: REQUIRED (an empty file), DOCUMENT_TOO_LARGE, DOCUMENT_TYPE_NOT_ALLOWED, RATE_LIMITED (40 files
    wait for a claim already); Rejected UNAUTHENTICATED. Source: domain notes 2.2 (JPG, PNG, PDF of at most 6 MB).
    """
    if file.size > MAX_UPLOAD_BYTES:
        raise refuse(Code.DOCUMENT_TOO_LARGE, "file", params={"megabytes": MAX_UPLOAD_BYTES // 1024**2})
    file.content.seek(0)
    content = file.content.read(MAX_UPLOAD_BYTES + 1)
    if not content:
        raise refuse(Code.REQUIRED, "file")
    # Looking through packed parts of a PDF takes a moment, in which others are served.
    content_type, digest = await asyncio.to_thread(_look, content)
    if content_type is None:
        raise refuse(Code.DOCUMENT_TYPE_NOT_ALLOWED, "file")
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        await _check_room(world, account.person_id)
        now = world.clock.now()
        row = await DocumentRow.create(
            person_id=account.person_id,
            kind=kind.value,
            file_name=clean_file_name(file.file_name),
            content_type=content_type,
            size=len(content),
            sha256=digest,
            uploaded_at=now,
            expires_at=now + UNUSED_FOR,
            state=DocumentState.UPLOADED.value,
        )
        for start in range(0, len(content), _PART_BYTES):
            await DocumentPartRow.create(document_id=row.id, content=content[start : start + _PART_BYTES])
    world.agenda.at(now + UNUSED_FOR)
    return row.to_domain()


def _look(content: bytes) -> tuple[str | None, str]:
    return find_content_type(content), hashlib.sha256(content).hexdigest()


async def _check_room(world: World, person_id: int) -> None:
    waiting = DocumentRow.filter(person_id=person_id, claim_id=None, expires_at__gt=world.clock.now())
    if await waiting.count() >= MOST_UNUSED:
        first = await waiting.order_by("expires_at").first()
        assert first is not None and first.expires_at is not None, "what waits for a claim has an end"
        raise refuse(Code.RATE_LIMITED, "file", retry_at=first.expires_at, text="error.RATE_LIMITED.documents")


async def find(world: World, *, member_id: int, document_id: int) -> Document | None:
    """One document of that member; None for anybody else's and for one that was thrown away."""
    async with world.store.reading():
        row = await DocumentRow.get_or_none(id=document_id, person_id=member_id)
    return row.to_domain() if row is not None and not _is_gone(world, row) else None


def _is_gone(world: World, row: DocumentRow) -> bool:
    return row.expires_at is not None and row.expires_at <= world.clock.now()


def download_url(world: World, document: Document) -> SignedUrl:
    """The address of a document's bytes; handed to its owner alone, it lives `document_download_ttl_s` (assumed)."""
    token = world.signer.sign(_PURPOSE, {"d": document.id, "p": document.person_id})
    expires_at = world.clock.now() + timedelta(seconds=world.limits.document_download_ttl_s)
    return SignedUrl(f"{world.urls.portal}/berkas/dokumen?token={token}", expires_at)


async def open_signed(world: World, *, token: str) -> Document:
    """The document behind a signed address. Raises Rejected NOT_FOUND for a foreign or ended one."""
    try:
        payload = world.signer.read(_PURPOSE, token, world.limits.document_download_ttl_s)
    except (BadToken, ExpiredToken):
        raise Rejected("NOT_FOUND", "request.download_ended") from None
    found = await find(world, member_id=int(str(payload["p"])), document_id=int(str(payload["d"])))
    if found is None:
        raise Rejected("NOT_FOUND", "request.download_ended")
    return found


async def read_parts(world: World, *, document_id: int) -> AsyncIterator[bytes]:
    """The bytes of a document, a part at a time, so that a large one is never held whole."""
    after = 0
    while True:
        async with world.store.reading():
            parts = DocumentPartRow.filter(document_id=document_id, id__gt=after)
            part = await parts.order_by("id").first()
        if part is None:
            return
        after = part.id
        yield bytes(part.content)


async def throw_away(world: World) -> list[str]:
    """Remove what no claim used in time."""
    async with world.store.writing():
        gone: Sequence[int] = await DocumentRow.filter(expires_at__lte=world.clock.now()).values_list("id", flat=True)  # type: ignore[assignment]  # the ORM types flat lists as tuples
        if gone:
            await DocumentPartRow.filter(document_id__in=list(gone)).delete()
            await DocumentRow.filter(id__in=list(gone)).delete()
    return [f"document.expired {document_id}" for document_id in gone]
