"""Who may talk to the UI: pages that it has served itself, under a known name. Who a person is does not belong here.

A page of any other site open in the same browser could otherwise start runs, or read what they say.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
QUERIES = "/graphql"
HARMLESS = {"GET", "HEAD", "OPTIONS"}
NO_ORIGIN = (
    "refused: it does not come from a page of this UI; a proxy in front must pass on the headers Host and Origin\n"
)
NO_POST = "refused: a query is sent by POST\n"
POLICY_VIOLATION = 1008


def guard(hosts: Sequence[str]) -> list[Middleware]:
    """The checks in front of the UI; `hosts` are the names under which it is opened besides those of this machine."""
    known = [*LOOPBACK, *hosts]
    return [Middleware(TrustedHostMiddleware, allowed_hosts=known, www_redirect=False), Middleware(OwnPages)]


class OwnPages:
    """Lets a change or a websocket pass only from a page of the same origin, and a query only as POST.

    A browser always names the origin of these two; a request that names none is not from a page of the UI.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_own = _is_own(headers)
        if scope["type"] == "websocket":
            answer: ASGIApp = self.app if is_own else WebSocketClose(POLICY_VIOLATION, NO_ORIGIN.strip())
            await answer(scope, receive, send)
        elif scope["method"] not in HARMLESS and not is_own:
            await PlainTextResponse(NO_ORIGIN, 403)(scope, receive, send)
        elif scope["method"] == "GET" and _is_query(scope["path"]) and "text/html" not in headers.get("accept", ""):
            await PlainTextResponse(NO_POST, 405, {"Allow": "POST"})(scope, receive, send)
        else:
            await self.app(scope, receive, _unframed(send))


def _is_own(headers: Headers) -> bool:
    """Whether it comes from a page of this very name and port."""
    origin, host = headers.get("origin"), headers.get("host")
    return bool(origin and host) and urlsplit(origin).netloc.lower() == str(host).lower()


def _is_query(path: str) -> bool:
    return path.rstrip("/").endswith(QUERIES)


def _unframed(send: Send) -> Send:
    """No other page may embed the UI, where a click could land on what lies below."""

    async def send_unframed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Frame-Options"] = "DENY"
        await send(message)

    return send_unframed
