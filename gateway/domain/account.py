"""Accounts, their sessions and what happened to them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountStatus(StrEnum):
    """LOCKED passes by itself; PENDING_ACTIVATION dies with its sign-up."""

    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"


class ActivityKind(StrEnum):
    """What an account's owner can read about the account."""

    SIGNED_IN = "SIGNED_IN"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    SIGNED_OUT = "SIGNED_OUT"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"
    PASSWORD_RESET = "PASSWORD_RESET"
    PHONE_CHANGED = "PHONE_CHANGED"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    PROFILE_CHANGED = "PROFILE_CHANGED"
    MEMBERSHIP_LINKED = "MEMBERSHIP_LINKED"
    MEMBERSHIP_DISPUTED = "MEMBERSHIP_DISPUTED"
    MERGE_REQUESTED = "MERGE_REQUESTED"
    CLAIM_SUBMITTED = "CLAIM_SUBMITTED"
    CLAIM_CHANGED = "CLAIM_CHANGED"
    CARD_DOWNLOADED = "CARD_DOWNLOADED"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"


@dataclass(frozen=True, slots=True)
class Account:
    """A person's access. `subject` is what tokens carry; it is random and names nobody."""

    id: int
    subject: str
    kpj: str
    nik: str
    email: str
    phone: str
    status: AccountStatus
    locale: str
    created_at: datetime
    activated_at: datetime | None
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """One place where an account is signed in."""

    id: str
    created_at: datetime
    last_used_at: datetime
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that happened to an account, newest last."""

    id: int
    at: datetime
    kind: ActivityKind
    ip_address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Tokens of a fresh session and whose they are. Never logged."""

    account: Account
    access_token: str
    refresh_token: str
    expires_at: datetime
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from and how it is to be answered; `locale` is id or en."""

    locale: str = "id"
    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who a verified access token speaks for."""

    subject: str
    session_id: str
