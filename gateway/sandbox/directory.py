"""Worlds as realms of the identity provider: who may sign in, where its rows go, what time it is."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from starlette.types import Scope

from gateway.domain.account import Caller
from gateway.domain.persona import Stage
from gateway.domain.problem import Refusal
from gateway.sandbox.reach import OpenWorlds, WorldReach
from gateway.services import account as accounts
from gateway.services import member as members
from gateway.services import persona as personas
from gateway.services import session as sessions
from gateway.texts import sentence
from gateway.world import TokenTime, World
from mockidp.host import JSON, Authenticated, Locale, PersonaButton, Rejected


class WorldDirectory:
    """The accounts that the sign-up made; implements mockidp's Directory."""

    def __init__(self, reach: WorldReach, worlds: OpenWorlds, *, personas_shown: bool) -> None:
        self._reach = reach
        self._worlds = worlds
        self._personas_shown = personas_shown

    async def authenticate(
        self, login: str, password: str, *, locale: Locale, user_agent: str | None, ip_address: str | None
    ) -> Authenticated | Rejected:
        """The same check as `signIn`: same work, same limits, same sentences."""
        caller = Caller(locale, ip_address, user_agent)
        async with self._worlds.using(self._reach.id) as world:
            try:
                account = await sessions.authenticate(world, login=login, password=password, caller=caller)
            except Refusal as refusal:
                return _rejected(refusal, world, locale)
            await sessions.note_sign_in(world, account=account, caller=caller)
        return Authenticated(account.subject)

    async def claims(self, subject: str) -> Mapping[str, JSON] | None:
        """The standard claims and `member`; the NIK is not among them. None: unknown or not active."""
        async with self._worlds.using(self._reach.id) as world:
            account = await accounts.find_by_subject(world, subject=subject)
            if account is None or account.activated_at is None:
                return None
            member = await members.load(world, nik=account.nik)
            memberships = await members.list_memberships(world, member_id=member.id)
        return {
            "name": member.full_name,
            "email": account.email,
            "email_verified": True,
            "phone_number": account.phone,
            "member": {
                "kpj": [membership.kpj for membership in memberships],
                "segments": sorted({membership.segment.value for membership in memberships}),
                "status": [membership.status.value for membership in memberships],
            },
        }

    async def personas(self, *, locale: Locale) -> Sequence[PersonaButton]:
        """The fictitious people; a button for each who has an active account."""
        async with self._worlds.using(self._reach.id) as world:
            known = await personas.list_personas(world)
            subjects = await personas.find_subjects(world)
        return [
            PersonaButton(
                key=persona.key,
                full_name=persona.full_name,
                scenario=persona.scenario.text(locale),
                login=persona.kpj,
                subject=subjects.get(persona.key) if persona.stage is Stage.ACTIVE else None,
            )
            for persona in known
        ]

    async def person_page_allowed(self) -> bool:
        """One-click personas are for loopback only."""
        return self._personas_shown


def _rejected(refusal: Refusal, world: World, locale: str) -> Rejected:
    problem = refusal.problems[0]
    left_s = (problem.retry_at - world.clock.now()).total_seconds() if problem.retry_at else 0
    params = {"seconds": max(math.ceil(left_s), 0), "minutes": max(math.ceil(left_s / 60), 0), **problem.params}
    return Rejected(problem.code.value, sentence(locale, problem.text or f"error.{problem.code}", **params))


class WorldRealm(WorldReach):
    """One world's issuer; implements mockidp's Realm."""

    def __init__(self, worlds: OpenWorlds, world: World, *, personas_shown: bool) -> None:
        super().__init__(worlds, world)
        self.directory = WorldDirectory(self, worlds, personas_shown=personas_shown)

    @property
    def name(self) -> str:
        """The realm is named like its world."""
        return self.id

    @property
    def epoch(self) -> str:
        """Changes when the world is reset: its secret is new then."""
        return self.world.ids.key("realm", self.id)

    @property
    def issuer(self) -> str:
        """The issuer's address."""
        return self.world.urls.issuer

    @property
    def portal_urls(self) -> Sequence[str]:
        """The pages are the provider's browser client."""
        return (self.world.urls.portal,)

    def now(self) -> datetime:
        """The time that tokens follow."""
        world = self.world
        return world.clock.real_now() if world.token_time is TokenTime.REAL else world.clock.now()

    def revoked(self, session_ids: Sequence[str]) -> None:
        """The world's verifier forgets these sessions at once."""
        self.world.tokens.forget(session_ids)


class WorldRealms:
    """All worlds as realms; implements mockidp's Host."""

    def __init__(self, worlds: OpenWorlds, *, personas_shown: bool) -> None:
        self._worlds = worlds
        self._personas_shown = personas_shown

    def realm(self, world: World) -> WorldRealm:
        """The realm of an open world."""
        return WorldRealm(self._worlds, world, personas_shown=self._personas_shown)

    async def realm_of(self, scope: Scope) -> WorldRealm | None:
        """The realm of the world that the gateway has found for this request."""
        world: World = scope["state"]["world"]
        return self.realm(world)
