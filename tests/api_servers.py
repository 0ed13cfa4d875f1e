"""Servers on loopback that answer as the documents of APIs say, with a fault where a test asks for one. No expected value belongs here."""

import base64
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "planted-token-7f3a9c51e2"


@dataclass(frozen=True)
class Answer:
    """What goes back; a body that is text goes as it is."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


LIMITED = Answer({"error": "limit"}, 429, {"Retry-After": "7"})
BROKEN = Answer("<h1>Bad gateway</h1>", 502, {"Content-Type": "text/html"})
CUT = Answer("", 0)
"""The connection ends half-way."""


@dataclass
class Server:
    """A tool: `asked` is what came, `faults` what the next requests get in place of rows, null for none."""

    token: str = TOKEN
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    faults: deque[Answer | None] = field(default_factory=deque)
    between: Callable[[], None] = lambda: None
    """What happens in the shop after each request."""

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        raise NotImplementedError

    @contextmanager
    def running(self) -> Iterator["Server"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(tool: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._reply(parts.path, dict(parse_qsl(parts.query)))

        def do_POST(self) -> None:
            self._reply(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, path: str, asked: dict[str, Any]) -> None:
            tool.asked.append(asked | {"path": path})
            answer = (tool.faults.popleft() if tool.faults else None) or tool.answer(path, asked, dict(self.headers))
            tool.between()
            body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status or 200)
            for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode()) + (10 if answer is CUT else 0)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing: the test's output is its own."""

    return Handler


@dataclass
class JudgeMe(Server):
    """Reviews, the newest first, in numbered pages; the token is a parameter."""

    reviews: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        del headers
        if asked.get("api_token") != self.token or not asked.get("shop_domain"):
            return Answer({"error": "unauthorized"}, 401)
        if path != "/reviews":
            return Answer({"error": "not found"}, 404)
        page, n = int(asked["page"]), int(asked["per_page"])
        rows = self.reviews[(page - 1) * n : page * n]
        return Answer({"current_page": page, "per_page": n, "reviews": rows})


@dataclass
class Shopify(Server):
    """GraphQL over orders and customers: pages by a cursor in the order of their changes, each answer with its cost.

    `dearest`: rows of a page from which on the query is refused as too dear; `points`: what is left of the limit.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    scopes: tuple[str, ...] = ("read_orders", "read_customers")
    dearest: int = 1000
    points: float = 2000.0

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("X-Shopify-Access-Token") != self.token:
            return Answer({"errors": "[API] Invalid API key or access token"}, 401)
        if path != "/graphql.json":
            return Answer({"errors": "Not Found"}, 404)
        query, given = asked["query"], asked.get("variables") or {}
        if "accessScopes" in query:
            return _data(currentAppInstallation={"accessScopes": [{"handle": one} for one in self.scopes]})
        if "ordersCount" in query:
            return _data(ordersCount={"count": len(self.orders)})
        if "customersCount" in query:
            return _data(customersCount={"count": len(self.customers)})
        if "order(id:" in query:
            (order,) = [one for one in self.orders if one["id"] == given["id"]]
            return _data(order={"lineItems": _connection(order["all_lines"], 100, given["after"])})
        name = "customers" if "customers(" in query else "orders"
        if f"read_{name}" not in self.scopes:
            denied = f"Access denied for {name} field. Required access: `read_{name}` access scope."
            return Answer({"errors": [{"message": denied, "extensions": {"code": "ACCESS_DENIED"}}], "data": None})
        if given["first"] > self.dearest:
            dear = {"code": "MAX_COST_EXCEEDED", "cost": 2552, "maxCost": 1000}
            return Answer({"errors": [{"message": "Query cost is 2552", "extensions": dear}]})
        rows = sorted(getattr(self, name), key=lambda row: (row["updatedAt"], row["id"]))
        if given["search"]:
            since = given["search"].removeprefix("updated_at:>='").removesuffix("'")
            rows = [row for row in rows if row["updatedAt"] >= since]
        page = _connection(rows, given["first"], given["after"], lambda row: f"{row['updatedAt']} {row['id']}")
        page["nodes"] = [_node(row) for row in page["nodes"]]
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": self.points, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 400, "actualQueryCost": 90, "throttleStatus": status}
        return Answer({"data": {name: page}, "extensions": {"cost": cost}})


THROTTLED = Answer({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})


def _data(**data: Any) -> Answer:
    return Answer({"data": data})


def _node(row: dict[str, Any]) -> dict[str, Any]:
    if "all_lines" not in row:
        return row
    lines = _connection(row["all_lines"], 20, None)
    return {key: value for key, value in row.items() if key != "all_lines"} | {"lineItems": lines}


def _connection(
    rows: list[dict[str, Any]], first: int, after: str | None, key: Callable[[dict[str, Any]], str] | None = None
) -> dict[str, Any]:
    """A page by the cursor's value, as rows that move do not shift what comes behind it."""
    keys = [key(row) if key else f"{number:05}" for number, row in enumerate(rows)]
    there = [(one, row) for one, row in zip(keys, rows, strict=True) if after is None or one > after]
    page = there[:first]
    info = {"hasNextPage": len(there) > first, "endCursor": page[-1][0] if page else None}
    return {"nodes": [row for _, row in page], "pageInfo": info}


@dataclass
class Typeform(Server):
    """Responses of one form, from a moment on and oldest first; the questions stand in the form."""

    fields: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    most_rows: int = 1000

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != f"Bearer {self.token}":
            return Answer({"code": "AUTHENTICATION_FAILED", "description": "Authentication credentials not found"}, 403)
        if path == "/forms/u6nXL7":
            return Answer({"id": "u6nXL7", "fields": self.fields, "hidden": self.hidden})
        if path != "/forms/u6nXL7/responses" or asked.get("sort") != "submitted_at,asc":
            return Answer({"code": "FORM_NOT_FOUND"}, 404)
        rows = sorted(self.items, key=lambda item: item["submitted_at"])
        rows = [row for row in rows if row["submitted_at"] >= asked.get("since", "")]
        n = min(int(asked["page_size"]), self.most_rows)
        return Answer({"total_items": len(rows), "page_count": -(-len(rows) // n), "items": rows[:n]})


@dataclass
class WooCommerce(Server):
    """Orders, those changed longest ago first, after a moment; refunds are told in a place of their own."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    refunds: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    token: str = f"ck_1:{TOKEN}"
    shift_hours: int = 0
    """How wrongly it reads a moment."""

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        basic = base64.b64encode(self.token.encode()).decode()
        if headers.get("Authorization") != f"Basic {basic}":
            return Answer({"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}, 401)
        if match := re.fullmatch(r"/orders/(\d+)/refunds", path):
            return Answer(self.refunds[match[1]])
        if path != "/orders":
            return Answer({"code": "rest_no_route"}, 404)
        after = asked.get("modified_after", "")
        if after and self.shift_hours:
            after = (datetime.fromisoformat(after) + timedelta(hours=self.shift_hours)).isoformat()
        rows = [order for order in self.orders if order["date_modified_gmt"] > after]
        rows.sort(key=lambda order: (order["date_modified_gmt"], order["id"]))
        page, n = int(asked.get("page", 1)), int(asked["per_page"])
        return Answer(rows[(page - 1) * n : page * n], headers={"X-WP-Total": str(len(rows))})
