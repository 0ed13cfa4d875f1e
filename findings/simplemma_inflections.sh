#!/usr/bin/env bash
# simplemma 2.0.0: two inflections of one adjective get two lemmas, so a lexicon of base forms finds one and misses the
# other; and some lemmas are a different word, or one of the opposite tone.
# Portuguese: atrasado -> atrasar (a verb), atrasada -> atrasado (late, masculine and feminine). English: worse -> wrong,
# better -> good. Dutch: maten (sizes) -> mate (degree), not maat.
# Way around: lemmatise the lexicon by the same call as the text, keep a list of exceptions, and take no polarity from a lemma.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check simplemma==2.0.0
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from simplemma import lemmatize

print("simplemma", version("simplemma"))
seen = {
    ("pt", "atrasado"): "atrasar",
    ("pt", "atrasada"): "atrasado",
    ("en", "worse"): "wrong",
    ("en", "better"): "good",
    ("nl", "maten"): "mate",
    ("de", "geliefert"): "liefern",
    ("en", "returned"): "return",
}
for (lang, word), lemma in seen.items():
    found = lemmatize(word, lang=lang)
    print(lang, word, "->", found)
    assert found == lemma, f"{lang} {word} is {found} now, not {lemma}"
PYTHON
