"""Writes the statement that finds messages. Every waiting caller runs it, and the ORM takes longer to write it than
the database to answer it; nothing here reaches a database."""

from collections.abc import Sequence

from mailsink.messages import Criteria


class Search:
    """The conditions of one search and their values, in the dialect "sqlite" or "postgres"."""

    def __init__(self, dialect: str, mailbox: str, criteria: Criteria) -> None:
        self._postgres = dialect == "postgres"
        self._conditions: list[str] = []
        self.values: list[object] = []
        self._add('"mailbox" = {}', mailbox)
        self.between(criteria.after_seq, None)
        if criteria.channel is not None:
            self._add('"channel" = {}', criteria.channel.value)
        if criteria.kind is not None:
            self._add('"kind" = {}', criteria.kind.value)
        if criteria.recipient_key is not None:
            self._contain("recipient_keys", criteria.recipient_key)
        for term in criteria.terms:
            self._contain("haystack", term)

    def between(self, after_seq: int | None, before_seq: int | None) -> None:
        """Only what arrived strictly between two sequences."""
        if after_seq is not None:
            self._add('"id" > {}', after_seq)
        if before_seq is not None:
            self._add('"id" < {}', before_seq)

    def text(self, columns: Sequence[str], *, newest_first: bool, limit: int) -> str:
        """The whole statement for these columns."""
        shown = ", ".join(f'"{column}"' for column in columns)
        order = f'ORDER BY "id" {"DESC" if newest_first else "ASC"} LIMIT {limit:d}'
        # Only names of ours are written into it; every value is bound.
        return f'SELECT {shown} FROM "sink_messages" WHERE {" AND ".join(self._conditions)} {order}'  # noqa: S608

    def count_text(self) -> str:
        """The statement that counts instead, in a column "count"."""
        return f'SELECT COUNT(*) AS "count" FROM "sink_messages" WHERE {" AND ".join(self._conditions)}'  # noqa: S608

    def _contain(self, column: str, part: str) -> None:
        self._add(f'{"strpos" if self._postgres else "instr"}("{column}", {{}}) > 0', part)

    def _add(self, condition: str, value: object) -> None:
        self.values.append(value)
        self._conditions.append(condition.format(f"${len(self.values)}" if self._postgres else "?"))
