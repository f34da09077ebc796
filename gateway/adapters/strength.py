"""How hard a password is to guess, by zxcvbn in a worker thread. Which score is enough is a rule's matter."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

# Guessing time grows faster than the length. Source: zxcvbn's own limit.
_MAX_LENGTH = 72
_MAX_KNOWN = 32
_MAX_SPELLINGS = 24  # ways to read symbols as letters: 4 for @, 0 for o. Source: assumed for the sandbox


def _score(password: str, known: Sequence[str]) -> int:
    # Loading the word lists takes 30 ms and some megabytes, so they wait for the first password.
    from zxcvbn import matching, scoring, time_estimates

    # zxcvbn() itself writes `known` into a module-level dictionary; this is the same without that.
    words = {**matching.RANKED_DICTIONARIES, "user_inputs": matching.build_ranked_dict(known)}
    spellings = matching.enumerate_l33t_subs(matching.relevant_l33t_subtable(password, matching.L33T_TABLE))
    if len(spellings) <= _MAX_SPELLINGS:
        found = matching.omnimatch(password, words)
    else:
        # A mix of ten and more symbols could be read as words in hundreds of ways, which takes seconds to try; it is
        # searched for everything but words in symbols (and repeats of such).
        plain = (matching.dictionary_match, matching.reverse_dictionary_match, matching.sequence_match)
        rest = (matching.spatial_match, matching.regex_match, matching.date_match)
        found = [match for search in plain for match in search(password, words)]
        found += [match for search in rest for match in search(password, _ranked_dictionaries=words)]
        found.sort(key=lambda match: (match["i"], match["j"]))
    guesses = scoring.most_guessable_match_sequence(password, found)["guesses"]
    return time_estimates.guesses_to_score(Decimal(guesses))


class ZxcvbnStrengthMeter:
    """Implements `ports.StrengthMeter`. Owns its thread until `close`."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "peserta-strength")

    async def score(self, password: str, known: Sequence[str]) -> int:
        """0 to 4 for the first 72 characters; `known` are words that an attacker would try first."""
        if not password:
            return 0
        words = [word.lower()[:_MAX_LENGTH] for word in known[:_MAX_KNOWN] if word]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _score, password[:_MAX_LENGTH], words)

    async def warm_up(self) -> None:
        """Load the word lists before the first person waits for them."""
        await self.score("peserta", ())

    def close(self) -> None:
        """End the thread; what waits is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)
