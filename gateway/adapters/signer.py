"""Signed tokens for links. Their life is counted in world time; whether one was used is for the caller's rows."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from gateway.ports import BadToken, Clock, ExpiredToken

_MAX_LENGTH = 2_048  # characters; ours are about 150. Source: assumed for the sandbox
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _WorldTimeSigner(TimestampSigner):
    """Stamps world time in microseconds, so that a life ends on the instant and not up to a second late."""

    def __init__(
        self, secret_key: Any, *, clock: Clock, **settings: Any
    ) -> None:  # Any: passed through to itsdangerous
        super().__init__(secret_key, key_derivation="hmac", digest_method=hashlib.sha256, **settings)
        self._clock = clock

    def get_timestamp(self) -> int:
        return (self._clock.now() - _EPOCH) // _MICROSECOND

    def timestamp_to_datetime(self, ts: int) -> datetime:
        return _EPOCH + ts * _MICROSECOND


class WorldSigner:
    """Implements `ports.Signer`: one key per world, one salt per purpose."""

    def __init__(self, secret_hex: str, clock: Clock) -> None:
        self._secret = bytes.fromhex(secret_hex)
        self._clock = clock

    def sign(self, purpose: str, payload: dict[str, object]) -> str:
        """A URL-safe token that carries `payload`, readable by anybody and made by nobody else."""
        return str(self._serializer(purpose).dumps(payload))

    def read(self, purpose: str, token: str, max_age_s: int) -> dict[str, object]:
        """What was signed for `purpose`; valid for `max_age_s` seconds of world time, bounds included.

        Raises BadToken, ExpiredToken.
        """
        if len(token) > _MAX_LENGTH or not token.isascii():
            raise BadToken(purpose)
        try:
            payload = self._serializer(purpose).loads(token, max_age=max_age_s * 1_000_000)
        except SignatureExpired as error:
            # A stamp from the future is no expiry: this world never signed it.
            if error.date_signed is None or error.date_signed > self._clock.now():
                raise BadToken(purpose) from None
            raise ExpiredToken(purpose) from None
        except BadData:
            raise BadToken(purpose) from None
        if not isinstance(payload, dict):
            raise BadToken(purpose)
        return payload

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._secret,
            salt=f"peserta.{purpose}".encode(),
            signer=_WorldTimeSigner,
            signer_kwargs={"clock": self._clock},
        )
