"""Which documents a claim needs, by its reason, and which files are taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text

FILE = "claim_documents.json"
# Source: domain notes 2.2 (JPG, PNG or PDF of at most 6 MB each).
MAX_UPLOAD_BYTES = 6 * 1024 * 1024
UPLOAD_TYPES = ("image/jpeg", "image/png", "application/pdf")


class ClaimReason(StrEnum):
    """Why JHT is claimed. Source: PP 46/2015 article 22 and Permenaker 4/2022 (domain notes 4.1)."""

    RETIREMENT_AGE = "RETIREMENT_AGE"
    RESIGNED = "RESIGNED"
    LAID_OFF = "LAID_OFF"
    CONTRACT_ENDED = "CONTRACT_ENDED"
    STOPPED_PAYING = "STOPPED_PAYING"
    LEAVING_INDONESIA = "LEAVING_INDONESIA"
    TOTAL_DISABILITY = "TOTAL_DISABILITY"
    DEATH = "DEATH"
    PARTIAL_10 = "PARTIAL_10"
    PARTIAL_30 = "PARTIAL_30"


class DocumentKind(StrEnum):
    """What a document is."""

    KTP = "KTP"
    KK = "KK"
    CARD = "CARD"
    BANK_BOOK = "BANK_BOOK"
    NPWP = "NPWP"
    RESIGNATION_LETTER = "RESIGNATION_LETTER"
    LAYOFF_PROOF = "LAYOFF_PROOF"
    CONTRACT = "CONTRACT"
    PASSPORT = "PASSPORT"
    LEAVING_STATEMENT = "LEAVING_STATEMENT"
    MEDICAL_CERTIFICATE = "MEDICAL_CERTIFICATE"
    DEATH_CERTIFICATE = "DEATH_CERTIFICATE"
    HEIR_CERTIFICATE = "HEIR_CERTIFICATE"
    HOUSING_PROOF = "HOUSING_PROOF"
    EMPLOYER_LETTER = "EMPLOYER_LETTER"
    SELFIE = "SELFIE"


class DocumentState(StrEnum):
    """How a needed document stands."""

    MISSING = "MISSING"
    UPLOADED = "UPLOADED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class DocumentRequirement:
    """A document that a claim needs or may need; `source` says by which rule."""

    kind: DocumentKind
    required: bool
    source: str
    is_assumption: bool


Requirements = Mapping[ClaimReason, tuple[DocumentRequirement, ...]]


def parse_requirements(text: str) -> Requirements:
    """The requirements out of their JSON text. Raises BadDataFile: a reason left out, a document named twice."""
    top = parse_data(FILE, text)
    top.only("reasons")
    found: dict[ClaimReason, tuple[DocumentRequirement, ...]] = {}
    for entry in top.entries("reasons"):
        entry.only("reason", "source", "isAssumption", "required", "optional")
        reason = entry.read("reason", ClaimReason, "is no reason")
        if reason in found:
            raise entry.fail("stands twice", "reason")
        found[reason] = _documents(entry)
    missing = [reason.value for reason in ClaimReason if reason not in found]
    if missing:
        raise top.fail(f"lacks {missing[0]}", "reasons")
    return found


@cache
def load_requirements() -> Requirements:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_requirements(read_text(FILE))


def _documents(entry: Entry) -> tuple[DocumentRequirement, ...]:
    source, is_assumption = entry.text("source"), entry.flag("isAssumption")
    named = [(name, text) for name in ("required", "optional") for text in entry.texts(name)]
    kinds = [text for _, text in named]
    for name, text in named:
        if text not in DocumentKind.__members__ or kinds.count(text) > 1:
            raise entry.fail("names a document that is not known or stands twice", name)
    return tuple(
        DocumentRequirement(DocumentKind(text), name == "required", source, is_assumption) for name, text in named
    )
