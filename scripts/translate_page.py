"""`python -m scripts.translate_page` writes the tables of the two pages "Translate a query" anew,
from the tables that the translation itself reads. The words around them are written by hand."""

from __future__ import annotations

import re
from pathlib import Path

from nlp.query.translate import Dialect, Operator, dialects
from nlp.query.values import Lang

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"
PAGES: dict[Lang, Path] = {
    "en": HOW_TO / "translate-a-query.md",
    "fr": HOW_TO / "translate-a-query.fr.md",
}
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(stored: str, lang: Lang) -> str:
    """The page with its tables as the code has them."""
    known = {str(each.name): each for each in dialects()}
    return _TABLE.sub(lambda m: f"{m[1]}\n{table(known[m[2]], lang)}\n\n{m[3]}", stored)


def table(dialect: Dialect, lang: Lang) -> str:
    head = ("écrit là-bas", "dans Vigie", "ce qui diffère") if lang == "fr" else (
        "written there", "in Vigie", "what differs",
    )  # fmt: skip
    carried = [each for each in dialect.operators if not _gone(each)]
    lines = [f"| {' | '.join(head)} |", "|---|---|---|", *(_row(each, lang) for each in carried)]
    if gone := [f"`{each.written}`" for each in dialect.operators if _gone(each)]:
        said = "Sans équivalent, retirés" if lang == "fr" else "Without an equivalent, dropped"
        lines += ["", f"{said}{' : ' if lang == 'fr' else ': '}{', '.join(gone)}."]
    return "\n".join(lines)


def _gone(operator: Operator) -> bool:
    return operator.rule is not None and operator.rule.reader == "none"


def _row(operator: Operator, lang: Lang) -> str:
    cells = (_code(operator.example), _code(operator.becomes), _text(operator, lang))
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"


def _text(operator: Operator, lang: Lang) -> str:
    return operator.fr if lang == "fr" else operator.en


def main() -> None:
    for lang, path in PAGES.items():
        path.write_text(page(path.read_text("utf-8"), lang), "utf-8")


if __name__ == "__main__":
    main()
