"""Every reason for which mailsink refuses something, one class per reason."""


class InvalidCursor(ValueError):
    """The text given as a cursor was never handed out by this sink."""

    def __init__(self) -> None:
        super().__init__("The cursor is not one that this inbox handed out.")


class TooManyWaiters(Exception):
    """The sink already has as many waiting callers as it allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} callers can wait for messages at the same time.")
        self.limit = limit


class SinkClosed(Exception):
    """The sink is stopping and takes no more messages."""

    def __init__(self) -> None:
        super().__init__("The message sink is stopping.")


class DeliveryRefused(Exception):
    """A REJECT or ERROR fault refused the message; nothing was stored.

    `status_code` is the code that the fault asked for, or None for the transport's own default.
    """

    def __init__(self, status_code: int | None) -> None:
        super().__init__("A fault refused the message.")
        self.status_code = status_code


class DeliveryCut(Exception):
    """A TIMEOUT or DISCONNECT fault ends the connection without an answer; nothing was stored."""

    def __init__(self) -> None:
        super().__init__("A fault cut the connection.")


class StoreUnavailable(Exception):
    """The database of a sink that runs alone cannot be opened."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"The message store {file} cannot be opened: {reason}.")


class InvalidSms(ValueError):
    """The SMS request cannot be taken; `code` and `status_code` tell the caller which rule refused it."""

    def __init__(self, status_code: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.code = code
