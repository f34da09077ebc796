"""Lets browser applications on this machine call the endpoints that are made for them, and no other page."""

import re

from starlette.requests import Request
from starlette.responses import Response

# Never with credentials: cookies belong to the pages only.
CALLABLE = frozenset({"/.well-known/openid-configuration", "/jwks", "/token", "/userinfo", "/revoke"})
LOCAL_ORIGIN = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
MAX_AGE_S = 600


def is_local_origin(origin: str) -> bool:
    """Say whether a page of this machine asks."""
    return LOCAL_ORIGIN.fullmatch(origin) is not None


def preflight(request: Request, path: str, methods: frozenset[str]) -> Response:
    """Answer the question that a browser asks before it calls."""
    headers = {
        "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
        "Access-Control-Allow-Headers": "authorization, content-type",
        "Access-Control-Max-Age": str(MAX_AGE_S),
    }
    return allow_origin(request, path, Response(status_code=204, headers=headers))


def allow_origin(request: Request, path: str, response: Response) -> Response:
    """Let a page of this machine read the answer. Source: Fetch standard, CORS protocol."""
    if path in CALLABLE:
        response.headers.append("Vary", "Origin")
        origin = request.headers.get("origin", "")
        if is_local_origin(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate"
    return response
