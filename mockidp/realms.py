"""What a realm keeps for good: its keys and its clients, made on first use and then held parsed in memory."""

import secrets
from asyncio import Lock
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import orjson
from joserfc.jwk import ECKey, OctKey

from mockidp.discovery import JWT_BEARER_GRANT, discovery_document
from mockidp.host import Realm
from mockidp.models import ClientRow, KeyRow
from mockidp.redirects import is_registered

# The gateway is the first party: it alone may ask for tokens by assertion.
GATEWAY = "gateway"
PORTAL = "portal"
DEV = "dev"

MAX_REALMS_IN_MEMORY = 256

KeyUse = Literal["sign", "assertion", "form"]


@dataclass(frozen=True, slots=True)
class Client:
    """A client as its row says; a client with `assertion_key` proves itself by it, any other is public."""

    client_id: str
    any_loopback: bool
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grants: frozenset[str]
    assertion_key: ECKey | None

    def may_return_to(self, uri: str) -> bool:
        """Say whether a code may be sent to `uri`."""
        return is_registered(uri, self.redirect_uris, any_loopback=self.any_loopback)

    def may_leave_to(self, uri: str) -> bool:
        """Say whether a person may be sent to `uri` after signing out."""
        return is_registered(uri, self.post_logout_redirect_uris, any_loopback=self.any_loopback)


@dataclass(frozen=True, slots=True)
class RealmState:
    """A realm's parsed keys, its clients and the two documents that never change within an epoch."""

    signing_key: ECKey
    kid: str
    assertion_key: ECKey
    assertion_kid: str
    form_secret: bytes
    clients: Mapping[str, Client]
    jwks: bytes
    discovery: bytes


class RealmStates:
    """Holds the state of the realms last used, at most 256; a realm that is not held is read again."""

    def __init__(self) -> None:
        self._states: OrderedDict[tuple[str, str, str], RealmState] = OrderedDict()
        self._loading = Lock()

    async def of(self, realm: Realm) -> RealmState:
        """Return the realm's state; the first time its keys and clients are made and stored."""
        key = (realm.name, realm.epoch, realm.issuer)
        state = self._states.get(key)
        if state is None:
            async with self._loading:
                state = self._states.get(key) or await load_state(realm)
                self._states[key] = state
            while len(self._states) > MAX_REALMS_IN_MEMORY:
                self._states.popitem(last=False)
        else:
            self._states.move_to_end(key)
        return state


def make_key(realm: Realm, use: KeyUse) -> KeyRow:
    """Make a fresh private key; ES256 for tokens and assertions, 256 random bits for forms."""
    if use == "form":
        kid, jwk = "form", OctKey.import_key(secrets.token_bytes(32)).as_dict(private=True)
    else:
        key = ECKey.generate_key("P-256")
        kid, jwk = key.thumbprint(), key.as_dict(private=True)
    return KeyRow(realm=realm.name, use=use, kid=kid, private_jwk=jwk, created_at=realm.now())


def make_clients(realm: Realm, assertion_key: ECKey) -> list[ClientRow]:
    """Describe the built-in clients: `dev`, `gateway`, and `portal` where the host has one."""
    browser = ["authorization_code", "refresh_token"]
    public = assertion_key.as_dict(private=False)
    wanted = [
        ClientRow(client_id=DEV, any_loopback=True, grants=browser),
        ClientRow(client_id=GATEWAY, grants=[JWT_BEARER_GRANT, "refresh_token"], assertion_jwk=public),
    ]
    if realm.portal_urls:
        portal = ClientRow(client_id=PORTAL, grants=browser)
        portal.redirect_uris = [f"{url}/auth/callback" for url in realm.portal_urls]
        portal.post_logout_redirect_uris = [f"{url}/" for url in realm.portal_urls]
        wanted.append(portal)
    for row in wanted:
        row.realm = realm.name
        row.redirect_uris = row.redirect_uris or []
        row.post_logout_redirect_uris = row.post_logout_redirect_uris or []
    return wanted


async def load_state(realm: Realm) -> RealmState:
    """Read the realm's keys and clients, making those that are missing.

    Two processes may do so at once: the unique keys of both tables let one of each pair of rows live.
    """
    async with realm.writing():
        keys = await stored_keys(realm)
        clients = await stored_clients(realm, ECKey.import_key(keys["assertion"].private_jwk))
    signing = ECKey.import_key(keys["sign"].private_jwk)
    public = signing.as_dict(private=False, kid=keys["sign"].kid, use="sig", alg="ES256")
    return RealmState(
        signing_key=signing,
        kid=keys["sign"].kid,
        assertion_key=ECKey.import_key(keys["assertion"].private_jwk),
        assertion_kid=keys["assertion"].kid,
        form_secret=OctKey.import_key(keys["form"].private_jwk).raw_value,
        clients={row.client_id: client_of(row) for row in clients},
        jwks=orjson.dumps({"keys": [public]}),
        discovery=orjson.dumps(discovery_document(realm.issuer)),
    )


async def stored_keys(realm: Realm) -> dict[str, KeyRow]:
    """Return the realm's keys by use, making all three the first time."""
    rows = {row.use: row for row in await KeyRow.filter(realm=realm.name, generation=1)}
    if not rows:
        uses: tuple[KeyUse, ...] = ("sign", "assertion", "form")
        await KeyRow.bulk_create([make_key(realm, use) for use in uses], ignore_conflicts=True)
        rows = {row.use: row for row in await KeyRow.filter(realm=realm.name, generation=1)}
    return rows


async def stored_clients(realm: Realm, assertion_key: ECKey) -> list[ClientRow]:
    """Return the realm's clients; the portal's addresses follow the host, whose port may have changed."""
    wanted = {row.client_id: row for row in make_clients(realm, assertion_key)}
    rows = {row.client_id: row for row in await ClientRow.filter(realm=realm.name)}
    missing = [row for name, row in wanted.items() if name not in rows]
    if missing:
        await ClientRow.bulk_create(missing, ignore_conflicts=True)
        rows = {row.client_id: row for row in await ClientRow.filter(realm=realm.name)}
    for name, row in rows.items():
        if name in wanted and row.redirect_uris != wanted[name].redirect_uris:
            row.redirect_uris = wanted[name].redirect_uris
            row.post_logout_redirect_uris = wanted[name].post_logout_redirect_uris
            await row.save(update_fields=["redirect_uris", "post_logout_redirect_uris"])
    return list(rows.values())


def client_of(row: ClientRow) -> Client:
    """Read a client from its row."""
    return Client(
        client_id=row.client_id,
        any_loopback=row.any_loopback,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        grants=frozenset(row.grants),
        assertion_key=ECKey.import_key(row.assertion_jwk) if row.assertion_jwk else None,
    )
