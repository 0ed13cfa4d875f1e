"""Requests to an API: dlt's REST client with its paginators, authentication and retries, and what goes wrong in one line.

Nothing else imports dlt, which takes half a second. What is done with the rows does not belong here.
"""

import csv
import io
import json
import math
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from inspect import unwrap
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.requests import Client, HTTPError, Request, RequestException, Response
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, AuthConfigBase, BearerTokenAuth, HttpBasicAuth
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    JSONResponseCursorPaginator,
    PageNumberPaginator,
)

from pipeline.errors import SourceShapeError
from pipeline.sources.apis.moments import goes_on_at, is_settled, latest
from pipeline.sources.apis.places import base_of, filled, label
from pipeline.sources.apis.queries import (
    FEW_SHIPMENTS,
    SHOPIFY_BULK,
    SHOPIFY_MORE,
    SHOPIFY_SCOPES,
    SHOPIFY_SHIPMENTS,
    SHOPIFY_START_BULK,
)
from pipeline.sources.apis.survey_answers import FORMS
from pipeline.sources.apis.tools import MAGENTO_CREDIT_MEMOS, MAGENTO_SINCE, TOOLS, Resource, SignIn
from pipeline.sources.half_characters import without_half_characters
from pipeline.sources.settings import MAX_UNPACKED_MB, ApiInput

BUSY = (408, 429, *range(500, 600))
"""What an API answers that can answer later."""
ATTEMPTS = 6
"""Of a request that is limited, fails on the server's side or does not arrive."""
BACKOFF_SECONDS = 2
LONGEST_WAIT_SECONDS = 120
"""Between two attempts, whatever a Retry-After says: a run holds its home while it waits."""
TIMEOUT_SECONDS = (10, 120)
"""To connect, and between two bytes."""
SECONDS_BETWEEN_LOOKS = 5
MOST_LOOKS = 360
"""At an export or a file that a tool makes on demand."""
MOST_TIMES_THROUGH = 5
"""All pages with numbers are gone through, where rows come and go meanwhile."""
ROWS_OF_A_FILE = 1000
"""Of a file of all rows, so many are a page."""
LONGEST_WORD = len("false")
"""Of JSON: so near its end is the fault in a text that was cut within a word."""
BYTES_OF_A_FILE = 1 << 16
"""So much of it is taken at a time."""
MOST_EARLY_SECONDS = 60
"""A lent token is changed for another before it ends, so that a request which is tried again still has a good one."""
ROW_HAS_GONE = "one of the {name} has gone while it was read; run again"
GOES_ON = "the next run goes on from here"
MOST_WORDS = 200
ROWS_BESIDE = 100
"""On a page of what belongs to one row, such as its refunds."""

Row = dict[str, Any]


class TooDearError(Exception):
    """A page costs more than one request may."""


