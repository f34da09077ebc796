"""Annual statements of the JHT balance."""

import strawberry

from gateway.domain import statement
from gateway.domain.member import Member
from gateway.services import member as members
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.member.reads import load_balances
from schema.scalars import Rate, Rupiah

Info = strawberry.Info[Context, None]


@strawberry.type(description="A closed year: opening + contributions + development - paidOut = closing.")
class AnnualStatement:
    """In whole rupiah."""

    year: int = strawberry.field(description="The calendar year, in Jakarta.")
    opening: Rupiah = strawberry.field(description="Saldo awal, with what the ledger brought along when it began.")
    contributions: Rupiah = strawberry.field(description="Iuran: what was paid in for its months.")
    development: Rupiah = strawberry.field(description="Hasil pengembangan: what the balance grew by.")
    paid_out: Rupiah = strawberry.field(description="Klaim: what was paid out.")
    closing: Rupiah = strawberry.field(description="Saldo akhir on 31 December, rounded to whole rupiah.")
    rate: Rate = strawberry.field(description="The year's development rate.")
    rate_is_assumption: bool = strawberry.field(description="Whether the sandbox made that rate up.")

    @staticmethod
    def of(known: statement.AnnualStatement) -> "AnnualStatement":
        """The statement as its owner sees it."""
        return AnnualStatement(
            year=known.year,
            opening=Rupiah(known.opening),
            contributions=Rupiah(known.contributions),
            development=Rupiah(known.development),
            paid_out=Rupiah(known.paid_out),
            closing=Rupiah(known.closing),
            rate=Rate(known.rate),
            rate_is_assumption=known.rate_is_assumption,
        )


@strawberry.type
class StatementHolder:
    """The statements of a member."""

    source: strawberry.Private[Member]

    @strawberry.field(
        directives=[SemanticNonNull()], description="Every closed year over all linked KPJ, the latest first."
    )
    async def statements(self, info: Info) -> list[AnnualStatement] | None:
        """Thin: one shared read."""
        balances = await load_balances(info.context, self.source.id)
        return [AnnualStatement.of(known) for known in members.list_statements(info.context.world, balances=balances)]
