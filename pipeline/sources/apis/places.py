"""The place of an API as people may see it and as the lake knows it. How it is read does not belong here."""

from urllib.parse import urlsplit

from pipeline.sources.apis.tools import TOOLS
from pipeline.sources.settings import ApiInput


def label(place: ApiInput, resource: str) -> str:
    """The place without its token: another label is another place, read from its beginning."""
    address = urlsplit(base_of(place))
    what = f"{place.api} {address.netloc}{address.path if place.base_url else ''}"
    return " ".join(
        [what, *filter(None, [place.form, place.shop if place.base_url else _shop_elsewhere(place)]), resource]
    )


def base_of(place: ApiInput) -> str:
    """The address that all requests begin with."""
    address = place.base_url or filled(TOOLS[place.api].address, place)
    return address.rstrip("/")


def filled(text: str, place: ApiInput) -> str:
    """A text of a tool with the keys of the input in it."""
    shop = (place.shop or "").removesuffix(".myshopify.com") if place.api == "shopify" else place.shop
    return text.format(shop=shop, form=place.form)


def _shop_elsewhere(place: ApiInput) -> str | None:
    """The shop where the address does not name it."""
    return None if "{shop}" in TOOLS[place.api].address else place.shop
