"""The provider's rows and the opening of its own database; nothing here decides anything.

Only hashes of codes, refresh tokens and cookies are kept, so a copied database opens no session.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.indexes import Index
from tortoise.migrations.executor import MigrationExecutor
from tortoise.models import Model
from tortoise.transactions import in_transaction

__all__ = [
    "ClientRow",
    "CodeRow",
    "IntegrityError",
    "KeyRow",
    "RefreshTokenRow",
    "SessionRow",
    "has_live_session",
    "opened",
    "store_config",
    "transaction",
]

ALIAS = "mockidp"


# The first lines of these docstrings become table comments: a semicolon there would cut the statement in two.
class KeyRow(Model):
    """A private key of a realm, used to sign tokens, by the gateway for assertions, or for forms."""

    id = fields.IntField(primary_key=True)
    realm = fields.CharField(max_length=32)
    use = fields.CharField(max_length=16)  # sign, assertion or form
    generation = fields.IntField(default=1)
    kid = fields.CharField(max_length=64)
    private_jwk: dict[str, Any] = fields.JSONField()  # Any: a JWK's members depend on its key type.
    created_at = fields.DatetimeField()

    class Meta:
        table = "idp_keys"
        unique_together = (("realm", "use", "generation"),)


class ClientRow(Model):
    """A registered client of a realm."""

    id = fields.IntField(primary_key=True)
    realm = fields.CharField(max_length=32)
    client_id = fields.CharField(max_length=64)
    any_loopback = fields.BooleanField(default=False)
    redirect_uris: list[str] = fields.JSONField()
    post_logout_redirect_uris: list[str] = fields.JSONField()
    grants: list[str] = fields.JSONField()
    # Any: see KeyRow.private_jwk; here it is a public key.
    assertion_jwk: dict[str, Any] | None = fields.JSONField(null=True)

    class Meta:
        table = "idp_clients"
        unique_together = (("realm", "client_id"),)


class SessionRow(Model):
    """One sign-in: the `sid` of every token that came of it, and the family of its refresh tokens."""

    id = fields.CharField(max_length=32, primary_key=True)
    realm = fields.CharField(max_length=32)
    subject = fields.CharField(max_length=64)
    how = fields.CharField(max_length=16)
    # SHA-256 of what started the session: the browser's cookie, or the assertion's jti, which is thereby used once.
    proof_hash = fields.CharField(max_length=64, unique=True)
    user_agent = fields.CharField(max_length=255, null=True)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    revoked_at = fields.DatetimeField(null=True)
    revoked_why = fields.CharField(max_length=16, null=True)

    class Meta:
        table = "idp_sessions"
        indexes = (Index(fields=("realm", "subject")),)


async def has_live_session(session_id: str, realm: str, at: datetime) -> bool:
    """Whether a session is not over at `at`. Asked for with every new access token, so its text is not built anew."""
    client = SessionRow._meta.db
    marks = ("$1", "$2", "$3") if client.capabilities.dialect == "postgres" else ("?", "?", "?")
    _, rows = await client.execute_query(_LIVE_SESSION.format(*marks), [session_id, realm, at])
    return len(rows) > 0


_LIVE_SESSION = (
    'SELECT 1 FROM "idp_sessions" WHERE "id" = {} AND "realm" = {} AND "revoked_at" IS NULL AND "expires_at" > {}'
)


class CodeRow(Model):
    """An authorization code, found by its hash, used once."""

    code_hash = fields.CharField(max_length=64, primary_key=True)
    realm = fields.CharField(max_length=32)
    client_id = fields.CharField(max_length=64)
    session_id = fields.CharField(max_length=32)
    redirect_uri = fields.TextField()
    scope = fields.CharField(max_length=255)
    nonce = fields.TextField(null=True)
    challenge = fields.CharField(max_length=128)
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "idp_codes"


class RefreshTokenRow(Model):
    """A refresh token, found by its hash, kept when rotated so that its reuse is noticed."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    realm = fields.CharField(max_length=32)
    client_id = fields.CharField(max_length=64)
    session_id = fields.CharField(max_length=32, db_index=True)
    scope = fields.CharField(max_length=255)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    rotated_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "idp_refresh_tokens"


def store_config(file: Path) -> dict[str, Any]:
    """Describe the stand-alone SQLite store to the ORM."""
    credentials = {"file_path": str(file), "busy_timeout": 2000, "synchronous": "NORMAL"}
    app = {"models": ["mockidp.models"], "migrations": "mockidp.migrations", "default_connection": ALIAS}
    return {
        "connections": {ALIAS: {"engine": "tortoise.backends.sqlite", "credentials": credentials}},
        "apps": {"mockidp": app},
    }


@asynccontextmanager
async def opened(config: dict[str, Any]) -> AsyncIterator[None]:
    """Open the database that `config` describes, bring its tables up to date, close it at the end.

    Raises OSError when it cannot be used or was written by a newer version.
    """
    async with TortoiseContext() as context:
        await context.init(config=config)
        client = context.db(ALIAS)
        executor = MigrationExecutor(client, config["apps"])
        try:
            # Opened here, since a failure to open at the first statement would leave the client locked for good.
            await client.create_connection(with_db=True)
            await executor.migrate()
        except (sqlite3.Error, OperationalError) as failure:
            # A connection that failed half-way keeps its thread, and the process would never end.
            await client.close()
            raise OSError(f"the database cannot be used: {failure}") from failure
        if executor.loader.applied_migrations - set(executor.loader.disk_migrations):
            raise OSError("the database was written by a newer version")
        yield


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Run what is inside in one transaction of the provider's own database."""
    async with in_transaction(ALIAS):
        yield
