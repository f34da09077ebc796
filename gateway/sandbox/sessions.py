"""The provider's sessions as the gateway uses them; implements `ports.Sessions` for one world."""

from collections.abc import Sequence

from gateway.domain.account import ActiveSession
from gateway.ports import RefreshRejected, Tokens
from gateway.sandbox.directory import WorldRealm, WorldRealms
from gateway.sandbox.reach import OpenWorlds
from mockidp import sessions


class RealmSessions:
    """Sessions of one world, asked of the provider in process."""

    def __init__(self, provider: sessions.Sessions, realms: WorldRealms, worlds: OpenWorlds, world_id: str) -> None:
        self._provider = provider
        self._realms = realms
        self._worlds = worlds
        self._id = world_id

    def _realm(self) -> WorldRealm:
        world = self._worlds.find_open(self._id)
        assert world is not None, "sessions are asked for by their own open world"
        return self._realms.realm(world)

    async def issue(self, subject: str, *, user_agent: str | None, ip_address: str | None) -> Tokens:
        """A fresh session of a subject."""
        issued = await self._provider.issue(self._realm(), subject, user_agent=user_agent, ip_address=ip_address)
        return _to_port(issued, subject)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token. Raises RefreshRejected."""
        try:
            issued = await self._provider.refresh(self._realm(), refresh_token)
        except sessions.RefreshRejected as rejected:
            raise RefreshRejected(rejected.reason) from None
        return _to_port(issued, issued.subject)

    async def list(self, subject: str) -> Sequence[ActiveSession]:
        """The live sessions of a subject, the latest used first."""
        return [
            ActiveSession(found.id, found.created_at, found.last_used_at, found.user_agent)
            for found in await self._provider.list(self._realm(), subject)
        ]

    async def revoke(self, subject: str, *, session_id: str | None = None, except_session_id: str | None = None) -> int:
        """End sessions of a subject; answers how many."""
        return await self._provider.revoke(
            self._realm(), subject, session_id=session_id, except_session_id=except_session_id
        )

    async def is_live(self, session_id: str) -> bool:
        """Whether a session still stands."""
        return await self._provider.is_live(self._realm(), session_id)


def _to_port(issued: sessions.Tokens, subject: str) -> Tokens:
    return Tokens(
        issued.access_token,
        issued.refresh_token,
        issued.expires_at,
        issued.refresh_expires_at,
        issued.session_id,
        subject,
    )
