"""Settings become worlds here. The only importer of adapters: whoever wants another one changes this file."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from gateway.adapters.bank import BankSimulator
from gateway.adapters.bus import InProcessBus
from gateway.adapters.card_painter import TemplateCardPainter
from gateway.adapters.clock import WorldClock, real_time
from gateway.adapters.http_foreign import ForeignHttp
from gateway.adapters.http_kept import KeptConnections
from gateway.adapters.ids import SeededIds
from gateway.adapters.mail_smtp import SmtpMailSender
from gateway.adapters.passwords import Argon2PasswordHasher, profile_named
from gateway.adapters.reachability import TcpReachability
from gateway.adapters.registry import RegistrySimulator
from gateway.adapters.sessions_foreign import ForeignSessions
from gateway.adapters.signer import WorldSigner
from gateway.adapters.sms_http import HttpSmsSender
from gateway.adapters.strength import ZxcvbnStrengthMeter
from gateway.adapters.tokens import JwksTokenVerifier
from gateway.domain.fault import Fault, FaultTarget
from gateway.domain.persona_file import published_passwords
from gateway.domain.tables import load_tables
from gateway.models.store import AppModules, Database, WorldRecord
from gateway.ports import IdentityUnavailable, Inbox, Sessions, Store
from gateway.services import fault as faults
from gateway.services import persona
from gateway.settings import Settings
from gateway.workers import Worker
from gateway.world import FaultIndex, TokenTime, World, WorldUrls
from gateway.worlds import WorldRegistry

FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]  # Any: JSON from the provider, checked by the verifier


class Simulators(Protocol):
    """What a world gets from the simulators beside it, or from whatever stands in their place."""

    def inbox(self, world_id: str) -> Inbox:
        """The world's caught messages."""

    def sessions(self, world_id: str) -> Sessions:
        """The provider's sessions."""

    def fetch_keys(self, world_id: str) -> FetchKeys:
        """How to ask the provider for its keys."""

    def forget(self, world: World) -> None:
        """The world is closed: whoever waits for its messages is let go."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where this process is reached: the pages' base without a slash, and the SMTP server as host:port."""

    base: str
    smtp: str

    def of(self, world_id: str) -> WorldUrls:
        """A world's addresses: main lives at the root, any other below /w/<id>."""
        portal = self.base if world_id == "main" else f"{self.base}/w/{world_id}"
        return WorldUrls(
            portal=portal,
            graphql=f"{portal}/graphql",
            subscriptions=f"{portal.replace('http', 'ws', 1)}/graphql",
            control=f"{portal}/control/graphql",
            inbox=f"{portal}/inbox",
            issuer=f"{portal}/idp",
            smtp=self.smtp,
            sms=f"{portal}/sms",
        )


