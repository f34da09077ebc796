"""How many event streams and sockets may be open at once."""


class StreamPlaces:
    """Counts open streams of one process, at most `most`. Source: assumed for the sandbox."""

    def __init__(self, most: int = 2_000) -> None:
        self.most = most
        self.taken = 0

    def take(self) -> bool:
        """Take a place; False when all are taken."""
        if self.taken >= self.most:
            return False
        self.taken += 1
        return True

    def give_back(self) -> None:
        """Leave the place that was taken."""
        assert self.taken > 0, "give back only what was taken"
        self.taken -= 1
