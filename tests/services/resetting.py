"""The steps of a password reset: asking for it, and using what came."""

from gateway.domain.otp import OtpChannel
from gateway.services import password, session
from tests.services.journey import (
    CALLER,
    PASSWORD,
    UCOK,
    Person,
    last_code,
    last_link_token,
)
from tests.services.staged import StagedWorld

STRANGE_NIK = "3171991403880000"


async def ask(
    world: StagedWorld, kpj: str = UCOK.kpj, channel: OtpChannel = OtpChannel.EMAIL, **known: str | None
) -> str | None:
    """Ask for a reset, by NIK unless an e-mail is given."""
    proof = known or {"nik": UCOK.nik}
    asked = await password.request_reset(
        world, kpj=kpj, email=proof.get("email"), nik=proof.get("nik"), channel=channel
    )
    await world.agenda.settle()
    return asked


async def ask_by_sms(world: StagedWorld) -> tuple[str, str]:
    """Ask for a reset of Ucok's password by SMS; answers token and code."""
    token = await ask(world, channel=OtpChannel.SMS)
    assert token is not None
    return token, last_code(world)


async def ask_by_mail(world: StagedWorld) -> str:
    """Ask for a reset of Ucok's password by mail; answers the token of the link."""
    assert await ask(world) is None
    return last_link_token(world)


async def reset(world: StagedWorld, token: str, code: str | None = None, new: str = PASSWORD) -> None:
    await password.reset(world, token=token, code=code, password=new, caller=CALLER)


async def sign_in(world: StagedWorld, person: Person = UCOK, new: str = PASSWORD) -> None:
    await session.sign_in(world, login=person.kpj, password=new, caller=CALLER)