class Api:
    """One resource of one place."""

    def __init__(self, place: ApiInput, name: str) -> None:
        self.place = place
        self.name = name
        self.tool = TOOLS[place.api]
        self.resource: Resource = self.tool.resources[name]
        self.requests = 0

    def pages(
        self, *, since: str | None, first_page: int = 1, now: datetime | None = None, is_snapshot: bool = False
    ) -> Iterator[list[Row]]:
        """The rows of each page, numbers as text: those changed from `since` on, in the order of the cursor column.

        Without a cursor column all rows, from page `first_page` on; of an `is_snapshot` none may be missed, as it would count as
        deleted. Where days are listed, the last one is that of `now`.

        Raises:
            SourceShapeError: the API cannot be reached, refuses the token or the request, is at its limit for longer than a
                run waits, or answers something else than rows. One line without the token.
        """
        now = now or datetime.now(UTC)
        with self._told():
            shape = self._shape()
            page_rows = self.resource.page_rows
            while True:
                try:
                    for rows in self._pages_of(since, first_page, page_rows, now, is_snapshot):
                        yield [shape(row) for row in self._with_credit_memos(rows)]
                        since = latest(since, self.goes_on_at(rows, now))
                    return
                except TooDearError:
                    if page_rows == 1:
                        raise
                    page_rows //= 2

    def pages_in_bulk(self) -> Iterator[list[Row]] | None:
        """All rows from a file that the tool makes of them, in no order; null where it makes none now.

        Raises:
            SourceShapeError: as `pages`.
        """
        with self._told():
            asked = {"query": SHOPIFY_START_BULK, "variables": {"query": self.resource.bulk_query}}
            started = _found(self._ask(json=asked), "data.bulkOperationRunQuery.bulkOperation")
            for _ in range(MOST_LOOKS if started else 0):
                time.sleep(SECONDS_BETWEEN_LOOKS)
                asked = {"query": SHOPIFY_BULK, "variables": {"id": started["id"]}}
                state = _found(self._ask(json=asked), "data.bulkOperation")
                if state["status"] == "COMPLETED":
                    return self._pages_of_file(state) if state["url"] else iter([])
                if state["status"] not in ("CREATED", "RUNNING"):
                    break
        return None

    def _pages_of_file(self, told: Row) -> Iterator[list[Row]]:
        """The rows of the file of a bulk operation that is `told` of, which must be all there."""
        with self._told():
            address, n_told, n_bytes_told = told["url"], int(told["rootObjectCount"]), int(told["fileSize"] or 0)
            n_rows = n_bytes = 0
            columns: Row = dict.fromkeys(self.resource.columns)
            nested = self.resource.nested
            if urlsplit(address).scheme != "https" and not self.place.base_url:
                raise _RefusedError("its file of all rows would travel for all to read")
            self.requests += 1
            # Without the token, as the file is somewhere else; its address alone opens it.
            file = self._client.session.get(address, stream=True, allow_redirects=False)
            if file.status_code != 200:
                raise _RefusedError(f"does not give its file of all rows ({file.status_code}); run again")
            page: list[Row] = []
            for line in _lines_of(file):
                n_bytes += len(line)
                row = _parsed(line)
                if parent := row.pop("__parentId", None):
                    if not page or page[-1]["id"] != parent:
                        raise _RefusedError(
                            "its file of all rows has a part of a row that is not there; has the API changed?"
                        )
                    page[-1][nested].append(row)
                    continue
                if len(page) == ROWS_OF_A_FILE:
                    yield page
                    page = []
                page.append(columns | row | ({nested: []} if nested else {}))
                n_rows += 1
            yield page
            # Without a length of its own, what was cut off at the end of a line looks whole.
            if n_rows < n_told or n_bytes < n_bytes_told:
                raise _RefusedError(
                    f"its file of all rows was cut short ({n_rows:,} of {n_told:,} {self.name}, {n_bytes:,} of {n_bytes_told:,} bytes); run again"
                )

    def greatest(self, rows: list[Row]) -> str | None:
        """The greatest value of the cursor column."""
        return latest(*self._times(rows))

    def goes_on_at(self, rows: list[Row], now: datetime) -> str | None:
        """From which value of the cursor column on rows can come behind this page."""
        return goes_on_at(self._times(rows), now)

    def _times(self, rows: list[Row]) -> list[str]:
        cursor = self.resource.cursor
        return [str(at) for row in rows if (at := _found(row, cursor))] if cursor else []

    def count(self) -> int | None:
        """How many rows there are in all; null where the API does not tell."""
        if not self.resource.total:
            return None
        with self._told():
            if self.resource.count_query:
                response = self._send(json={"query": self.resource.count_query, "variables": {"search": None}})
            else:
                response = self._send(params=self._parameters(None) | {self.resource.size_in: "1"})
            return self._total_in(response)

    def scopes(self) -> list[str] | None:
        """What the token may do, in the tool's words; null where the API does not tell."""
        if self.resource.pages != "graphql":
            return None
        with self._told():
            found = _found(self._ask(json={"query": SHOPIFY_SCOPES}), "data.currentAppInstallation.accessScopes")
            return [scope["handle"] for scope in found or []]

    @cached_property
    def _client(self) -> RESTClient:
        client = object.__new__(Client)
        # Without what dlt wraps it in: that reads files and variables of its own, and starts its telemetry.
        unwrap(Client.__init__)(
            client,
            request_timeout=TIMEOUT_SECONDS,
            raise_for_status=False,
            request_max_attempts=ATTEMPTS,
            request_backoff_factor=BACKOFF_SECONDS,
            request_max_retry_delay=LONGEST_WAIT_SECONDS,
            status_codes=BUSY,
            retry_condition=_is_to_be_repeated,
        )
        found = RESTClient(
            base_of(self.place),
            headers=dict(self.tool.headers),
            session=client.session,
            config=RuntimeConfiguration(),
        )
        token, sign_in = self.place.token.get_secret_value(), self.tool.sign_in
        if sign_in:
            # Whatever signs a request can be called with it.
            found.auth = LentAuth(lambda: self._signed_in(found, sign_in, token))  # type: ignore[assignment]
        else:
            found.auth = self._auth(token)
        return found

    def _auth(self, token: str) -> AuthConfigBase:
        tool = self.tool
        if tool.token_in == "bearer":
            return BearerTokenAuth(token=token)
        if tool.token_in == "user":
            return HttpBasicAuth(username=token, password="")
        if tool.token_in == "basic":
            return _pair(token)
        return APIKeyAuth(name=tool.token_name, api_key=f"{tool.token_prefix}{token}", location=tool.token_in)

    def _signed_in(self, client: RESTClient, sign_in: SignIn, token: str) -> tuple[AuthConfigBase, float]:
        """What signs requests for a while, and for how many seconds, in exchange for the token of the configuration."""
        body = {name: value.format(shop=self.place.shop, token=token) for name, value in sign_in.body.items()}
        own = sign_in.address and not self.place.base_url
        signed: dict[str, Any] = (
            {"data": body, "auth": _pair(token)} if sign_in.is_form else {"json": body, "auth": Unsigned()}
        )
        answer = client.post(
            f"{sign_in.address}/{sign_in.path}" if own else sign_in.path,
            headers={"Accept": "application/json"},
            hooks={"response": [self._check]},
            allow_redirects=False,
            **signed,
        ).json()
        return self._auth(str(answer["access_token"])), float(answer.get("expires_in", math.inf))

    def _parameters(self, since: str | None) -> dict[str, str]:
        own = {name: filled(value, self.place) for name, value in self.tool.parameters.items()}
        size = {self.resource.size_in: str(self.resource.page_rows)} if self.resource.size_in else {}
        moment = (
            {self.resource.since: _asked(since, self.resource)} if since and self.resource.pages != "graphql" else {}
        )
        return own | size | dict(self.resource.parameters) | moment

    def _pages_of(
        self, since: str | None, first_page: int, page_rows: int, now: datetime, is_snapshot: bool
    ) -> Iterator[list[Row]]:
        resource = self.resource
        if resource.pages == "export":
            yield self._checked(self._exported())
            return
        if resource.pages == "days":
            yield from self._pages_by_day(since, now)
            return
        if resource.pages == "numbers":
            yield from self._pages_by_number(first_page, is_snapshot)
            return
        asked: dict[str, Any] = {"params": self._parameters(since)}
        paginator: BasePaginator
        if resource.pages == "graphql":
            search = f"{resource.since}:>='{since}'" if since else None
            variables = {"first": page_rows, "after": None, "search": search}
            asked = {"method": "POST", "json": {"query": resource.query, "variables": variables}}
            info = f"{resource.rows.rpartition('.')[0]}.pageInfo"
            paginator = JSONResponseCursorPaginator(
                cursor_path=f"{info}.endCursor", cursor_body_path="variables.after", has_more_path=f"{info}.hasNextPage"
            )
        elif resource.pages == "since":
            paginator = SincePaginator(resource, now)
        elif resource.pages == "links":
            paginator = LinkPaginator()
        else:
            paginator = JSONResponseCursorPaginator(cursor_path="nextPageToken", cursor_param="pageToken")
        for rows, _ in self._paged(paginator, asked):
            yield rows

    def _pages_by_number(self, first_page: int, is_snapshot: bool) -> Iterator[list[Row]]:
        """All rows; the pages are gone through once more where a row can have been deleted meanwhile: all behind it moved up by
        one place, and one of them onto a page that had been read.

        Where a tool tells with each page how many rows there are, fewer of them tell of it. Where it does not, those of a snapshot are
        gone through until nothing new comes.
        """
        found: set[str] = set()
        for number in range(MOST_TIMES_THROUGH):
            n_before, n_pages = len(found), 0
            totals: list[int | None] = []
            page = 1 if number else first_page
            paginator = PageNumberPaginator(base_page=1, page=page, page_param=self.resource.number_in, total_path=None)
            for rows, response in self._paged(paginator, {"params": self._parameters(None)}):
                n_pages += bool(rows)
                totals.append(self._total_in(response))
                new = [row for row in rows if row[self.resource.id] not in found]
                found |= {row[self.resource.id] for row in new}
                if new or not number:
                    yield new if number else rows
            # Of the pages before the first one nothing is known.
            is_part = page > 1
            told = [total for total in totals if total is not None]
            if len(told) == len(totals):
                is_whole = told == sorted(told)
            else:
                is_whole = not is_snapshot or len(found) == n_before or n_pages == 1
            if is_whole and not (is_part and (told or is_snapshot)):
                return

    def _total_in(self, response: Response) -> int | None:
        """How many rows there are, as a page tells; null where it does not."""
        total = self.resource.total
        found = response.headers.get(total) if total.startswith("X-") else _found(response.json(), total)
        return None if found is None else int(found)

    def _paged(self, paginator: BasePaginator, asked: dict[str, Any]) -> Iterator[tuple[list[Row], Response]]:
        """The rows of each page with the answer that has them."""
        resource = self.resource
        before: list[str] = []
        # A token in a header of its own would go along to wherever the API sends us.
        for page in self._client.paginate(
            filled(resource.path, self.place),
            paginator=paginator,
            data_selector=resource.rows,
            hooks={"response": [self._check]},
            allow_redirects=False,
            **asked,
        ):
            rows = self._checked(self._rows_of(page.response.json()))
            ids = [row[resource.id] for row in rows]
            if rows and ids == before and resource.pages == "numbers":
                raise _RefusedError(
                    f"gives its last page again and again and tells of no more {self.name}; read its export"
                )
            before = ids
            yield rows, page.response
            _wait_for_points(page.response)

    def _pages_by_day(self, since: str | None, now: datetime) -> Iterator[list[Row]]:
        """The rows that were changed on each day, from that of `since` to that of `now`, as they are now."""
        resource = self.resource
        last = now.astimezone(ZoneInfo(resource.zone)).date()
        oldest = last - timedelta(days=resource.days)
        first = max(date.fromisoformat(since[:10]), oldest) if since else oldest
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            ids = self._ids_of(day)
            for start in range(0, len(ids), resource.page_rows):
                yield [self._listed(id_, day) for id_ in ids[start : start + resource.page_rows]]

    def _ids_of(self, day: date) -> list[str]:
        """What was changed on a day; several pages are asked for until nothing comes that was not there the time before.

        What changes meanwhile leaves its day, and all that is behind it moves up, some of it off the page that comes next.
        """
        resource = self.resource
        found: dict[str, None] = {}
        while True:
            n_before = len(found)
            for number in count(1):
                asked = {**resource.parameters, resource.since: str(day), resource.number_in: str(number)}
                listed = self._checked(self._rows_of(self._ask(params=asked)))
                found |= {row[resource.id]: None for row in listed}
                if len(listed) < resource.page_rows:
                    break
            if number == 1 or len(found) == n_before:
                return list(found)

    def _listed(self, id_: str, day: date) -> Row:
        """A row of which a list tells little, with the columns that are wanted and none of whom it is about."""
        (row,) = self._checked([self._ask(f"{self.resource.path}/{id_}")])
        return {name: row.get(name) for name in self.resource.columns} | {str(self.resource.cursor): str(day)}

    def _rows_of(self, answer: Any) -> Any:
        if self.resource.pages == "links":
            return _with_included(answer)
        # Google and bol.com leave out what is empty.
        return [] if self.resource.pages in ("tokens", "days") and answer == {} else _found(answer, self.resource.rows)

    def _checked(self, rows: Any) -> list[Row]:
        if not isinstance(rows, list) or any(not row.get(self.resource.id) for row in rows):
            raise _RefusedError(
                f"answers without {self.name}, or without the {self.resource.id} of one; has the API changed?"
            )
        return rows

    def _exported(self) -> list[Row]:
        """The rows of an export that the tool makes on demand: asked for, waited for, and fetched as a CSV file in a zip."""
        asked = {"format": "csv", "timeZone": "UTC"}
        job = self._ask(json=asked)["result"]["progressId"]
        for _ in range(MOST_LOOKS):
            time.sleep(SECONDS_BETWEEN_LOOKS)
            state = self._ask(f"{self.resource.path}/{job}")["result"]
            if state["status"] == "failed":
                raise _RefusedError("its export has failed on its own side; the next run asks for another")
            if state["status"] == "complete":
                break
        else:
            minutes = MOST_LOOKS * SECONDS_BETWEEN_LOOKS // 60
            raise _RefusedError(f"its export is not ready after {minutes} minutes; the next run asks for another")
        return _unpacked(self._send(f"{self.resource.path}/{state['fileId']}/file", check=self._check_status).content)

    def _send(self, path: str | None = None, check: Callable[..., None] | None = None, **asked: Any) -> Response:
        send = self._client.post if "json" in asked else self._client.get
        where = filled(path or self.resource.path, self.place)
        return send(where, hooks={"response": [check or self._check]}, allow_redirects=False, **asked)

    def _ask(self, path: str | None = None, **asked: Any) -> Any:
        return self._send(path, **asked).json()

    def _shape(self) -> Callable[[Row], Row]:
        """What is added to a row that stands elsewhere: further lines of an order, the questions that answers are to."""
        columns: Row = dict.fromkeys(self.resource.columns)
        if self.place.api in FORMS:
            path, read = FORMS[self.place.api]
            form = read(self._ask(path))
            if title := form.used_twice(self.resource.columns):
                raise _RefusedError(f"two questions or fields are called '{title}'; rename the question in the form")
            return lambda row: columns | row | form.columns_of(row, self.resource.columns)
        if nested := self.resource.nested:
            return lambda row: columns | row | self._all_shipments(row) | {nested: self._all_nested(row, nested)}
        if self.place.api == "woocommerce" and self.name == "orders":
            return lambda row: columns | row | {"refunds": self._refunds(row)}
        if self.place.api == "woocommerce" and self.name == "products":
            currency = {"currency": self._ask("data/currencies/current", params={"_fields": "code"})["code"]}
            return lambda row: columns | row | currency | {"variations": self._variations(row)}
        return lambda row: columns | row

    def _with_credit_memos(self, orders: list[Row]) -> list[Row]:
        """Magento's orders with their credit memos, which tell when a refund was given: those of a page are asked for at once."""
        if self.place.api != "magento" or self.name != "orders":
            return orders
        refunded = [row["entity_id"] for row in orders if float(row.get("base_total_refunded") or 0)]
        found: list[Row] = []
        for page in count(1) if refunded else ():
            asked = {
                **MAGENTO_CREDIT_MEMOS,
                MAGENTO_SINCE: ",".join(refunded),
                "searchCriteria[currentPage]": str(page),
            }
            answer = self._ask("creditmemos", params=asked)
            memos = answer["items"] or []
            found += memos
            # Of a page behind the last one Magento gives the last one again.
            if not memos or len(found) >= int(answer["total_count"]):
                break
        return [row | {"credit_memos": [one for one in found if one["order_id"] == row["entity_id"]]} for row in orders]

    def _refunds(self, order: Row) -> list[Row]:
        """The refunds of an order with their dates, which the order itself does not tell."""
        return self._beside(f"orders/{order['id']}/refunds", "id,amount,date_created_gmt") if order["refunds"] else []

    def _variations(self, product: Row) -> list[Row]:
        """The variations of a product with their prices; the product has their numbers."""
        fields = "sku,regular_price,sale_price,date_on_sale_from_gmt,date_on_sale_to_gmt"
        return self._beside(f"products/{product['id']}/variations", fields) if product["variations"] else []

    def _beside(self, path: str, fields: str) -> list[Row]:
        """All rows of another place."""
        found: list[Row] = []
        for page in count(1):
            asked = {
                "per_page": str(ROWS_BESIDE),
                "page": str(page),
                "orderby": "id",
                "order": "asc",
                "_fields": fields,
            }
            rows = self._ask(path, params=asked)
            found += rows
            if len(rows) < ROWS_BESIDE:
                break
        return found

    def _all_nested(self, row: Row, column: str) -> list[Row]:
        """The list of a row, such as an order's lines: those that its page has, and the others."""
        found, info = list(row[column]["nodes"]), row[column]["pageInfo"]
        field, query = SHOPIFY_MORE[column]
        while info["hasNextPage"]:
            variables = {"id": row["id"], "after": info["endCursor"]}
            more = _found(self._ask(json={"query": query, "variables": variables}), f"data.{field}.{column}")
            if not more:
                raise _RefusedError(ROW_HAS_GONE.format(name=self.name))
            found += more["nodes"]
            info = more["pageInfo"]
        return found

    def _all_shipments(self, row: Row) -> Row:
        """The shipments of an order that has as many as come with its page, and so may have more; nothing of any other row."""
        if len(row.get("fulfillments") or []) < FEW_SHIPMENTS:
            return {}
        order = _found(self._ask(json={"query": SHOPIFY_SHIPMENTS, "variables": {"id": row["id"]}}), "data.order")
        if not order:
            raise _RefusedError(ROW_HAS_GONE.format(name=self.name))
        return {"fulfillments": order["fulfillments"]}

    def _check_status(self, response: Response, *_: Any, **__: Any) -> None:
        """Refuse what is no answer."""
        self.requests += 1
        status = response.status_code
        if status in BUSY:
            raise _BusyApiError(self._words_of(response), response=response)
        if status != 200:
            raise _RefusedError(self._words_of(response))

    def _check(self, response: Response, *_: Any, **__: Any) -> None:
        """Refuse what is no answer, and leave the numbers of one as they are written."""
        self._check_status(response)
        try:
            answer = _parsed(response.content)
        except ValueError as error:
            if _is_cut(response.content, error):
                raise _CutAnswerError(f"cuts its answer short again and again; {GOES_ON}", response=response) from None
            kind = response.headers.get("Content-Type", "no type").partition(";")[0]
            raise _RefusedError(f"answers with {kind} in place of JSON; check shop and base_url") from None
        response.json = lambda **_: answer  # type: ignore[method-assign]
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if errors:
            codes = {str((error.get("extensions") or {}).get("code")) for error in errors if isinstance(error, dict)}
            if "MAX_COST_EXCEEDED" in codes:
                raise TooDearError
            if "THROTTLED" in codes:
                raise _BusyApiError(f"is at its limit; {GOES_ON}", response=response)
            raise _RefusedError(self._words_of_errors(errors, codes))

    def _words_of(self, response: Response) -> str:
        status = response.status_code
        match status:
            case 401 | 403:
                return f"refuses the token ({status}); set one that may read: {self.resource.scope}"
            case 404:
                return "there is nothing (404); check shop, form and base_url"
            case 429:
                asked = response.headers.get("Retry-After")
                wait = f", and asks to wait {asked} seconds" if asked and asked.isdigit() else ""
                return f"is at its limit (429){wait}; {GOES_ON}"
            case _ if 300 <= status < 400:
                return (
                    f"has moved ({status}), and tokens are not sent after it; set shop or base_url to the new address"
                )
            case _ if status in BUSY:
                return f"fails on its own side ({status}); {GOES_ON}"
        return f"refuses the request ({status}); check shop, form and base_url"

    def _words_of_errors(self, errors: Any, codes: set[str]) -> str:
        messages = [str(error.get("message", "")) for error in errors if isinstance(error, dict)]
        words = " ".join(" ".join(messages or [str(errors)]).split())[:MOST_WORDS]
        if "ACCESS_DENIED" in codes:
            return f"refuses the token ({words}); it needs {self.resource.scope}"
        return f"refuses the query: {words}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what goes wrong in one line, without the token, and without the chain of errors that could show it."""
        try:
            yield
        except TooDearError:
            words = "refuses a page of one row as too dear"
        except (_RefusedError, _BusyApiError) as error:
            words = str(error)
        except (RequestException, OSError) as error:
            words = f"cannot be reached ({type(error).__name__}); check shop and base_url, {GOES_ON}"
        except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
            words = f"answers in another form than its documents say ({type(error).__name__}); has the API changed?"
        else:
            return
        token = self.place.token.get_secret_value()
        for secret in (token, token.partition(":")[2]):
            words = words.replace(secret, "***") if secret else words
        raise SourceShapeError(f"{label(self.place, self.name)}: {words}") from None


