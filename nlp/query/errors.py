"""The one error of the query language: where, what is wrong, what to do, in two languages."""

from __future__ import annotations

from nlp.query.pointing import pointed
from nlp.query.values import Lang

_MESSAGES: dict[str, tuple[str, str]] = {
    "empty": (
        "La requête est vide : écrivez au moins un mot, un #tag ou un @compte.",
        "The query is empty: write at least one word, #tag or @handle.",
    ),
    "unbalanced_parenthesis": (
        "Parenthèse sans sa paire : ajoutez celle qui manque ou retirez celle-ci.",
        "Parenthesis without its pair: add the missing one or remove this one.",
    ),
    "unbalanced_quote": (
        "Guillemet ouvert et jamais fermé : fermez-le ou retirez-le.",
        "Quote opened and never closed: close it or remove it.",
    ),
    "missing_operand": (
        (
            "L'opérateur {what} attend un terme de chaque côté ; pour chercher ce mot même, "
            'écrivez-le entre guillemets : "{what}".'
        ),
        (
            "The operator {what} needs a term to work on; to search for the word itself, "
            'quote it: "{what}".'
        ),
    ),
    "unknown_field": (
        "« {what} » n'est pas un champ connu. Essayez {hint}.",
        "“{what}” is not a known field. Try {hint}.",
    ),
    "field_without_value": (
        "Le champ {what} attend une valeur juste après, sans espace.",
        "The field {what} needs a value right after it, without a space.",
    ),
    "field_in_field": (
        (
            "Le champ {what} ne peut pas être placé dans un autre champ : sortez-le et reliez-les "
            "par ET."
        ),
        "The field {what} cannot stand inside another field: move it out and join them by AND.",
    ),
    "unknown_flag": (
        "{what} n'existe pas. Essayez {hint}.",
        "{what} does not exist. Try {hint}.",
    ),
    "bad_number": (
        "Nombre illisible : {what}. Écrivez par exemple {hint}.",
        "Unreadable number: {what}. Write for example {hint}.",
    ),
    "bad_date": (
        "Date illisible : {what}. Écrivez par exemple {hint}.",
        "Unreadable date: {what}. Write for example {hint}.",
    ),
    "near_distance": (
        "Distance {what} : écrivez un nombre entier de 0 à 20, par exemple {hint}.",
        "Distance {what}: write a whole number from 0 to 20, for example {hint}.",
    ),
    "near_operand": (
        (
            "{what} accepte de chaque côté un mot, une expression, un #tag, un @compte ou un "
            "groupe OU de ceux-ci ; sortez le reste de la proximité."
        ),
        (
            "{what} takes on each side a word, a phrase, a #tag, a @handle or an OR group of "
            "these; move the rest out of the distance."
        ),
    ),
    "too_many_near": (
        "Plus de 5 opérateurs de distance à la suite : reliez une partie des termes par ET.",
        "More than 5 distance operators in a row: join some of the terms by AND.",
    ),
    "short_prefix": (
        "Le préfixe {what} est trop court : au moins {hint} lettres ou chiffres avant l'étoile.",
        "The prefix {what} is too short: at least {hint} letters or digits before the star.",
    ),
    "wildcard_place": (
        (
            "Joker mal placé dans {what} : l'étoile va à la fin d'un mot (snow*), ou seule entre "
            'deux mots d\'une expression ("prix * baisse").'
        ),
        (
            "Misplaced wildcard in {what}: the star goes at the end of a word (snow*), or alone "
            'between two words of a phrase ("price * cut").'
        ),
    ),
    "only_negative": (
        "Cette branche n'a que des exclusions : ajoutez au moins un terme à trouver.",
        "This branch has only exclusions: add at least one term to find.",
    ),
    "too_long": (
        "Requête trop longue ({what} signes) : 10 000 au plus. Coupez-la en plusieurs requêtes.",
        "Query too long ({what} characters): at most 10,000. Split it into several queries.",
    ),
    "too_deep": (
        "Plus de 50 parenthèses imbriquées : simplifiez la requête.",
        "More than 50 nested parentheses: simplify the query.",
    ),
    "too_many_terms": (
        "Plus de 2 000 termes : coupez la requête en plusieurs.",
        "More than 2,000 terms: split the query into several.",
    ),
}


class QueryError(ValueError):
    """A query that cannot be read.

    position: code point of `source` where the fault lies; code: stable machine name;
    suggestion: a text that would do instead, where one is known.
    """

    def __init__(
        self,
        code: str,
        position: int,
        source: str,
        *,
        what: str = "",
        hint: str = "",
        suggestion: str | None = None,
    ) -> None:
        self.code = code
        self.position = position
        self.source = source
        self.suggestion = suggestion
        # One line, whatever was written.
        self._values = {"what": " ".join(what.split()), "hint": " ".join(hint.split())}
        super().__init__(self.message("en"))

    def message(self, lang: Lang) -> str:
        """One line: what is wrong and what to do."""
        french, english = _MESSAGES[self.code]
        return (french if lang == "fr" else english).format(**self._values)

    def caret(self, lang: Lang) -> str:
        """Three lines: the source line, a caret under the spot, the message."""
        return pointed(self.source, self.position, self.message(lang))

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling of exceptions.
        return (_rebuild, (self.code, self.position, self.source, self._values, self.suggestion))


def _rebuild(
    code: str, position: int, source: str, values: dict[str, str], suggestion: str | None
) -> QueryError:
    return QueryError(
        code, position, source, what=values["what"], hint=values["hint"], suggestion=suggestion
    )
