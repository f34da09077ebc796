"""From the moment that an SMS or a mail was accepted to the answer of whoever waits for it, in milliseconds."""

import argparse
import asyncio
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
import orjson

from bench.client import Client, run
from bench.figures import print_table, spread
from bench.journey import AWAIT
from bench.sandbox import Sandbox, started

CONTROL = "/control/graphql"


async def until_waiting(client: Client) -> None:
    """One exchange on another connection: afterwards the server has read what was sent before."""
    await client.ask(CONTROL, "{ __typename }")


@dataclass
class Times:
    """Milliseconds until the waiting caller had its answer, from when sending began and from when it was accepted."""

    from_sent: list[float] = field(default_factory=list)
    from_accepted: list[float] = field(default_factory=list)

    def note(self, sent: float, accepted: float, answered: float) -> None:
        """One message; who waits may be answered before the sender hears that the message was accepted."""
        self.from_sent.append((answered - sent) * 1000)
        self.from_accepted.append(max(answered - accepted, 0.0) * 1000)


async def wait_for(client: Client, **wanted: str) -> tuple[str, float]:
    """The code of the next message to somebody, and when its answer was read."""
    message = await client.ask(CONTROL, AWAIT, filter=wanted)
    return message["code"], time.perf_counter()


async def sms(sandbox: Sandbox, count: int) -> Times:
    """One caller waits, one SMS is posted; the next when that one was seen."""
    waiter, sender, times = Client(sandbox.port), Client(sandbox.port), Times()
    basic = {"Authorization": f"Basic {b64encode(b'main:main').decode()}", "Content-Type": "application/json"}
    path = urlsplit(sandbox.line["sms"]).path
    for number in range(count):
        to = f"+6284{number:09d}"
        waiting = asyncio.create_task(wait_for(waiter, channel="SMS", to=to))
        await until_waiting(sender)
        body = orjson.dumps({"to": to, "text": f"Kode Anda {number:06d}.", "kind": "OTP", "id": f"bench-{number}"})
        sent = time.perf_counter()
        status, _ = await sender.request("POST", path, body, basic)
        accepted = time.perf_counter()
        code, answered = await waiting
        assert status < 300 and code == f"{number:06d}", (status, code)
        times.note(sent, accepted, answered)
    return times


async def mail(sandbox: Sandbox, count: int) -> Times:
    """The same with a mail over one kept SMTP connection."""
    host, _, port = sandbox.line["smtp"].rpartition(":")
    waiter, other, times = Client(sandbox.port), Client(sandbox.port), Times()
    async with aiosmtplib.SMTP(hostname=host, port=int(port), start_tls=False) as smtp:
        for number in range(count):
            to = f"p{number}@peserta.test"
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "bench@peserta.test", to, "Bench"
            message["Message-ID"] = f"<{number}@bench.test>"
            message.set_content(f"Kode Anda {number:06d}.")
            waiting = asyncio.create_task(wait_for(waiter, channel="EMAIL", to=to))
            await until_waiting(other)
            sent = time.perf_counter()
            await smtp.send_message(message)
            accepted = time.perf_counter()
            code, answered = await waiting
            assert code == f"{number:06d}", code
            times.note(sent, accepted, answered)
    return times


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    asked = parser.parse_args(arguments)
    with started() as sandbox:
        found = {"SMS": run(sms(sandbox, asked.count)), "mail": run(mail(sandbox, asked.count))}
    rows = {f"{name} accepted": spread(times.from_accepted) for name, times in found.items()}
    rows |= {f"{name} sent": spread(times.from_sent) for name, times in found.items()}
    print_table("Until awaitMessage answered, ms", rows)


if __name__ == "__main__":
    main()