class _RefusedError(Exception):
    """What the API gave cannot be used; the text says what and the way out."""


class _BusyApiError(HTTPError):
    """The API could not answer now: what dlt's client tries again, by the status and the headers of its answer."""


class _CutAnswerError(_BusyApiError):
    """An answer ended before its JSON did."""


class LentAuth:
    """Signs requests by a token that is lent for a while, and by another one when it ends."""

    def __init__(self, sign_in: Callable[[], tuple[AuthConfigBase, float]]) -> None:
        self.sign_in = sign_in
        self.auth: AuthConfigBase | None = None
        self.until = 0.0

    def __call__(self, request: Any) -> Any:
        """As dlt's own do."""
        if self.auth is None or time.monotonic() >= self.until:
            self.auth, seconds = self.sign_in()
            self.until = time.monotonic() + seconds - min(MOST_EARLY_SECONDS, seconds / 5)
        return self.auth(request)


class Unsigned:
    """Leaves a request as it is."""

    def __call__(self, request: Any) -> Any:
        """As dlt's own do."""
        return request


class SincePaginator(BasePaginator):
    """Pages that each begin at the time of the last row before: rows that come or go meanwhile move no other off a page.

    A page whose last row can have changed while it was made is asked for once more: by then that row is at its new place.
    """

    def __init__(self, resource: Resource, now: datetime) -> None:
        super().__init__()
        self.resource = resource
        self.now = now
        self.last: str | None = None
        self.at_last: set[str] = set()
        """The rows of that time."""
        self.number = 1
        self.before: list[str] = []
        """The rows of the page before."""
        self.is_again = False

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """As the base class does."""
        del response
        rows, told = data or [], self.resource
        if self.number == 1 and self.last and not self.at_last & {row[told.id] for row in rows}:
            raise _RefusedError(f"does not go on at {self.last}, where the page before ended; {GOES_ON}")
        last = rows[-1][told.cursor] if rows else None
        ids = [row[told.id] for row in rows]
        # Of a page behind the last one Magento gives the last one again.
        is_last_again = self.number > 1 and ids == self.before
        self._has_next_page = len(rows) >= told.page_rows and not is_last_again
        self.is_again = self._has_next_page and not self.is_again and not is_settled(str(last), self.now)
        if self.is_again:
            return
        self.before = ids
        if self._has_next_page and last == self.last and not told.has_numbers:
            raise _RefusedError(f"gives {len(rows)} rows of one moment, {last}, and no way past them")
        self.number = self.number + 1 if last == self.last else 1
        self.last = last
        self.at_last = {row[told.id] for row in rows if row[told.cursor] == last}

    def update_request(self, request: Request) -> None:
        """As the base class does."""
        if self._has_next_page and self.last:
            asked = {self.resource.since: _asked(self.last, self.resource)}
            number = {self.resource.number_in: str(self.number)} if self.resource.has_numbers else {}
            request.params = {**request.params, **asked, **number}  # type: ignore[dict-item]


