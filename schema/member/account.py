"""The account: its data, its sessions and what happened to it."""

from datetime import datetime

import strawberry

from gateway.domain import account
from gateway.domain.account import AccountStatus, ActivityKind
from gateway.domain.page import page_request
from gateway.services import account as accounts
from gateway.services import activity as activities
from gateway.services import contact as contacts
from gateway.texts import sentence
from schema.context import Context
from schema.loaders import once
from schema.member.registration import OtpChallenge, SentLink
from schema.node import Node, global_id
from schema.page import Connection, to_connection

strawberry.enum(AccountStatus, description="LOCKED passes by itself; PENDING_ACTIVATION dies with its sign-up.")
strawberry.enum(ActivityKind, description="What happened to an account.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="One place where the account is signed in.")
class ActiveSession:
    """`current` is the session of this request."""

    id: strawberry.ID
    created_at: datetime
    last_used_at: datetime
    user_agent: str | None
    current: bool


@strawberry.type(description="One entry of the account's activity: who did what, when, from where.")
class Activity:
    """`summary` is in the request's language."""

    id: strawberry.ID
    at: datetime
    kind: ActivityKind
    summary: str
    ip_address: str | None
    user_agent: str | None

    @staticmethod
    def of(entry: account.Activity, locale: str) -> "Activity":
        """The entry as its owner reads it."""
        return Activity(
            id=global_id("Activity", entry.id),
            at=entry.at,
            kind=entry.kind,
            summary=sentence(locale, f"activity.{entry.kind}"),
            ip_address=entry.ip_address,
            user_agent=entry.user_agent,
        )


@strawberry.type(description="A person's access to the portal: one per NIK.")
class Account(Node):
    """The owner's view."""

    source: strawberry.Private[account.Account]

    kpj: str = strawberry.field(description="The KPJ it was opened with; any linked KPJ signs in.")
    email: str
    phone: str
    status: AccountStatus
    created_at: datetime
    activated_at: datetime | None
    last_sign_in_at: datetime | None

    @staticmethod
    def of(owned: account.Account) -> "Account":
        """The account as its owner sees it."""
        return Account(
            id=global_id("Account", owned.id),
            source=owned,
            kpj=owned.kpj,
            email=owned.email,
            phone=owned.phone,
            status=owned.status,
            created_at=owned.created_at,
            activated_at=owned.activated_at,
            last_sign_in_at=owned.last_sign_in_at,
        )

    @strawberry.field(description="Where the account is signed in, the latest used first.")
    async def sessions(self, info: Info) -> list[ActiveSession]:
        """Thin: one service call."""
        viewer = await info.context.viewer()
        current = viewer.session_id if viewer is not None else None
        live = await accounts.list_sessions(info.context.world, account=self.source)
        return [
            ActiveSession(
                id=strawberry.ID(session.id),
                created_at=session.created_at,
                last_used_at=session.last_used_at,
                user_agent=session.user_agent,
                current=session.id == current,
            )
            for session in live
        ]

    @strawberry.field(description="A new address that waits for its link to be used.")
    async def pending_email(self, info: Info) -> SentLink | None:
        """Thin: one shared read."""
        link = (await self._pending(info.context)).email
        return SentLink.of(link, info.context.world.clock.now()) if link is not None else None

    @strawberry.field(description="A new phone that waits for its code to be answered.")
    async def pending_phone(self, info: Info) -> OtpChallenge | None:
        """Thin: one shared read."""
        sent = (await self._pending(info.context)).phone
        return OtpChallenge.of(sent, info.context.world.clock.now()) if sent is not None else None

    async def _pending(self, context: Context) -> contacts.PendingContacts:
        key = ("pending", self.source.id)
        return await once(context, key, lambda: contacts.find_pending(context.world, account_id=self.source.id))

    @strawberry.field(description="What happened to the account, newest first.")
    async def activity(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Activity]:
        """Thin: one service call."""
        request = page_request(first, after, last, before)
        page = await activities.list_for(info.context.world, account_id=self.source.id, request=request)
        locale = info.context.locale
        return to_connection(page, lambda entry: Activity.of(entry, locale))
