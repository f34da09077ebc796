"""The fictitious people of a world."""

from datetime import date

import strawberry

from gateway.domain.persona import PersonaView, Stage
from schema.context import Context

strawberry.enum(Stage, description="How far a persona's account has come.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="A fictitious person, from one catalogue: the same in the page, in this API and in docs.")
class Persona:
    """`password` is set where the persona already has an account."""

    key: str
    full_name: str
    kpj: str
    kpjs: list[str]
    nik: str
    birth_date: date
    phone: str
    email: str
    stage: Stage
    password: str | None
    story: str = strawberry.field(description="What the person is for, in the request's language.")

    @staticmethod
    def of(known: PersonaView, locale: str) -> "Persona":
        """The persona as a tester reads it."""
        return Persona(
            key=known.key,
            full_name=known.full_name,
            kpj=known.kpj,
            kpjs=list(known.kpjs),
            nik=known.nik,
            birth_date=known.birth_date,
            phone=known.phone,
            email=known.email,
            stage=known.stage,
            password=known.password,
            story=known.scenario.text(locale),
        )
