"""Documents that members send in: what is kept of them, and whether what came is a file that is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Final

from gateway.domain.claim_document import DocumentKind, DocumentRequirement, DocumentState

# How long a document waits for its claim, and how many may wait at once. Source: assumed for the sandbox.
UNUSED_FOR: Final = timedelta(days=7)
MOST_UNUSED: Final = 40
MOST_NAME_CHARS: Final = 120
# A file of that name is found unreadable, or false, when it is checked. Source: assumed for the sandbox.
BLURRED: Final = "buram"
FORGED: Final = "palsu"
BLURRED_PROBLEM: Final = "claim.problem.blurred"
FORGED_PROBLEM: Final = "claim.problem.forged"


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it came in: its name as given, and its bytes in `content`, wherever that stands.

    `size` in bytes is what was sent; of a file that is too large not everything is in `content`.
    """

    file_name: str
    size: int
    content: IO[bytes]


@dataclass(frozen=True, slots=True)
class Document:
    """A kept file. `content_type` follows from its bytes; `problem` names a sentence where it was not taken.

    `expires_at` is when a document that no claim uses is thrown away.
    """

    id: int
    person_id: int
    kind: DocumentKind
    file_name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    expires_at: datetime | None
    state: DocumentState
    problem: str | None


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A document that a claim needs or may need, and how it stands."""

    kind: DocumentKind
    required: bool
    state: DocumentState
    problem: str | None
    document: Document | None


def clean_file_name(name: str) -> str:
    """The last part of a name that came from outside, printable and short; "dokumen" when nothing is left.

    It is shown and never used as a path. Source: OWASP file upload guidance; the length is assumed.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in last if character.isprintable() and character not in '<>:"|?*;%')
    return kept.strip(" .")[-MOST_NAME_CHARS:] or "dokumen"


def match_requirements(
    needed: Iterable[DocumentRequirement], documents: Sequence[Document], *, all_optional: bool = False
) -> tuple[RequiredDocument, ...]:
    """Each needed document with the latest one of its kind; with `all_optional` none is needed at all."""
    latest = {document.kind: document for document in documents}
    return tuple(
        RequiredDocument(
            kind=one.kind,
            required=one.required and not all_optional,
            state=latest[one.kind].state if one.kind in latest else DocumentState.MISSING,
            problem=latest[one.kind].problem if one.kind in latest else None,
            document=latest.get(one.kind),
        )
        for one in needed
    )


def check_document(document: Document) -> tuple[DocumentState, str | None]:
    """What the agency finds when it looks at a document: the sandbox goes by the file's name.

    Source: assumed for the sandbox; a real check is done by people.
    """
    name = document.file_name.lower()
    if FORGED in name:
        return DocumentState.REJECTED, FORGED_PROBLEM
    if BLURRED in name:
        return DocumentState.REJECTED, BLURRED_PROBLEM
    return DocumentState.ACCEPTED, None