class LinkPaginator(BasePaginator):
    """Pages that each name the address of the next: only its parameters are taken, so a token goes nowhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.parameters: dict[str, str] = {}

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """As the base class does."""
        del data
        self.parameters = dict(parse_qsl(urlsplit(_found(response.json(), "links.next") or "").query))
        self._has_next_page = bool(self.parameters)

    def update_request(self, request: Request) -> None:
        """As the base class does."""
        request.params = {**request.params, **self.parameters}  # type: ignore[dict-item]


def _with_included(answer: Any) -> list[Row]:
    """The rows of an answer in the form of JSON:API, each with the attributes of what it names."""
    included = {(one["type"], one["id"]): one["attributes"] for one in answer.get("included") or []}
    found = []
    for row in answer["data"]:
        told = {name: one.get("data") for name, one in (row.get("relationships") or {}).items()}
        # What a row names several of, such as attributions, is in no column.
        named = {name: one or {} for name, one in told.items() if not isinstance(one, list)}
        more = {name: included.get((one.get("type"), one.get("id"))) for name, one in named.items()}
        found.append(row | more)
    return found


def _unpacked(content: bytes) -> list[Row]:
    """The rows of the CSV file in a zip; empty cells are null."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (file,) = archive.infolist()
        if file.file_size > MAX_UNPACKED_MB * 1_000_000:
            raise _RefusedError(f"its export has more than {MAX_UNPACKED_MB:,} MB; read the survey by its files")
        with archive.open(file) as packed:
            rows = csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8-sig", newline=""))
            if names := [name for name, n in Counter(rows.fieldnames or []).items() if n > 1]:
                raise _RefusedError(f"its export has two columns '{names[0]}'; rename one in the survey")
            return [{name: value or None for name, value in row.items()} for row in rows]


