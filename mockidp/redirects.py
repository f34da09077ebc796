"""Which addresses a client may be sent back to; compared as text, so that no parser can be talked round."""

import re
from collections.abc import Sequence

# A whole address or nothing: no user part, no fragment, no backslash, no other spelling of the loopback address.
LOOPBACK = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?"
)
MAX_URI_CHARS = 2000
MAX_PORT = 65535


def is_loopback(uri: str) -> bool:
    """Say whether `uri` is an absolute http(s) address of this machine, on any port.

    Source: RFC 8252 section 7.3 (any port of a loopback address); localhost besides, assumed for the sandbox.
    """
    if len(uri) > MAX_URI_CHARS:
        return False
    match = LOOPBACK.fullmatch(uri)
    return match is not None and int(match["port"] or 80) <= MAX_PORT


def is_registered(uri: str, registered: Sequence[str], *, any_loopback: bool) -> bool:
    """Say whether a client may be sent to `uri`: an exact match, or any loopback address where that is allowed.

    Source: RFC 9700 section 2.1 (exact string matching), RFC 8252 section 7.3 (ports of native clients).
    """
    return uri in registered or (any_loopback and is_loopback(uri))
