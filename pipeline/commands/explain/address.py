"""Where the UI explains a customer. Making the page does not belong here."""

from urllib.parse import quote

CUSTOMERS = "/customers"


def path_of(customer: str) -> str:
    """The path of a customer's page below the UI's address."""
    return f"{CUSTOMERS}/{quote(customer, safe='')}"
