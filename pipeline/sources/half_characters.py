"""Half characters in JSON: what a text that was cut within an emoji ends in. No encoding can write one, so nobody can keep it."""

import re

STARTS = ("\\ud", "\\uD")
"""How the escape of a half character begins; whole ones that are written as two begin so, too."""
ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""An escape of JSON: two halves that are one character, a half alone, or another."""


def without_half_characters(json_text: str) -> str:
    """A text of JSON with U+FFFD for each half character, as decoders write what cannot be read."""
    if not any(start in json_text for start in STARTS):
        return json_text
    return ESCAPE.sub(lambda found: "\\ufffd" if found[1] else found[0], json_text)
