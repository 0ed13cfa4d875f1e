"""`python -m tests.bench.api_schemas`: what is asked of Shopify, and what the server of the tests answers, held against Shopify's own schema of the version that is asked.

The schema is one of those that Shopify ships in its package `@shopify/dev-mcp`, which npm fetches: so outside CI. Deprecated fields
are named; a query or an answer that the schema does not allow ends with an error.
"""

import gzip
import json
import random
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from graphql import GraphQLSchema, build_client_schema, execute, parse, validate
from graphql.validation import NoDeprecatedCustomRule

from pipeline.sources.apis import queries
from pipeline.sources.apis.tools import TOOLS
from tests.api_servers import Shopify
from tests.bench.apis import shopify_shop

ROWS = 50
PACKAGE = "@shopify/dev-mcp@1.16.0"


def main() -> None:
    """Fetch the schema, and validate every query."""
    (version,) = re.findall(r"\d{4}-\d{2}$", TOOLS["shopify"].address)
    schema = _schema(version)
    asked = {name: value for name, value in vars(queries).items() if name.startswith("SHOPIFY_")}
    texts = {
        f"{name} {part}".strip(): text
        for name, value in asked.items()
        for part, text in (value.items() if isinstance(value, dict) else [("", value)])
        if isinstance(text, str)
    }
    errors = []
    for name, text in texts.items():
        document = parse(text)
        errors += [f"{name}: {error.message}" for error in validate(schema, document)]
        deprecated = [error.message for error in validate(schema, document, [NoDeprecatedCustomRule])]
        print(f"{name}: {'; '.join(deprecated) or 'no deprecated field'}")
    answered = {name: resource.query for name, resource in TOOLS["shopify"].resources.items()}
    shop = shopify_shop(random.Random(8))
    errors += [fault for name, text in answered.items() for fault in _faults_of_answer(schema, shop, name, text)]
    if errors:
        raise SystemExit("\n".join(errors))
    print(f"{len(texts)} queries and {len(answered)} answers are valid in Admin GraphQL {version}")


def _faults_of_answer(schema: GraphQLSchema, shop: Shopify, name: str, query: str) -> list[str]:
    """What is wrong with a page of the tests' server: run on it, the query must give it back, with nothing missing and nothing more."""
    variables = {"first": ROWS, "after": None, "search": None}
    answer = shop.answer(
        "/graphql.json", {"query": query, "variables": variables}, {"X-Shopify-Access-Token": shop.token}
    )
    given = answer.body["data"]
    run = execute(schema, parse(query), root_value=given, variable_values=variables)
    faults = [f"answer of {name}: {error.message}" for error in run.errors or []]
    return faults or ([] if run.data == given else [f"answer of {name}: it has other fields than were asked for"])


def _schema(version: str) -> GraphQLSchema:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            file = archive.extractfile(f"package/dist/data/admin_{version}.json.gz")
            assert file is not None
            told = json.loads(gzip.decompress(file.read()))
    return build_client_schema(told.get("data", told))


if __name__ == "__main__":
    main()
