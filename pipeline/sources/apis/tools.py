"""The tools whose API is read: where each answers, what is asked of it, and in which pages. Sending requests does not belong here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.sources.apis.queries import (
    SHOPIFY_COUNTS,
    SHOPIFY_CUSTOMERS,
    SHOPIFY_IN_BULK,
    SHOPIFY_ORDERS,
    SHOPIFY_PRODUCTS,
)


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
    pages: Literal["numbers", "since", "graphql", "links", "tokens", "export", "days"]
    """How one page follows another: by number, by the time of the last row, by a cursor in GraphQL, by a link as in JSON:API,
    or by a token; or all rows are an export that is made on demand, or are listed day by day and asked for one by one."""
    page_rows: int
    preset: str
    """The preset that maps it."""
    scope: str
    """What the token must be allowed to read, as the tool calls it."""
    scopes: tuple[str, ...] = ()
    """The same one by one, where the API tells which of them a token has."""
    cursor: str | None = None
    """JSON path of the time by which rows come, oldest first; without one everything is read every night. Of days it is the day."""
    since: str = ""
    """The parameter for that time, or in GraphQL the name that a search has for it."""
    since_value: str = "{moment}"
    """How that parameter has the time, in UTC; `{moment}` alone is the time as a row has it."""
    since_excludes: bool = False
    """Whether rows of exactly that time are left out; times are then in seconds."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    """In GraphQL what is asked."""
    bulk_query: str = ""
    """What is asked for when the tool makes one file of all rows, with the lines of each behind it."""
    nested: str = ""
    """In GraphQL the column with a list that a page has the first ones of, and that file behind its row: an order's lines."""
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
    days: int = 0
    """How many days back a list of a day can be asked for."""
    zone: str = "UTC"
    """In which time zone its days are."""


@dataclass(frozen=True)
class SignIn:
    """How a key and its secret are changed for a token that lasts a while."""

    path: str
    body: Mapping[str, str]
    """What is sent; keys and token of the input in braces."""
    address: str = ""
    """Where, if not where the tool answers."""
    is_form: bool = False
    """Whether it is sent as a form, with key and secret in the header, in place of JSON."""


