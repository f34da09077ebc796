"""News inside one process and one world. A listener is told that something changed and reads what; nothing is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_QUEUE = 16  # pieces of news kept for a slow listener. Source: assumed for the sandbox


class _Listener:
    """Counts news that was not read yet. News carries nothing, so dropping the oldest loses only a count."""

    def __init__(self) -> None:
        self._waiting = 0
        self._ended = False
        self._wake = asyncio.Event()

    def tell(self) -> None:
        self._waiting = min(self._waiting + 1, _QUEUE)
        self._wake.set()

    def end(self) -> None:
        self._ended = True
        self._wake.set()

    async def news(self) -> AsyncIterator[None]:
        while True:
            await self._wake.wait()
            if self._ended:
                return
            self._waiting -= 1
            if not self._waiting:
                self._wake.clear()
            yield


class InProcessBus:
    """Implements `ports.Bus`. To be used from one event loop only."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[_Listener]] = {}
        self._closed = False

    @property
    def topics(self) -> int:
        """How many topics have a listener."""
        return len(self._listeners)

    def publish(self, topic: str) -> None:
        """Tell everyone who listens to `topic` now; never waits."""
        for listener in self._listeners.get(topic, ()):
            listener.tell()

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[AsyncIterator[None]]:
        """Listening starts on entering, so what is read inside and told later leaves no gap. Ends on `close`."""
        listener = _Listener()
        if self._closed:
            listener.end()
        self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener.news()
        finally:
            self._forget(topic, listener)

    def close(self) -> None:
        """End every listener, and each one that comes later."""
        self._closed = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()

    def _forget(self, topic: str, listener: _Listener) -> None:
        listeners = self._listeners[topic]
        listeners.discard(listener)
        if not listeners:
            del self._listeners[topic]
