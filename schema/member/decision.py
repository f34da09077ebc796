"""Decisions: hasil, sebab, tindak lanjut, in the request's language."""

import strawberry

from gateway.domain import decision
from gateway.texts import sentence


@strawberry.type(description="What was decided (hasil), why (sebab), and what to do next (tindak lanjut).")
class Decision:
    """Three sentences for people."""

    hasil: str = strawberry.field(description="What was decided.")
    sebab: str = strawberry.field(description="Why.")
    tindak_lanjut: str = strawberry.field(description="What to do next.")

    @staticmethod
    def of(decided: decision.Decision, locale: str) -> "Decision":
        """The decision in `locale` (id or en)."""
        return Decision(
            hasil=sentence(locale, f"decision.{decided.key}.hasil", **decided.params),
            sebab=sentence(locale, f"decision.{decided.key}.sebab", **decided.params),
            tindak_lanjut=sentence(locale, f"decision.{decided.key}.tindak_lanjut", **decided.params),
        )
