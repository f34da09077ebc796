"""The steps of a sign-up and what a test reads of them: who signs up, what was sent, what was refused."""

import re
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.domain.account import Caller
from gateway.domain.problem import Code, Refusal
from gateway.domain.registration import Registration
from gateway.services import activation, registration
from tests.services.staged import StagedWorld, kept

CALLER = Caller("en", "127.0.0.1", "a test")
PASSWORD = "gerimis-lima-kapal"
WRONG = "not-the-password"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Person:
    """What a person types into the form."""

    kpj: str
    nik: str
    birth_date: str
    phone: str
    email: str
    password: str = PASSWORD


BUDI = Person("99260000001", "3171991403889001", "1988-03-14", "+6284000000001", "budi@peserta.test")
BUDI_OTHER_KPJ = "99260000101"
SITI = Person("99260000002", "3273996207919002", "1991-07-22", "+6284000000002", "siti@peserta.test")
# These have an account from the start; Laras has two KPJ.
UCOK = Person(
    "99260000008", "1271993009019008", "2001-09-30", "+6284000000008", "ucok@peserta.test", "ojol-hujan-sore-21"
)
LARAS = Person(
    "99260000009", "3471995804989009", "1998-04-18", "+6284000000009", "laras@peserta.test", "batik-senja-kopi-34"
)
LARAS_OTHER_KPJ = "99260000109"
NOBODY_KPJ = "12345678901"


async def start(world: StagedWorld, person: Person = BUDI, **typed: str) -> tuple[Registration, str]:
    """Send the form, with some fields typed otherwise."""
    form = replace(person, **typed)
    return await registration.start(
        world,
        kpj=form.kpj,
        nik=form.nik,
        birth_date=form.birth_date,
        phone=form.phone,
        email=form.email,
        caller=CALLER,
    )


async def start_and_read(world: StagedWorld, person: Person = BUDI, **typed: str) -> tuple[str, str]:
    """Send the form and read the code; answers token and code."""
    _, token = await start(world, person, **typed)
    await world.agenda.settle()
    return token, last_code(world)


async def prove(world: StagedWorld, person: Person = BUDI, **typed: str) -> str:
    """Go on to the password step; answers the registration token."""
    token, code = await start_and_read(world, person, **typed)
    await registration.verify_otp(world, token=token, code=code)
    return token


async def await_activation(world: StagedWorld, person: Person = BUDI, **typed: str) -> tuple[str, str]:
    """Go on until the activation mail is there; answers the registration token and the token of the link."""
    token = await prove(world, person, **typed)
    await activation.set_password(world, token=token, password=person.password, caller=CALLER)
    await world.agenda.settle()
    return token, last_link_token(world)


async def sign_up(world: StagedWorld, person: Person = BUDI) -> str:
    """The whole sign-up; answers the registration token."""
    token, link = await await_activation(world, person)
    await activation.activate(world, token=link)
    return token


def code_in(text: str) -> str:
    """The code of a message."""
    found = re.findall(r"(?<!\d)\d{6}(?!\d)", text)
    assert len(set(found)) == 1, "a message has one code"
    return str(found[0])


def last_code(world: StagedWorld) -> str:
    """The code of the text message that came last."""
    return code_in(world.sms.sent[-1].text)


def link_token(text: str) -> str:
    """The token of the link in a mail."""
    found = re.search(r"token=([A-Za-z0-9_.\-]+)", text)
    assert found is not None, "the mail has a link"
    return found[1]


def last_link_token(world: StagedWorld) -> str:
    """The token of the link in the mail that came last."""
    return link_token(world.mail.sent[-1].text)


def wrong_code(right: str) -> str:
    """Another code of the same shape."""
    return f"{(int(right) + 1) % 1_000_000:06d}"


async def refused(call: Awaitable[Any]) -> Refusal:
    """The refusal that a call ends with."""
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value


async def refused_without_trace(world: StagedWorld, call: Awaitable[Any]) -> Refusal:
    """The refusal that a call ends with, having written nothing and sent nothing."""
    before, sent = await kept(world), (len(world.mail.sent), len(world.sms.sent))
    refusal = await refused(call)
    await world.agenda.settle()
    assert await kept(world) == before
    assert (len(world.mail.sent), len(world.sms.sent)) == sent
    return refusal


def told(refusal: Refusal) -> list[tuple[Code, tuple[str, ...] | None]]:
    """Codes and fields of a refusal."""
    return [(problem.code, problem.field) for problem in refusal.problems]
