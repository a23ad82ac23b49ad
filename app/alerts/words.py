"""What an alert says, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from app.typography import FIXED, NARROW, known

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "one": f"{{brand}}{FIXED}: nouvelle mention ({{label}})",
        "many": f"{{brand}}{FIXED}: {{n}} nouvelles mentions",
        "count": f"{{subject}}{FIXED}: {{n}} publications le {{day}} de {{start}} à {{end}}",
        "why_count": "Le seuil de {threshold} est dépassé sur cette plage. "
        "Règle «\u00a0{rule}\u00a0».",
        "why_one": "Règle «\u00a0{rule}\u00a0».",
        "why_joined": "D’autres mentions de la même marque rejoindront cette alerte "
        "pendant {cooldown}. Règle «\u00a0{rule}\u00a0».",
        "all_brands": "Toutes les marques",
        "fact_count": "Publications",
        "fact_threshold": "Seuil",
        "fact_window": "Plage",
        "fact_brands": "Marques",
        "fact_labels": "Tonalité",
        "open_alert": "Ouvrir l’alerte",
        "open_mentions": "Voir les mentions",
        "positive": "positive",
        "neutral": "neutre",
        "negative": "négative",
        "none": "non évaluée",
        "n_positive": "{n} positives",
        "n_neutral": "{n} neutres",
        "n_negative": "{n} négatives",
        "n_none": "{n} non évaluées",
        "minutes": f"{{n}}{NARROW}min",
        "hours": f"{{n}}{NARROW}h",
    },
    "en": {
        "one": "{brand}: new mention ({label})",
        "many": "{brand}: {n} new mentions",
        "count": "{subject}: {n} posts on {day}, {start}–{end}",
        "why_count": "That is over the threshold of {threshold}. Rule “{rule}”.",
        "why_one": "Rule “{rule}”.",
        "why_joined": "More mentions of the same brand join this alert for {cooldown}. "
        "Rule “{rule}”.",
        "all_brands": "All brands",
        "fact_count": "Posts",
        "fact_threshold": "Threshold",
        "fact_window": "Window",
        "fact_brands": "Brands",
        "fact_labels": "Sentiment",
        "open_alert": "Open the alert",
        "open_mentions": "See the mentions",
        "positive": "positive",
        "neutral": "neutral",
        "negative": "negative",
        "none": "not judged",
        "n_positive": "{n} positive",
        "n_neutral": "{n} neutral",
        "n_negative": "{n} negative",
        "n_none": "{n} not judged",
        "minutes": "{n} min",
        "hours": "{n} h",
    },
}


def word(key: str, lang: str, **values: object) -> str:
    """The wording of `key`. A key that is missing is a bug and raises KeyError."""
    text = _WORDS[known(lang)][key]
    return text.format(**values) if values else text


def duration(seconds: int, lang: str) -> str:
    """ "2 h" or "30 min"."""
    if seconds % 3_600 == 0:
        return word("hours", lang, n=seconds // 3_600)
    return word("minutes", lang, n=max(1, round(seconds / 60)))