def _lines_of(file: Response) -> Iterator[bytes]:
    """The lines of a file that is on its way, with their ends."""
    held = b""
    for chunk in file.iter_content(BYTES_OF_A_FILE):
        *lines, held = (held + chunk).split(b"\n")
        yield from (line + b"\n" for line in lines)
    if held:
        yield held


def _parsed(content: bytes) -> Any:
    """What a text of JSON says, its numbers as they are written."""
    return json.loads(without_half_characters(content.decode("utf-8")), parse_int=str, parse_float=str)


def _pair(token: str) -> HttpBasicAuth:
    key, _, secret = token.partition(":")
    return HttpBasicAuth(username=key, password=secret)


def _asked(moment: str, resource: Resource) -> str:
    """What is asked for to get the rows from a moment on."""
    if resource.since_value == "{moment}":
        return moment
    told = datetime.fromisoformat(moment)
    told = (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    return resource.since_value.format(moment=told - timedelta(seconds=1 if resource.since_excludes else 0))


def _is_to_be_repeated(response: Response | None, error: BaseException | None) -> bool:
    """Whether an answer with status 200 is none: it is cut short, or says in GraphQL that the limit is reached."""
    is_throttled = response is not None and response.status_code == 200 and b'"THROTTLED"' in response.content
    return is_throttled or isinstance(error, _CutAnswerError)


def _is_cut(content: bytes, error: ValueError) -> bool:
    """Whether a text that is not JSON, by this error, begins like it and ends too early, as without a length nothing else tells."""
    if not content.strip().startswith((b"{", b"[")):
        return not content.strip()
    if isinstance(error, json.JSONDecodeError):
        return error.msg.startswith("Unterminated") or len(error.doc) - error.pos <= LONGEST_WORD
    return isinstance(error, UnicodeDecodeError) and error.reason == "unexpected end of data"


def _wait_for_points(response: Response) -> None:
    """Wait until another request of the same cost is within the limit, where an answer tells what it cost."""
    cost = _found(response.json(), "extensions.cost") or {}
    status = cost.get("throttleStatus") or {}
    if status:
        missing = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        if missing > 0:
            time.sleep(min(missing / float(status["restoreRate"]), LONGEST_WAIT_SECONDS))


def _found(answer: Any, path: str) -> Any:
    if path == "$":
        return answer
    for name in path.split("."):
        if not isinstance(answer, dict):
            return None
        answer = answer.get(name)
    return answer
