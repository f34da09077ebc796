"""The five programs and the rates of their contributions."""

from datetime import date

import strawberry

from gateway.domain import contribution_rates
from gateway.domain.contribution_rates import Payer, find_ceiling, list_rates
from gateway.domain.zone import local_date
from gateway.texts import sentence
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.vocabulary import JkkRisk, Program, Segment
from schema.scalars import Rate, Rupiah

Info = strawberry.Info[Context, None]


@strawberry.type(description="A part of the wage that somebody pays.")
class ContributionRate:
    """Of the dated tables."""

    segment: Segment = strawberry.field(description="Whose rate it is.")
    payer: Payer = strawberry.field(description="Who pays it.")
    rate: Rate = strawberry.field(description="Of the wage.")
    jkk_risk: JkkRisk | None = strawberry.field(description="The employer's risk class, where the rate depends on it.")
    included_in: Program | None = strawberry.field(
        description="The program out of whose contribution this part is taken, at no extra cost."
    )
    wage_ceiling: Rupiah | None = strawberry.field(description="The highest wage that counts, on the day asked for.")
    valid_from: date = strawberry.field(description="The first day.")
    valid_to: date | None = strawberry.field(description="The last day; null until further notice.")
    source: str = strawberry.field(description="Where the rate is written, and the ceiling, if there is one.")
    is_assumption: bool = strawberry.field(description="Whether the sandbox made up the rate or the ceiling.")

    @staticmethod
    def of(known: contribution_rates.ContributionRate, on: date) -> "ContributionRate":
        """The rate as anybody sees it on a day."""
        ceiling = find_ceiling(known.program, on)
        written = [known.validity.source, *([f"Ceiling: {ceiling.validity.source}"] if ceiling else [])]
        return ContributionRate(
            segment=known.segment,
            payer=known.payer,
            rate=Rate(known.rate),
            jkk_risk=known.jkk_risk,
            included_in=known.included_in,
            wage_ceiling=Rupiah(ceiling.amount) if ceiling is not None else None,
            valid_from=known.validity.valid_from,
            valid_to=known.validity.valid_to,
            source=" ".join(written),
            is_assumption=known.validity.is_assumption or (ceiling is not None and ceiling.validity.is_assumption),
        )


@strawberry.type(description="A program, told in the request's language.")
class ProgramInfo:
    """Its name, what it is for, and what it costs."""

    program: Program = strawberry.field(description="Its short name.")
    name: str = strawberry.field(description="Its name in full.")
    summary: str = strawberry.field(description="What it is for.")

    @strawberry.field(description="The rates that hold on a day, today in world time unless given.")
    def rates(self, info: Info, on: date | None = None) -> list[ContributionRate]:
        """Thin: the domain knows."""
        day = on or local_date(info.context.world.clock.now())
        return [ContributionRate.of(rate, day) for rate in list_rates(self.program, day)]


@strawberry.type
class ProgramQuery:
    """What there is to be insured by."""

    @strawberry.field(directives=[SemanticNonNull()], description="The five programs. Needs no session.")
    def programs(self, info: Info) -> list[ProgramInfo] | None:
        """Thin: the texts know."""
        locale = info.context.locale
        return [
            ProgramInfo(
                program=program,
                name=sentence(locale, f"program.name.{program}"),
                summary=sentence(locale, f"program.summary.{program}"),
            )
            for program in Program
        ]
