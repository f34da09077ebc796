"""Password hashes by argon2id in a few worker threads of its own. Which passwords are allowed is not decided here."""

import asyncio
import os
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

Result = TypeVar("Result")

_MAX_THREADS = 4
_SALT_BYTES = 16
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class HashProfile:
    """How much work one hash is: memory in KiB, passes, lanes."""

    memory_kib: int
    passes: int
    lanes: int


# Source: OWASP Password Storage Cheat Sheet, argon2id minimum (19 MiB, 2 passes, 1 lane).
OWASP = HashProfile(memory_kib=19_456, passes=2, lanes=1)
# For test runs that sign up by the hundred: guards nothing. Source: assumed for the sandbox (docs/settings.md).
CHEAP = HashProfile(memory_kib=64, passes=1, lanes=1)


def profile_named(name: str) -> HashProfile:
    """The profile that the setting `password_profile` names: owasp or cheap. Raises KeyError."""
    return {"owasp": OWASP, "cheap": CHEAP}[name]


class Argon2PasswordHasher:
    """Implements `ports.PasswordHasher`. Owns its threads until `close`; more callers than threads wait in turn."""

    def __init__(self, profile: HashProfile = OWASP, threads: int | None = None) -> None:
        self._hasher = PasswordHasher(
            time_cost=profile.passes,
            memory_cost=profile.memory_kib,
            parallelism=profile.lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        self.nobody = _hash_of_nobody(profile)
        self._pool = ThreadPoolExecutor(threads or min(_MAX_THREADS, os.cpu_count() or 1), "peserta-password")

    async def hash(self, password: str) -> str:
        """An encoded hash with a salt of its own."""
        return await self.begin(password)

    def begin(self, password: str) -> "asyncio.Future[str]":
        """The same, under way when this returns."""
        return self._run(self._hasher.hash, _prepared(password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether they match. None costs the same work against a hash that no password has, and is False."""
        return await self._run(self._matches, hashed or self.nobody, _prepared(password))

    def close(self) -> None:
        """End the threads; hashes under way are finished, waiting ones are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _matches(self, hashed: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except VerifyMismatchError:
            return False

    def _run(self, work: Callable[..., Result], *args: object) -> "asyncio.Future[Result]":
        return asyncio.get_running_loop().run_in_executor(self._pool, work, *args)


def _prepared(password: str) -> bytes:
    """One form for what a person types on different keyboards. Source: RFC 8265 section 4.2 (NFC)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _hash_of_nobody(profile: HashProfile) -> str:
    """A well-formed hash whose tag is random: as much work to check, and never a match."""
    salt, tag = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES))
    cost = f"m={profile.memory_kib},t={profile.passes},p={profile.lanes}"
    return f"$argon2id$v=19${cost}${salt}${tag}"