@dataclass(frozen=True)
class Tool:
    """A tool with an API."""

    system: str
    address: str
    """Where it answers, with the keys of the input in braces."""
    keys: Mapping[str, Key]
    """Those of an input that it needs, by name."""
    token_in: Literal["bearer", "header", "query", "basic", "user"]
    """Where the token goes; `basic`: as user and password, which it has with a colon between them; `user`: as user alone."""
    resources: Mapping[str, Resource]
    requests_per_minute: int
    """What its limit lets through, as far as its documents say."""
    token_name: str = ""
    """Of the header or parameter."""
    token_prefix: str = ""
    """What stands before it in the header."""
    sign_in: SignIn | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What goes with every request; keys of the input in braces."""

    @property
    def is_token_pair(self) -> bool:
        """Whether the token is a key and a secret with a colon between them."""
        return self.token_in == "basic" or (self.sign_in is not None and self.sign_in.is_form)


DOMAIN = r"[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]+"
BOL_READ = "the client id and secret of a connection, bol.com, Settings, API; they have no scopes"
MAGENTO_READ = (
    "Sales, Operations, Orders and Credit Memos (older versions: all of Sales), by the bearer token of an integration"
)
MAGENTO_SINCE = "searchCriteria[filter_groups][0][filters][0][value]"
MAGENTO_BY_CHANGE = {
    "searchCriteria[filter_groups][0][filters][0][field]": "updated_at",
    "searchCriteria[filter_groups][0][filters][0][condition_type]": "gteq",
    MAGENTO_SINCE: "1970-01-01 00:00:00",
    "searchCriteria[sortOrders][0][field]": "updated_at",
    "searchCriteria[sortOrders][0][direction]": "ASC",
}
MAGENTO_CREDIT_MEMOS = {
    "searchCriteria[filter_groups][0][filters][0][field]": "order_id",
    "searchCriteria[filter_groups][0][filters][0][condition_type]": "in",
    "searchCriteria[sortOrders][0][field]": "entity_id",
    "searchCriteria[sortOrders][0][direction]": "ASC",
    "searchCriteria[pageSize]": "100",
    "fields": "total_count,items[order_id,created_at,state]",
}
WOO_READ = "Read, as a key of WooCommerce, Settings, Advanced, REST API"

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
                bulk_query=SHOPIFY_IN_BULK["orders"],
                nested="lineItems",
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
                bulk_query=SHOPIFY_IN_BULK["customers"],
                count_query=SHOPIFY_COUNTS["customers"],
                total="data.customersCount.count",
            ),
            "products": Resource(
                path="graphql.json",
                rows="data.products.nodes",
                id="id",
                columns=(
                    *("id", "handle", "title", "productType", "updatedAt", "category", "priceRangeV2", "variants"),
                ),
                pages="graphql",
                page_rows=50,
                preset="shopify_products",
                scope="read_products",
                scopes=("read_products",),
                cursor="updatedAt",
                since="updated_at",
                query=SHOPIFY_PRODUCTS,
                bulk_query=SHOPIFY_IN_BULK["products"],
                nested="variants",
                count_query=SHOPIFY_COUNTS["products"],
                total="data.productsCount.count",
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
                scope=WOO_READ,
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
            ),
            "customers": Resource(
                path="customers",
                rows="$",
                id="id",
                columns=(
                    "id",
                    "email",
                    "role",
                    "is_paying_customer",
                    "date_created_gmt",
                    "date_modified_gmt",
                    "billing",
                ),
                pages="numbers",
                page_rows=100,
                preset="woocommerce_api",
                scope=WOO_READ,
                size_in="per_page",
                parameters={
                    "role": "all",
                    "orderby": "id",
                    "order": "asc",
                    "_fields": "id,email,role,is_paying_customer,date_created_gmt,date_modified_gmt,billing.country,billing.phone",
                },
                total="X-WP-Total",
            ),
            "products": Resource(
                path="products",
                rows="$",
                id="id",
                columns=(
                    *(
                        "id",
                        "name",
                        "sku",
                        "regular_price",
                        "sale_price",
                        "date_on_sale_from_gmt",
                        "date_on_sale_to_gmt",
                    ),
                    *("date_modified_gmt", "categories", "variations", "currency"),
                ),
                pages="numbers",
                page_rows=100,
                preset="woocommerce_api",
                scope=WOO_READ,
                size_in="per_page",
                parameters={
                    "orderby": "id",
                    "order": "asc",
                    "_fields": "id,name,sku,regular_price,sale_price,date_on_sale_from_gmt,date_on_sale_to_gmt,"
                    "date_modified_gmt,categories,variations",
                },
                total="X-WP-Total",
            ),
            "reviews": Resource(
                path="products/reviews",
                rows="$",
                id="id",
                columns=("id", "date_created_gmt", "product_id", "reviewer_email", "review", "rating", "verified"),
                pages="numbers",
                page_rows=100,
                preset="woocommerce_api",
                scope=WOO_READ,
                size_in="per_page",
                parameters={
                    "status": "all",
                    "orderby": "id",
                    "order": "asc",
                    "_fields": "id,date_created_gmt,product_id,reviewer_email,review,rating,verified",
                },
                total="X-WP-Total",
            ),
        },
    ),
    "bol": Tool(
        system="bol.com",
        address="https://api.bol.com/retailer",
        keys={},
        token_in="bearer",
        sign_in=SignIn(
            path="token",
            body={"grant_type": "client_credentials"},
            address="https://login.bol.com",
            is_form=True,
        ),
        headers={"Accept": "application/vnd.retailer.v10+json"},
        # Lists of a day; single orders may come 25 a second.
        requests_per_minute=25,
        resources={
            "orders": Resource(
                path="orders",
                rows="orders",
                id="orderId",
                columns=("orderId", "orderPlacedDateTime", "orderItems", "listedOn"),
                pages="days",
                page_rows=50,
                preset="bol",
                scope=BOL_READ,
                cursor="listedOn",
                since="latest-change-date",
                parameters={"status": "ALL", "fulfilment-method": "ALL"},
                days=89,
                zone="Europe/Amsterdam",
            )
        },
    ),
    "judgeme": Tool(
        system="Judge.me",
        address="https://api.judge.me/api/v1",
        keys={"shop": Key(DOMAIN, "my-shop.myshopify.com")},
        token_in="header",
        token_name="X-Api-Token",
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
    "trustpilot": Tool(
        system="Trustpilot",
        address="https://api.trustpilot.com/v1",
        keys={"shop": Key(r"[0-9a-f]{24}", "507f191e810c19729de860ea")},
        token_in="bearer",
        sign_in=SignIn(
            path="oauth/oauth-business-users-for-applications/accesstoken",
            body={"grant_type": "client_credentials"},
            is_form=True,
        ),
        requests_per_minute=60,
        resources={
            "reviews": Resource(
                path="private/business-units/{shop}/reviews",
                rows="reviews",
                id="id",
                columns=(
                    *("id", "createdAt", "updatedAt", "stars", "title", "text", "referralEmail", "referenceId"),
                    *("isVerified", "companyReply"),
                ),
                pages="numbers",
                page_rows=100,
                preset="trustpilot",
                scope="an API key and its secret of Trustpilot Business, Integrations, API; they have no scopes",
                size_in="perPage",
                parameters={"orderBy": "createdat.asc"},
            )
        },
    ),
    "yotpo": Tool(
        system="Yotpo",
        address="https://api.yotpo.com",
        keys={"shop": Key(r"\w+", "a3lmMnC3u4SNmz0ZcHf3lODeIYM9LEQwtTWXRdDP")},
        token_in="query",
        token_name="utoken",
        sign_in=SignIn(
            path="oauth/token",
            body={"client_id": "{shop}", "client_secret": "{token}", "grant_type": "client_credentials"},
        ),
        requests_per_minute=5000,
        resources={
            "reviews": Resource(
                path="v1/apps/{shop}/reviews",
                rows="reviews",
                id="id",
                columns=(
                    *("id", "title", "content", "score", "created_at", "updated_at", "sku", "name", "email"),
                    *("reviewer_type", "deleted"),
                ),
                pages="numbers",
                page_rows=100,
                preset="yotpo",
                scope="the API secret beside the app key; it has no scopes",
                size_in="count",
            )
        },
    ),
    "delighted": Tool(
        system="Delighted",
        address="https://api.delighted.com/v1",
        keys={},
        token_in="user",
        requests_per_minute=60,
        resources={
            "responses": Resource(
                path="survey_responses.json",
                rows="$",
                id="id",
                columns=("id", "score", "comment", "created_at", "updated_at", "person", "person_properties"),
                pages="numbers",
                page_rows=100,
                preset="delighted",
                scope="the API key of one project; it has no scopes",
                size_in="per_page",
                parameters={"expand[]": "person"},
            )
        },
    ),
    "klaviyo": Tool(
        system="Klaviyo",
        address="https://a.klaviyo.com/api",
        keys={},
        token_in="header",
        token_name="Authorization",
        token_prefix="Klaviyo-API-Key ",
        headers={"revision": "2026-10-15"},
        requests_per_minute=3500,
        resources={
            "events": Resource(
                path="events",
                rows="data",
                id="id",
                columns=("type", "id", "attributes", "relationships", "metric", "profile"),
                pages="links",
                page_rows=1000,
                preset="klaviyo",
                scope="events:read",
                cursor="attributes.datetime",
                since="filter",
                since_value="greater-or-equal(datetime,{moment:%Y-%m-%dT%H:%M:%SZ})",
                size_in="page[size]",
                parameters={
                    "sort": "datetime",
                    "include": "metric,profile",
                    "fields[event]": "datetime,event_properties",
                    "fields[metric]": "name",
                    "fields[profile]": "email,external_id",
                },
            )
        },
    ),
    "magento": Tool(
        system="Magento 2, Adobe Commerce",
        address="https://{shop}/rest/V1",
        keys={"shop": Key(DOMAIN, "shop.example.com")},
        token_in="bearer",
        # It has no limit of its own; a shared server answers about one a second.
        requests_per_minute=60,
        resources={
            "orders": Resource(
                path="orders",
                rows="items",
                id="entity_id",
                columns=(
                    *("entity_id", "increment_id", "created_at", "updated_at", "status", "customer_email"),
                    *("base_currency_code", "base_grand_total", "base_discount_amount", "base_total_refunded"),
                    "credit_memos",
                ),
                pages="since",
                page_rows=100,
                preset="magento",
                scope=MAGENTO_READ,
                cursor="updated_at",
                since=MAGENTO_SINCE,
                since_value="{moment:%Y-%m-%d %H:%M:%S}",
                has_numbers=True,
                number_in="searchCriteria[currentPage]",
                size_in="searchCriteria[pageSize]",
                parameters={
                    **MAGENTO_BY_CHANGE,
                    "fields": "total_count,items[entity_id,increment_id,created_at,updated_at,status,customer_email,"
                    "base_currency_code,base_grand_total,base_discount_amount,base_total_refunded]",
                },
                total="total_count",
            ),
            "lines": Resource(
                path="orders",
                rows="items",
                id="entity_id",
                columns=("entity_id", "increment_id", "created_at", "updated_at", "base_currency_code", "items"),
                pages="since",
                page_rows=100,
                preset="magento_lines",
                scope=MAGENTO_READ,
                cursor="updated_at",
                since=MAGENTO_SINCE,
                since_value="{moment:%Y-%m-%d %H:%M:%S}",
                has_numbers=True,
                number_in="searchCriteria[currentPage]",
                size_in="searchCriteria[pageSize]",
                parameters={
                    **MAGENTO_BY_CHANGE,
                    "fields": "total_count,items[entity_id,increment_id,created_at,updated_at,base_currency_code,"
                    "items[parent_item_id,sku,qty_ordered,base_row_total,base_discount_amount]]",
                },
                total="total_count",
            ),
        },
    ),
    "google_forms": Tool(
        system="Google Forms",
        address="https://forms.googleapis.com/v1",
        keys={"form": Key(r"[\w-]+", "1FAIpQLSd0example")},
        token_in="bearer",
        # Dear reads, a user's, by its usage limits.
        requests_per_minute=180,
        resources={
            "responses": Resource(
                path="forms/{form}/responses",
                rows="responses",
                id="responseId",
                columns=("responseId", "createTime", "lastSubmittedTime", "respondentEmail", "answers"),
                pages="tokens",
                page_rows=5000,
                preset="google_forms",
                scope="forms.responses.readonly and forms.body.readonly",
                size_in="pageSize",
            )
        },
    ),
    "surveymonkey": Tool(
        system="SurveyMonkey",
        address="https://api.surveymonkey.com/v3",
        keys={"form": Key(r"\d+", "123456789")},
        token_in="bearer",
        # And 500 a day.
        requests_per_minute=120,
        resources={
            "responses": Resource(
                path="surveys/{form}/responses/bulk",
                rows="data",
                id="id",
                columns=(
                    *("id", "date_created", "date_modified", "response_status", "custom_value", "custom_variables"),
                    *("email_address", "metadata", "pages"),
                ),
                pages="since",
                page_rows=100,
                preset="surveymonkey",
                scope="View Responses with detail and View Surveys (responses_read_detail, surveys_read)",
                cursor="date_modified",
                since="start_modified_at",
                since_value="{moment:%Y-%m-%dT%H:%M:%S}",
                since_excludes=True,
                has_numbers=True,
                size_in="per_page",
                parameters={"sort_by": "date_modified", "sort_order": "ASC"},
                total="total",
            )
        },
    ),
    "qualtrics": Tool(
        system="Qualtrics",
        address="https://{shop}.qualtrics.com/API/v3",
        keys={"shop": Key(r"[A-Za-z0-9-]+(\.[a-z0-9]+)?", "fra1"), "form": Key(r"SV_\w+", "SV_1234567890abcde")},
        token_in="header",
        token_name="X-API-TOKEN",
        requests_per_minute=60,
        resources={
            "responses": Resource(
                path="surveys/{form}/export-responses",
                rows="$",
                id="ResponseId",
                columns=("ResponseId", "EndDate"),
                pages="export",
                page_rows=1_000_000,
                preset="qualtrics",
                scope="the API token of a user who may export the survey's responses; it has no scopes of its own",
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
