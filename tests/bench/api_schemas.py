"""`python -m tests.bench.api_schemas`: what is asked of Shopify, held against Shopify's own schema of the version that is asked.

The schema is one of those that Shopify ships in its package `@shopify/dev-mcp`, which npm fetches: so outside CI. Deprecated fields
are named; a query that the schema does not allow ends with an error.
"""

import gzip
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from graphql import GraphQLSchema, build_client_schema, parse, validate
from graphql.validation import NoDeprecatedCustomRule

from pipeline.sources.apis import queries
from pipeline.sources.apis.tools import TOOLS

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
    if errors:
        raise SystemExit("\n".join(errors))
    print(f"{len(texts)} queries are valid in Admin GraphQL {version}")


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
