"""What is asked of APIs that take a query: the fields that a mapping uses, and no personal data beside them."""

MONEY = "{ shopMoney { amount currencyCode } }"

LINE = f"name sku quantity originalUnitPriceSet {MONEY} totalDiscountSet {MONEY}"
ORDER = f"""id name email phone createdAt updatedAt cancelledAt test sourceName
      displayFinancialStatus displayFulfillmentStatus paymentGatewayNames
      billingAddress {{ countryCodeV2 phone }}
      shippingAddress {{ countryCodeV2 phone }}
      totalPriceSet {MONEY}
      subtotalPriceSet {MONEY}
      totalDiscountsSet {MONEY}
      totalRefundedSet {MONEY}
      totalOutstandingSet {MONEY}
      refunds {{ createdAt totalRefundedSet {MONEY} }}"""
SHIPMENT = "{ status inTransitAt estimatedDeliveryAt deliveredAt }"
FEW_SHIPMENTS = 5
"""So many of an order come with its page, as each that may come counts towards the cost of it."""
MOST_SHIPMENTS = 250
CUSTOMER = """id createdAt updatedAt numberOfOrders
      amountSpent { amount currencyCode }
      defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }
      defaultPhoneNumber { phoneNumber }
      defaultAddress { countryCodeV2 }"""
PRODUCT = (
    "id handle title productType updatedAt category { fullName } priceRangeV2 { minVariantPrice { currencyCode } }"
)
VARIANT = "title sku price compareAtPrice"

SHOPIFY_ORDERS = f"""query ($first: Int!, $after: String, $search: String) {{
  orders(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      {ORDER}
      fulfillments(first: {FEW_SHIPMENTS}) {SHIPMENT}
      lineItems(first: 20) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{ {LINE} }}
      }}
    }}
  }}
}}"""
"""A page of orders, those changed longest ago first."""

SHOPIFY_LINES = f"""query ($id: ID!, $after: String) {{
  order(id: $id) {{
    lineItems(first: 100, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {LINE} }}
    }}
  }}
}}"""
"""Further lines of one order."""

SHOPIFY_SHIPMENTS = f"""query ($id: ID!) {{
  order(id: $id) {{ fulfillments(first: {MOST_SHIPMENTS}) {SHIPMENT} }}
}}"""
"""All shipments of one order."""

SHOPIFY_CUSTOMERS = f"""query ($first: Int!, $after: String, $search: String) {{
  customers(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      {CUSTOMER}
    }}
  }}
}}"""

SHOPIFY_PRODUCTS = f"""query ($first: Int!, $after: String, $search: String) {{
  products(first: $first, after: $after, query: $search, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      {PRODUCT}
      variants(first: 20) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{ {VARIANT} }}
      }}
    }}
  }}
}}"""

SHOPIFY_VARIANTS = f"""query ($id: ID!, $after: String) {{
  product(id: $id) {{
    variants(first: 100, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {VARIANT} }}
    }}
  }}
}}"""
"""Further variants of one product."""

SHOPIFY_MORE = {"lineItems": ("order", SHOPIFY_LINES), "variants": ("product", SHOPIFY_VARIANTS)}
"""Column with a list of which a page has the first ones -> the field that its row is asked for by, and what asks for the others."""

SHOPIFY_IN_BULK = {
    "orders": f"{{ orders {{ edges {{ node {{ {ORDER} fulfillments(first: {MOST_SHIPMENTS}) {SHIPMENT} "
    f"lineItems {{ edges {{ node {{ id {LINE} }} }} }} }} }} }} }}",
    "customers": f"{{ customers {{ edges {{ node {{ {CUSTOMER} }} }} }} }}",
    "products": f"{{ products {{ edges {{ node {{ {PRODUCT} variants {{ edges {{ node {{ id {VARIANT} }} }} }} }} }} }} }}",
}
"""All of them, as a bulk operation takes the question."""

SHOPIFY_START_BULK = """mutation ($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) { bulkOperation { id } userErrors { message } }
}"""

SHOPIFY_BULK = "query ($id: ID!) { bulkOperation(id: $id) { status url rootObjectCount fileSize } }"
"""How far it is; when it is made, how many rows and bytes its file has."""

SHOPIFY_COUNTS = {
    "orders": "query ($search: String) { ordersCount(query: $search, limit: null) { count } }",
    "customers": "query ($search: String) { customersCount(query: $search) { count } }",
    "products": "query ($search: String) { productsCount(query: $search, limit: null) { count } }",
}
"""How many there are."""

SHOPIFY_SCOPES = "query { currentAppInstallation { accessScopes { handle } } }"
"""What the token may do."""
