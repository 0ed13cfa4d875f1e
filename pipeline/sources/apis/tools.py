"""The tools whose API is read: where each answers, what is asked of it, and in which pages. Sending requests does not belong here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.sources.apis.queries import SHOPIFY_COUNTS, SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS


class Key(NamedTuple):
    """A key of an input that a tool needs."""

    pattern: str
    example: str


@dataclass(frozen=True)
class Resource:
    """What is read of a tool under one name, a row each."""

    path: str
    rows: str
    """JSON path of the rows in an answer; `$` where it is the rows."""
    id: str
    """The column that tells rows apart: of several versions the one that arrived last counts."""
    columns: tuple[str, ...]
    """Every row has them, null where an answer leaves one out: so no column comes and goes with the rows of a night."""
    pages: Literal["numbers", "since", "graphql"]
    """How one page follows another: by number, by the time of the last row, or by a cursor in GraphQL."""
    page_rows: int
    preset: str
    """The preset that maps it."""
    scope: str
    """What the token must be allowed to read, as the tool calls it."""
    scopes: tuple[str, ...] = ()
    """The same one by one, where the API tells which of them a token has."""
    cursor: str | None = None
    """JSON path of the time by which rows come, oldest first; without one everything is read every night."""
    since: str = ""
    """The parameter for that time, or in GraphQL the name that a search has for it."""
    since_value: str = "{moment}"
    """How that parameter has the time, in UTC; `{moment}` alone is the time as a row has it."""
    since_excludes: bool = False
    """Whether rows of exactly that time are left out; times are then in seconds."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    """In GraphQL what is asked."""
    count_query: str = ""
    """In GraphQL what asks for the number of all rows."""
    total: str = ""
    """JSON path of that number: in the answer to it, or in every page; or the header that tells it."""
    has_numbers: bool = False
    """Whether pages that begin at a time have numbers, too, for more rows of one moment than a page holds."""
    number_in: str = "page"
    """The parameter for the number of a page."""
    size_in: str = ""
    """The parameter for the rows of a page."""


@dataclass(frozen=True)
class Tool:
    """A tool with an API."""

    system: str
    address: str
    """Where it answers, with the keys of the input in braces."""
    keys: Mapping[str, Key]
    """Those of an input that it needs, by name."""
    token_in: Literal["bearer", "header", "query", "basic"]
    """Where the token goes; `basic`: it is a key and a secret with a colon between them."""
    resources: Mapping[str, Resource]
    requests_per_minute: int
    """What its limit lets through, as far as its documents say."""
    token_name: str = ""
    """Of the header or parameter."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What goes with every request; keys of the input in braces."""


DOMAIN = r"[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]+"

TOOLS: dict[str, Tool] = {
    "shopify": Tool(
        system="Shopify",
        address="https://{shop}.myshopify.com/admin/api/2026-10",
        keys={"shop": Key(r"[a-z0-9][a-z0-9-]*(\.myshopify\.com)?", "my-shop")},
        token_in="header",
        token_name="X-Shopify-Access-Token",
        # The smallest plan gives 100 points a second, and a page of 50 orders with two lines each takes about 1,000.
        requests_per_minute=6,
        resources={
            "orders": Resource(
                path="graphql.json",
                rows="data.orders.nodes",
                id="id",
                columns=(
                    *("id", "name", "email", "phone", "createdAt", "updatedAt", "cancelledAt", "test", "sourceName"),
                    *("displayFinancialStatus", "displayFulfillmentStatus", "paymentGatewayNames"),
                    *("billingAddress", "shippingAddress"),
                    *("totalPriceSet", "subtotalPriceSet", "totalDiscountsSet", "totalRefundedSet"),
                    *("totalOutstandingSet", "refunds", "fulfillments", "lineItems"),
                ),
                pages="graphql",
                page_rows=50,
                preset="shopify",
                scope="read_orders, and read_all_orders for those older than 60 days",
                scopes=("read_orders", "read_all_orders"),
                cursor="updatedAt",
                since="updated_at",
                query=SHOPIFY_ORDERS,
                count_query=SHOPIFY_COUNTS["orders"],
                total="data.ordersCount.count",
            ),
            "customers": Resource(
                path="graphql.json",
                rows="data.customers.nodes",
                id="id",
                columns=(
                    *("id", "createdAt", "updatedAt", "numberOfOrders", "amountSpent", "defaultEmailAddress"),
                    *("defaultPhoneNumber", "defaultAddress"),
                ),
                pages="graphql",
                page_rows=100,
                preset="shopify_customers",
                scope="read_customers",
                scopes=("read_customers",),
                cursor="updatedAt",
                since="updated_at",
                query=SHOPIFY_CUSTOMERS,
                count_query=SHOPIFY_COUNTS["customers"],
                total="data.customersCount.count",
            ),
        },
    ),
    "woocommerce": Tool(
        system="WooCommerce",
        address="https://{shop}/wp-json/wc/v3",
        keys={"shop": Key(DOMAIN, "shop.example.com")},
        token_in="basic",
        # It has no limit of its own; a shared server answers about one a second.
        requests_per_minute=60,
        resources={
            "orders": Resource(
                path="orders",
                rows="$",
                id="id",
                columns=(
                    *("id", "number", "status", "currency", "date_created_gmt", "date_modified_gmt", "total"),
                    *("discount_total", "customer_id", "billing", "shipping", "line_items", "refunds"),
                ),
                pages="since",
                page_rows=100,
                preset="woocommerce",
                scope="Read, as a key of WooCommerce, Settings, Advanced, REST API",
                cursor="date_modified_gmt",
                since="modified_after",
                # Without a zone, as the digits are compared with those of the column in UTC.
                since_value="{moment:%Y-%m-%dT%H:%M:%S}",
                since_excludes=True,
                has_numbers=True,
                size_in="per_page",
                parameters={
                    "orderby": "modified",
                    "order": "asc",
                    "dates_are_gmt": "true",
                    "_fields": "id,number,status,currency,date_created_gmt,date_modified_gmt,total,discount_total,"
                    "customer_id,billing.email,billing.phone,shipping.phone,refunds,line_items",
                },
                total="X-WP-Total",
            )
        },
    ),
    "judgeme": Tool(
        system="Judge.me",
        address="https://judge.me/api/v1",
        keys={"shop": Key(DOMAIN, "my-shop.myshopify.com")},
        token_in="query",
        token_name="api_token",
        parameters={"shop_domain": "{shop}"},
        requests_per_minute=60,
        resources={
            "reviews": Resource(
                path="reviews",
                rows="reviews",
                id="id",
                columns=(
                    *("id", "title", "body", "rating", "product_external_id", "product_handle", "reviewer"),
                    *("curated", "verified", "created_at", "updated_at"),
                ),
                pages="numbers",
                page_rows=100,
                preset="judgeme",
                scope="a private token; it has no scopes",
                size_in="per_page",
            )
        },
    ),
    "typeform": Tool(
        system="Typeform",
        address="https://api.typeform.com",
        keys={"form": Key(r"\w+", "u6nXL7")},
        token_in="bearer",
        # Two a second.
        requests_per_minute=120,
        resources={
            "responses": Resource(
                path="forms/{form}/responses",
                rows="items",
                id="token",
                columns=("token", "submitted_at", "landed_at", "hidden", "answers"),
                pages="since",
                page_rows=1000,
                preset="typeform",
                scope="responses:read and forms:read",
                cursor="submitted_at",
                since="since",
                size_in="page_size",
                parameters={"sort": "submitted_at,asc", "response_type": "completed"},
                total="total_items",
            )
        },
    ),
}
"""Name in the configuration -> tool."""
