"""Turns: what counts and then decides must not do so beside another transaction that counts the same."""

from gateway.models.registration import AttemptRow


async def take_turn(name: str) -> None:
    """Wait until no other transaction of this world has the turn of `name`; it is kept until this one ends.

    On SQLite one transaction writes at a time, so the turn is taken already.
    """
    client = AttemptRow._meta.db
    if client.capabilities.dialect == "postgres":
        # A world is a schema, and its turns are its own. Two names that share a hash wait for each other, no more.
        await client.execute_query("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))", [name])
