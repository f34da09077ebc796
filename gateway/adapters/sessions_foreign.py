"""Sessions when the identity provider is a foreign one: it takes no first-party sign-in, so none are issued here."""

from collections.abc import Sequence

from gateway.domain.account import ActiveSession
from gateway.ports import IdentityUnavailable, Tokens


class ForeignSessions:
    """Implements `ports.Sessions`. Whoever has a token signed in at the provider; how long it lives is its business."""

    async def issue(self, subject: str, *, user_agent: str | None, ip_address: str | None) -> Tokens:
        """Raises IdentityUnavailable, always."""
        raise IdentityUnavailable("the provider takes no first-party sign-in")

    async def refresh(self, refresh_token: str) -> Tokens:
        """Raises IdentityUnavailable, always."""
        raise IdentityUnavailable("the provider takes no first-party refresh")

    async def list(self, subject: str) -> Sequence[ActiveSession]:
        """Raises IdentityUnavailable, always."""
        raise IdentityUnavailable("the provider lists no sessions")

    async def revoke(self, subject: str, *, session_id: str | None = None, except_session_id: str | None = None) -> int:
        """Raises IdentityUnavailable, always."""
        raise IdentityUnavailable("the provider ends no sessions for us")

    async def is_live(self, session_id: str) -> bool:
        """True: a token that the provider signed is good until it expires."""
        return True
