"""An SMTP server that says what a test tells it to, and writes down what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class ScriptedSmtp:
    """`replies` overrides the answer to a verb (CONTENT: to the mail itself); None hangs up, "" says nothing."""

    port: int = 0
    replies: dict[str, str | None] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0
    greeting_auth: str = "250-AUTH PLAIN LOGIN\r\n"
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 scripted\r\n")
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            usual = {"EHLO": f"250-scripted\r\n{self.greeting_auth}250 SMTPUTF8", "AUTH": "235 ok", "DATA": "354 go on"}
            if not self._answer(writer, verb, usual.get(verb, "250 ok")):
                return
            if verb == "DATA" and verb not in self.replies:
                mail = await reader.readuntil(b"\r\n.\r\n")
                if self.replies.get("CONTENT", "250") and self.replies.get("CONTENT", "250")[0] == "2":  # type: ignore[index]
                    self.mails.append(mail[:-3])
                if not self._answer(writer, "CONTENT", "250 ok"):
                    return

    def _answer(self, writer: asyncio.StreamWriter, verb: str, usual: str) -> bool:
        reply = self.replies.get(verb, usual)
        if reply is None:
            return False
        if reply:
            writer.write(reply.encode() + b"\r\n")
        else:
            self.silent.set()
        return True


@asynccontextmanager
async def scripted_smtp() -> AsyncIterator[ScriptedSmtp]:
    """The server on a free port of 127.0.0.1."""
    script = ScriptedSmtp()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        script.hang_up()
        await server.wait_closed()
