"""Servers on loopback that answer as the documents of APIs say, with a fault where a test asks for one. No expected value belongs here."""

import base64
import io
import json
import re
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pipeline.sources.apis.tools import TOOLS, Tool

TOKEN = "planted-token-7f3a9c51e2"


@dataclass(frozen=True)
class Answer:
    """What goes back; a body that is text or octets goes as it is."""

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
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_json = self.headers["Content-Type"].startswith("application/json")
            self._reply(self.path, json.loads(body) if is_json else dict(parse_qsl(body)))

        def _reply(self, path: str, asked: dict[str, Any]) -> None:
            tool.asked.append(asked | {"path": path})
            answer = (tool.faults.popleft() if tool.faults else None) or tool.answer(path, asked, dict(self.headers))
            tool.between()
            told = answer.body if isinstance(answer.body, str | bytes) else json.dumps(answer.body)
            body = told.encode() if isinstance(told, str) else told
            self.send_response(answer.status or 200)
            for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (10 if answer is CUT else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: the test's output is its own."""

    return Handler


@dataclass
class JudgeMe(Server):
    """Reviews, the newest first, in numbered pages, of which only the first `most_pages` are to be had: then the last comes again."""

    reviews: list[dict[str, Any]] = field(default_factory=list)
    most_pages: int = 100

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("X-Api-Token") != self.token or not asked.get("shop_domain"):
            return Answer({"error": "Failed to authenticate. Shop domain or Api Token is wrong"}, 401)
        if path != "/reviews":
            return Answer({"error": "not found"}, 404)
        page, n = int(asked["page"]), int(asked["per_page"])
        told = _page(self.reviews, min(page, self.most_pages), n)
        return Answer({"current_page": page, "per_page": n, "reviews": told})


def _page(rows: list[dict[str, Any]], page: int, n: int) -> list[dict[str, Any]]:
    return rows[(page - 1) * n : page * n]


def _basic(token: str) -> str:
    return f"Basic {base64.b64encode(token.encode()).decode()}"


LENT = "planted-lent-7c1d80aa"
"""The token that signing in gives, for a while."""


@dataclass
class Trustpilot(Server):
    """Reviews in numbered pages, oldest first when asked so; key and secret are changed for a token."""

    reviews: list[dict[str, Any]] = field(default_factory=list)
    token: str = f"key:{TOKEN}"

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if path == "/oauth/oauth-business-users-for-applications/accesstoken":
            is_known = headers.get("Authorization") == _basic(self.token)
            is_asked = asked == {"grant_type": "client_credentials"}
            return Answer({"access_token": LENT, "expires_in": "359999"}) if is_known and is_asked else Answer({}, 401)
        if headers.get("Authorization") != f"Bearer {LENT}":
            return Answer({"errorCode": 1017, "message": "Unauthorized"}, 401)
        if path != "/private/business-units/507f191e810c19729de860ea/reviews":
            return Answer({"message": "Not found"}, 404)
        rows = sorted(self.reviews, key=lambda row: row["createdAt"], reverse=asked.get("orderBy") != "createdat.asc")
        return Answer({"links": [], "reviews": _page(rows, int(asked["page"]), int(asked["perPage"]))})


@dataclass
class Bol(Server):
    """Orders of one day by their last change, with little of each; everything of one by its number.

    Client id and secret are changed for a token that lasts `seconds`; each signing in ends the one before. Whoever asks for more than
    89 days back is refused, and of an empty list nothing is told.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    token: str = f"client:{TOKEN}"
    seconds: int = 299
    last_day: str = "2026-11-27"
    most_rows: int = 50
    lent: int = 0

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if path == "/token":
            is_known = headers.get("Authorization") == _basic(self.token)
            if not is_known or asked != {"grant_type": "client_credentials"}:
                return Answer({"error": "unauthorized"}, 401)
            self.lent += 1
            told = {"access_token": f"{LENT}-{self.lent}", "token_type": "Bearer", "expires_in": self.seconds}
            return Answer(told | {"scope": "RETAILER"})
        if headers.get("Authorization") != f"Bearer {LENT}-{self.lent}":
            return Answer({"title": "Expired JWT", "status": 401}, 401)
        if headers.get("Accept") != "application/vnd.retailer.v10+json":
            return Answer({"title": "Not Acceptable", "status": 406}, 406)
        if match := re.fullmatch(r"/orders/(\w+)", path):
            found = [order for order in self.orders if order["orderId"] == match[1]]
            return Answer(found[0]) if found else Answer({"title": "Not Found", "status": 404}, 404)
        day = datetime.fromisoformat(asked["latest-change-date"])
        oldest = datetime.fromisoformat(self.last_day) - timedelta(days=89)
        if path != "/orders" or asked["status"] != "ALL" or asked["fulfilment-method"] != "ALL" or day < oldest:
            return Answer({"title": "Bad Request", "status": 400}, 400)
        rows = [order for order in self.orders if any(_is_of(item, day) for item in order["orderItems"])]
        rows = _page(sorted(rows, key=lambda row: row["orderPlacedDateTime"])[::-1], int(asked["page"]), self.most_rows)
        listed = [row | {"orderItems": [_reduced(item) for item in row["orderItems"]]} for row in rows]
        kept = ("orderId", "orderPlacedDateTime", "orderItems")
        return Answer({"orders": [{key: row[key] for key in kept} for row in listed]} if listed else {})


def _reduced(item: dict[str, Any]) -> dict[str, Any]:
    kept = ("orderItemId", "cancellationRequest", "quantity", "quantityShipped", "quantityCancelled")
    own = {key: item[key] for key in (*kept, "latestChangedDateTime")} | {"ean": item["product"]["ean"]}
    is_open = item["quantity"] > item["quantityShipped"] + item["quantityCancelled"]
    return own | {"fulfilmentMethod": "FBR", "fulfilmentStatus": "OPEN" if is_open else "HANDLED"}


def _is_of(item: dict[str, Any], day: datetime) -> bool:
    return bool(item["latestChangedDateTime"][:10] == f"{day:%Y-%m-%d}")


@dataclass
class Yotpo(Server):
    """Reviews in numbered pages; app key and secret are changed for a token, which is a parameter."""

    reviews: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        del headers
        if path == "/oauth/token":
            known = {"client_id": "appkey", "client_secret": self.token, "grant_type": "client_credentials"}
            return Answer({"access_token": LENT, "token_type": "bearer"}) if asked == known else Answer({}, 401)
        if asked.get("utoken") != LENT:
            return Answer({"status": {"code": 401, "message": "Unauthorized"}}, 401)
        if path != "/v1/apps/appkey/reviews":
            return Answer({"status": {"code": 404}}, 404)
        return Answer({"reviews": _page(self.reviews, int(asked["page"]), int(asked["count"]))})


@dataclass
class Delighted(Server):
    """Responses in numbered pages, oldest first, with the person on demand; the token is the user's name."""

    responses: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != _basic(f"{self.token}:"):
            return Answer({"status": 401, "message": "Unauthorized"}, 401)
        if path != "/survey_responses.json":
            return Answer({"status": 404}, 404)
        rows = _page(self.responses, int(asked["page"]), int(asked["per_page"]))
        if asked.get("expand[]") != "person":
            rows = [row | {"person": row["person"]["id"]} for row in rows]
        return Answer(rows)


def two_a_page(name: str, **changes: Any) -> Tool:
    """A tool whose pages have two rows, with other changes of its resources."""
    tool = TOOLS[name]
    return replace(tool, resources={one: replace(told, page_rows=2, **changes) for one, told in tool.resources.items()})


@dataclass
class Shopify(Server):
    """GraphQL over orders, customers and products: pages by a cursor in the order of their changes, each answer with its cost.

    `dearest`: rows of a page from which on the query is refused as too dear; `points`: what is left of the limit.
    `bulk`: what becomes of a bulk operation, one state a look; its file opens without the token.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    scopes: tuple[str, ...] = ("read_orders", "read_customers", "read_products")
    dearest: int = 1000
    points: float = 2000.0
    bulk: tuple[str, ...] = ("CREATED", "RUNNING", "COMPLETED")
    looks: int = 0
    bulk_of: str = ""
    bulk_query: str = ""

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if path == "/bulk.jsonl":
            return Answer("no", 400) if "X-Shopify-Access-Token" in headers else Answer(self._file())
        if headers.get("X-Shopify-Access-Token") != self.token:
            return Answer({"errors": "[API] Invalid API key or access token"}, 401)
        if path != "/graphql.json":
            return Answer({"errors": "Not Found"}, 404)
        query, given = asked["query"], asked.get("variables") or {}
        if "accessScopes" in query:
            return _data(currentAppInstallation={"accessScopes": [{"handle": one} for one in self.scopes]})
        if "bulkOperationRunQuery" in query:
            self.looks, self.bulk_of, self.bulk_query = 0, _asked_for(given["query"]), given["query"]
            operation = {"id": "gid://shopify/BulkOperation/1"} if self.bulk else None
            errors = [] if operation else [{"message": "A bulk query operation for this app and shop is in progress"}]
            return _data(bulkOperationRunQuery={"bulkOperation": operation, "userErrors": errors})
        if "bulkOperation(" in query:
            status = self.bulk[min(self.looks, len(self.bulk) - 1)]
            self.looks += 1
            is_made = status == "COMPLETED"
            rows = getattr(self, self.bulk_of)
            operation = {"status": status, "url": f"{self.address}/bulk.jsonl" if is_made and rows else None}
            size = str(len(self._file().encode())) if is_made and rows else None
            return _data(bulkOperation=operation | {"rootObjectCount": str(len(rows)), "fileSize": size})
        name = _asked_for(query)
        if f"{name}Count" in query:
            return _data(**{f"{name}Count": {"count": len(getattr(self, name))}})
        if "(id:" in query:
            (row,) = [one for one in getattr(self, name) if one["id"] == given["id"]]
            if "fulfillments(" in query:
                return _data(order=_with_shipments({"fulfillments": row["fulfillments"]}, query))
            every, column = NESTED[name]
            return _data(**{name[:-1]: {column: _connection(row[every], 100, given["after"])}})
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
        page["nodes"] = [_with_shipments(_node(row, name), query) for row in page["nodes"]]
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": self.points, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 400, "actualQueryCost": 90, "throttleStatus": status}
        return Answer({"data": {name: page}, "extensions": {"cost": cost}})

    def _file(self) -> str:
        """A line each, the newest row first, and the lines of an order behind it."""
        rows: list[dict[str, Any]] = []
        every, _ = NESTED.get(self.bulk_of, ("", ""))
        for row in reversed(getattr(self, self.bulk_of)):
            own = {key: value for key, value in row.items() if key != every}
            rows.append(_with_shipments(own, self.bulk_query))
            rows += [line | {"__parentId": row["id"]} for line in row.get(every, [])]
        return "".join(json.dumps(row) + "\n" for row in rows)


THROTTLED = Answer({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})


def _data(**data: Any) -> Answer:
    return Answer({"data": data})


NESTED = {"orders": ("all_lines", "lineItems"), "products": ("all_variants", "variants")}
"""What has a list in it -> the whole list here, and what Shopify calls it."""


def _asked_for(query: str) -> str:
    """The first thing that a query asks for, as its plural."""
    found = re.search(r"\b(order|customer|product)(s|sCount)?\b", query)
    assert found
    return f"{found[1]}s"


def _with_shipments(row: dict[str, Any], query: str) -> dict[str, Any]:
    """With as many shipments as are asked for."""
    found = re.search(r"fulfillments\(first: (\d+)\)", query)
    return row | {"fulfillments": row["fulfillments"][: int(found[1])]} if found and "fulfillments" in row else row


def _node(row: dict[str, Any], name: str) -> dict[str, Any]:
    if name not in NESTED:
        return row
    every, column = NESTED[name]
    return {key: value for key, value in row.items() if key != every} | {column: _connection(row[every], 20, None)}


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
class Klaviyo(Server):
    """Events of a moment on, oldest first, each page with the link to the next, and what they name beside them."""

    events: list[dict[str, Any]] = field(default_factory=list)
    included: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != f"Klaviyo-API-Key {self.token}" or not headers.get("revision"):
            return Answer({"errors": [{"code": "not_authenticated", "detail": "Missing or invalid private key."}]}, 401)
        if path != "/events" or asked.get("sort") != "datetime":
            return Answer({"errors": [{"code": "not_found"}]}, 404)
        since = asked.get("filter", "").removeprefix("greater-or-equal(datetime,").removesuffix(")")
        rows = sorted(self.events, key=lambda row: row["attributes"]["datetime"])
        # Both are in UTC, and as long as their digits go they compare as texts.
        rows = [row for row in rows if row["attributes"]["datetime"][:19] >= since[:19]]
        start, n = int(asked.get("page[cursor]", 0)), int(asked["page[size]"])
        page = rows[start : start + n]
        told = [one["data"] for row in page for one in row["relationships"].values() if isinstance(one["data"], dict)]
        named = {(one["type"], one["id"]) for one in told}
        beside = [one for one in self.included if (one["type"], one["id"]) in named] if "include" in asked else []
        # The address is the tool's own, whatever gateway was asked.
        again = urlencode(asked | {"page[cursor]": str(start + n)})
        following = f"https://a.klaviyo.com/api/events?{again}" if start + n < len(rows) else None
        return Answer({"data": page, "included": beside, "links": {"self": "x", "next": following}})


@dataclass
class Magento(Server):
    """Orders by the search criteria that are asked for: from a moment on, those changed longest ago first; credit memos of orders."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    memos: list[dict[str, Any]] = field(default_factory=list)
    most_memos: int = 100

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != f"Bearer {self.token}":
            return Answer({"message": "The consumer isn't authorized to access %resources."}, 401)
        one = "searchCriteria[filter_groups][0][filters][0]"
        order = "searchCriteria[sortOrders][0]"
        criteria = [asked.get(f"{one}[field]"), asked.get(f"{one}[condition_type]"), asked.get(f"{order}[field]")]
        page, n = int(asked.get("searchCriteria[currentPage]", 1)), int(asked["searchCriteria[pageSize]"])
        if path == "/creditmemos" and criteria == ["order_id", "in", "entity_id"]:
            wanted = asked[f"{one}[value]"].split(",")
            rows, n = [row for row in self.memos if str(row["order_id"]) in wanted], min(n, self.most_memos)
        elif path == "/orders" and criteria == ["updated_at", "gteq", "updated_at"]:
            rows = sorted(self.orders, key=lambda row: row["updated_at"])
            rows = [row for row in rows if row["updated_at"] >= asked[f"{one}[value]"]]
        else:
            return Answer({"message": "Request does not match any route."}, 404)
        # Of a page behind the last one Magento gives the last one again.
        page = min(page, max(-(-len(rows) // n), 1))
        return Answer({"items": _page(rows, page, n), "total_count": len(rows)})


@dataclass
class GoogleForms(Server):
    """Responses of one form in pages by a token, in no order; of what is empty nothing is told."""

    form: dict[str, Any] = field(default_factory=dict)
    responses: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != f"Bearer {self.token}":
            return Answer({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)
        if path == "/forms/1FAIpQLSd0example":
            return Answer(self.form)
        if path != "/forms/1FAIpQLSd0example/responses":
            return Answer({"error": {"code": 404, "status": "NOT_FOUND"}}, 404)
        start, n = int(asked.get("pageToken", 0)), int(asked["pageSize"])
        more = {"nextPageToken": str(start + n)} if start + n < len(self.responses) else {}
        rows = self.responses[start : start + n]
        return Answer(({"responses": rows} if rows else {}) | more)


@dataclass
class SurveyMonkey(Server):
    """Responses of one survey after a moment, those changed longest ago first; the questions stand in its details."""

    details: dict[str, Any] = field(default_factory=dict)
    responses: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != f"Bearer {self.token}":
            return Answer({"error": {"id": "1011", "name": "Authorization Error", "http_status_code": 401}}, 401)
        if path == "/surveys/123456789/details":
            return Answer(self.details)
        if path != "/surveys/123456789/responses/bulk" or asked.get("sort_order") != "ASC":
            return Answer({"error": {"id": "1020", "http_status_code": 404}}, 404)
        rows = sorted(self.responses, key=lambda row: row["date_modified"])
        rows = [row for row in rows if row["date_modified"][:19] > asked.get("start_modified_at", "")]
        page, n = int(asked.get("page", 1)), int(asked["per_page"])
        return Answer({"data": _page(rows, page, n), "per_page": n, "page": page, "total": len(rows), "links": {}})


@dataclass
class Qualtrics(Server):
    """An export of one survey as a job: started, looked at until it is ready, and fetched as a zip with a CSV file."""

    text: str = ""
    looks: int = 2
    """How often it is not ready yet."""
    ends: str = "complete"

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("X-API-TOKEN") != self.token:
            return Answer({"meta": {"httpStatus": "401 - Unauthorized"}}, 401)
        where = "/surveys/SV_1234567890abcde/export-responses"
        if path == where and asked == {"format": "csv", "timeZone": "UTC"}:
            return Answer({"result": {"progressId": "ES_1", "percentComplete": 0.0, "status": "inProgress"}})
        if path == f"{where}/ES_1":
            self.looks -= 1
            if self.looks >= 0:
                return Answer({"result": {"percentComplete": 50.0, "status": "inProgress"}})
            file = {"fileId": "file-1"} if self.ends == "complete" else {}
            return Answer({"result": file | {"percentComplete": 100.0, "status": self.ends}})
        if path != f"{where}/file-1/file":
            return Answer({"meta": {"httpStatus": "404 - Not Found"}}, 404)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("Care.csv", self.text)
        return Answer(packed.getvalue(), headers={"Content-Type": "application/zip"})


@dataclass
class WooCommerce(Server):
    """Orders, those changed longest ago first, after a moment; refunds are told in a place of their own.

    Everything else comes in numbered pages: `places` are rows by path.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    refunds: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    places: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"/customers": [], "/products": [], "/products/reviews": []}
    )
    token: str = f"ck_1:{TOKEN}"
    shift_hours: int = 0
    """How wrongly it reads a moment."""

    def answer(self, path: str, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != _basic(self.token):
            return Answer({"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}, 401)
        if path == "/data/currencies/current":
            return Answer({"code": "EUR", "name": "Euro", "symbol": "&euro;"})
        page, n = int(asked.get("page", 1)), int(asked["per_page"])
        if match := re.fullmatch(r"/orders/(\d+)/refunds", path):
            return Answer(_page(self.refunds[match[1]], page, n))
        if path in self.places:
            return Answer(_page(self.places[path], page, n), headers={"X-WP-Total": str(len(self.places[path]))})
        if path != "/orders":
            return Answer({"code": "rest_no_route"}, 404)
        after = asked.get("modified_after", "")
        if after and self.shift_hours:
            after = (datetime.fromisoformat(after) + timedelta(hours=self.shift_hours)).isoformat()
        rows = [order for order in self.orders if order["date_modified_gmt"] > after]
        rows.sort(key=lambda order: (order["date_modified_gmt"], order["id"]))
        return Answer(_page(rows, page, n), headers={"X-WP-Total": str(len(rows))})
