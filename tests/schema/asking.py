"""Runs operations of the member schema in a staged world, as whoever a test says."""

from collections.abc import AsyncIterator
from typing import Any

from gateway.domain.account import Caller
from gateway.models.account import AccountRow
from gateway.services import session
from schema.context import Context
from schema.execution import Executor
from schema.member.root import build
from tests.services.staged import StagedWorld


class Asking:
    """One world's member API. `language` is that of the answers."""

    def __init__(self, world: StagedWorld, language: str = "en") -> None:
        self.world = world
        self.executor = Executor(build())
        self.caller = Caller(language, "127.0.0.1", "a test")

    async def token_of(self, email: str) -> str:
        """An access token for the account with that address, active or not."""
        async with self.world.store.reading():
            account = await AccountRow.filter(email=email).first() or await AccountRow.get(pending_email=email)
        issued = await self.world.sessions.issue(account.subject, user_agent=None, ip_address=None)
        return issued.access_token

    async def ask(self, document: str, token: str | None = None, /, **variables: object) -> dict[str, Any]:
        """The whole answer; with a token as whoever it speaks for."""
        return (await self.executor.execute(document, variables, context=self._context(token))).body()

    async def stream(
        self, document: str, token: str | None = None, /, **variables: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Every answer of a subscription."""
        async for answer in self.executor.stream(document, variables, context=self._context(token)):
            yield answer.body()

    def _context(self, token: str | None) -> Context:
        return Context(
            self.world,
            None,  # type: ignore[arg-type]  # the member API touches no other world
            self.caller,
            viewer_of=session.viewer_of,
            authorization=f"Bearer {token}" if token else None,
            takes_cookies=True,
        )

    async def data(self, document: str, token: str | None = None, /, **variables: object) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.ask(document, token, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's top-level errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]
