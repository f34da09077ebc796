"""Randomness of one world: what guards comes from the system's generator, what may be replayed from the seed."""

import hmac
import secrets
from base64 import b32encode

_TOKEN_BYTES = 16  # 128 bits; source: the member contract asks for 128 random bits
_OTP_SECRET_BYTES = 20  # source: RFC 4226 section 4, R6 recommends 160 bits
_FRACTION_BITS = 53  # as many as a float holds exactly


class SeededIds:
    """Implements `ports.Ids`.

    `otp_secret` and `draw` follow `seed`; `key` follows the world's secret; `token` and `subject` follow nothing.
    """

    def __init__(self, seed: int, world_id: str, secret_hex: str) -> None:
        self._seed = str(seed).encode()
        self._world_id = world_id
        self._secret = bytes.fromhex(secret_hex)

    def token(self) -> str:
        """128 random bits, URL-safe, 22 characters."""
        return secrets.token_urlsafe(_TOKEN_BYTES)

    def subject(self) -> str:
        """128 random bits in hex, so that a token's `sub` names nobody."""
        return secrets.token_hex(_TOKEN_BYTES)

    def otp_secret(self, challenge: int) -> str:
        """Base32 of 160 bits: HMAC-SHA-256 of seed, world and challenge number.

        Source: RFC 4226 section 7.5 (deterministic secret generation).
        """
        return b32encode(self._seeded(f"otp\0{self._world_id}\0{challenge}")[:_OTP_SECRET_BYTES]).decode()

    def draw(self, purpose: str, number: int) -> float:
        """A number in [0, 1); the same for the same seed, purpose and number, in any world."""
        drawn = int.from_bytes(self._seeded(f"draw\0{purpose}\0{number}")[:8], "big")
        return (drawn >> (64 - _FRACTION_BITS)) / (1 << _FRACTION_BITS)

    def key(self, purpose: str, value: str) -> str:
        """HMAC-SHA-256 (64 hex digits) of `value` under the world's secret; each purpose has its own."""
        message = f"{len(purpose)}:{purpose}{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, "sha256").hex()

    def _seeded(self, message: str) -> bytes:
        return hmac.digest(self._seed, message.encode(), "sha256")