class Workshop:
    """Makes worlds out of their records, and keeps what they share: worker threads and one HTTP client."""

    def __init__(self, settings: Settings, addresses: Addresses, simulators: Simulators) -> None:
        self._settings = settings
        self._addresses = addresses
        self._simulators = simulators
        self._passwords = Argon2PasswordHasher(profile_named(settings.password_profile))
        self._strength = ZxcvbnStrengthMeter()
        self._cards = TemplateCardPainter()
        self._http = ForeignHttp()
        self._sms_connections = KeptConnections()
        self._persona_hashes: asyncio.Future[list[str]] | None = None

    def make_world(self, record: WorldRecord, store: Store) -> World:
        """A world out of its record and its open store."""
        settings, urls = self._settings, self._addresses.of(record.id)
        clock = WorldClock(real_time, timedelta(microseconds=record.offset_us), record.frozen_at)
        foreign = settings.oidc_issuer is not None
        sessions = ForeignSessions() if foreign else self._simulators.sessions(record.id)
        world = World(
            id=record.id,
            seed=record.seed,
            urls=urls,
            limits=settings.policy(),
            clock=clock,
            ids=SeededIds(record.seed, record.id, record.secret),
            signer=WorldSigner(record.secret, clock),
            store=store,
            mail=self._make_mail_sender(record.id, clock),
            sms=HttpSmsSender(
                self._sms_connections, url=settings.sms_url or urls.sms, world_id=record.id, password=self._token()
            ),
            registry=RegistrySimulator(store, lambda: self._registry_fault(world)),
            bank=BankSimulator(lambda: self._bank_fault(world)),
            reach=self._make_reach(urls),
            cards=self._cards,
            passwords=self._passwords,
            strength=self._strength,
            sessions=sessions,
            tokens=JwksTokenVerifier(
                issuer=settings.oidc_issuer or urls.issuer,
                fetch_jwks=self._fetch_foreign_keys if foreign else self._simulators.fetch_keys(record.id),
                is_live=sessions.is_live,
                now=clock.real_now if record.token_time == TokenTime.REAL else clock.now,
            ),
            inbox=self._simulators.inbox(record.id),
            bus=InProcessBus(),
            agenda=Worker(),
            faults=FaultIndex(),
            token_time=TokenTime(record.token_time),
        )
        return world

    async def _fetch_foreign_keys(self) -> Mapping[str, Any]:  # Any: JSON from outside, checked by the verifier
        """The keys of the provider that `oidc_issuer` names, found by its discovery document."""
        try:
            async with asyncio.timeout(5):
                _, found = await self._http.ask(f"{self._settings.oidc_issuer}/.well-known/openid-configuration")
                status, keys = await self._http.ask(found["jwks_uri"])
        except (OSError, ValueError, KeyError, TypeError):
            raise IdentityUnavailable("the provider does not publish its keys") from None
        if status != 200 or not isinstance(keys, dict):
            raise IdentityUnavailable("the provider does not publish its keys")
        return keys

    async def ask_provider(self, url: str, form: Mapping[str, str] | None) -> tuple[int, Any]:  # Any: JSON from outside
        """Get `url`, or post `form` to it: status and JSON. Raises OSError, ValueError."""
        return await self._http.ask(url, form)

    def _token(self) -> str | None:
        token = self._settings.control_token
        return token.get_secret_value() if token is not None else None

    def _make_reach(self, urls: WorldUrls) -> TcpReachability:
        settings = self._settings
        return TcpReachability(smtp=settings.smtp_server or self._addresses.smtp, sms_url=settings.sms_url or urls.sms)

    def _make_mail_sender(self, world_id: str, clock: WorldClock) -> SmtpMailSender:
        host, _, port = (self._settings.smtp_server or self._addresses.smtp).rpartition(":")
        return SmtpMailSender(
            host=host.strip("[]"),
            port=int(port),
            world_id=world_id,
            sender="Peserta <no-reply@peserta.test>",
            clock=clock,
            password=self._token(),
        )

    async def _registry_fault(self, world: World) -> Fault | None:
        return await faults.take(world, target=FaultTarget.REGISTRY)

    async def _bank_fault(self, world: World) -> Fault | None:
        return await faults.take(world, target=FaultTarget.BANK)

    async def seed(self, starts_at: datetime) -> None:
        """Fill a new world's registry, inside the transaction that makes it."""
        await persona.seed(starts_at, password_hashes=await self._hashes())

    def begin(self) -> None:
        """Start what takes its time in threads: hashing the personas' published passwords, once per process."""
        if self._persona_hashes is None:
            passwords = published_passwords().values()
            self._persona_hashes = asyncio.gather(*(self._passwords.begin(password) for password in passwords))

    async def _hashes(self) -> Mapping[str, str]:
        self.begin()
        assert self._persona_hashes is not None, "it was begun"
        return dict(zip(published_passwords(), await asyncio.shield(self._persona_hashes), strict=True))

    async def on_open(self, world: World) -> None:
        """A world was opened: its faults are known and its worker begins."""
        await faults.load_index(world)
        assert isinstance(world.agenda, Worker), "make_world gave it a worker"
        world.agenda.start(world)

    async def on_close(self, world: World) -> None:
        """A world is about to be closed: its worker ends, its listeners are told, its connection is given back."""
        assert isinstance(world.agenda, Worker) and isinstance(world.mail, SmtpMailSender), "make_world gave them"
        await world.agenda.stop()
        world.bus.close()
        self._simulators.forget(world)
        await world.mail.close()

    async def warm_up(self) -> None:
        """Load what the first sign-up would otherwise wait for."""
        await self._strength.warm_up()

    async def close(self) -> None:
        """Give back threads and connections, after the last world was closed."""
        await self._http.aclose()
        await self._sms_connections.aclose()
        self._passwords.close()
        self._strength.close()
        self._cards.close()


async def open_worlds(
    settings: Settings, workshop: Workshop, apps: Mapping[str, AppModules], introduce: Callable[[WorldRegistry], None]
) -> tuple[Database, WorldRegistry]:
    """The database and the registry of its worlds, started, with world main open.

    `introduce` is told the registry before the first world is opened. Raises BadDataFile, StorageUnavailable,
    NewerDatabase.
    """
    load_tables()
    url = settings.database_url.get_secret_value() if settings.database_url is not None else None
    database = await Database.open(
        data=settings.data, url=url, pool_size=settings.database_pool, apps=apps, seed=workshop.seed
    )
    registry = WorldRegistry(
        database,
        make_world=workshop.make_world,
        on_open=workshop.on_open,
        on_close=workshop.on_close,
        real_now=real_time,
        max_worlds=settings.max_worlds,
        max_open=settings.max_open_worlds,
        idle_s=settings.world_idle_s,
        main_seed=settings.seed,
        main_starts_at=settings.start_at,
    )
    introduce(registry)
    try:
        await registry.start()
    except BaseException:
        await database.close()
        raise
    return database, registry
