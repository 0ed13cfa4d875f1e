"""How a wide table stands on a page of the program's own. What is in it does not belong here."""


def scrollable_table(caption: str, head: str, rows: str) -> str:
    """A table as HTML from the HTML of its caption, its header cells and its rows; it scrolls sideways where it is too wide."""
    # What can be scrolled sideways must be reachable by keyboard.
    return f"""<div class="wide" role="region" aria-label="{caption}" tabindex="0">
<table>
<caption>{caption}</caption>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>"""
