"""A wire between two programs that can be cut at a chosen word of the answer."""

import asyncio
from contextlib import suppress


class CutWire:
    """Passes bytes on to `target`, but holds back the answer from the first chunk that has `word` in it.

    Whoever asked never learns that it was heard; `heard` tells the test.
    """

    def __init__(self, word: bytes) -> None:
        self.target: tuple[str, int] = ("", 0)
        self.heard = asyncio.Event()
        self._word = word
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def open(self) -> str:
        """Begin to listen; the address as host:port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def close(self) -> None:
        """End every connection."""
        assert self._server is not None, "open it first"
        self._server.close()
        for end in tuple(self._ends):
            end.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            self._ends.add(far_writer)
            await asyncio.gather(self._pass(reader, far_writer), self._pass_until_cut(far_reader, writer))
            far_writer.close()
        writer.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(65_536):
                sink.write(chunk)
                await sink.drain()
        sink.close()

    async def _pass_until_cut(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(65_536):
                if self._word in chunk:
                    self.heard.set()
                    return
                sink.write(chunk)
                await sink.drain()
        sink.close()
