"""The few words that transports add to a message, in French and English."""

from __future__ import annotations

from collections.abc import Mapping

from app.typography import known

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "posted": "publié",
        "seen": "vu",
        "told": "annoncé",
        "open_post": "Voir la publication",
        "unnamed": "auteur inconnu",
        "ref": "réf.",
        "test_title": "Message de test",
        "test_line": "Ce canal fonctionne : les alertes de « {watchlist} » arriveront ici.",
        "notice_title": "Le canal « {channel} » ne reçoit plus rien",
        "notice_needs_attention": "Il refuse les messages : corrigez ses réglages, puis testez-le.",
        "notice_disabled": "Il est désactivé ; ses messages peuvent être renvoyés sept jours.",
        "reason": "Raison",
        "positive": "positive",
        "neutral": "neutre",
        "negative": "négative",
        "none": "non évaluée",
        "more": "et {n} autres",
    },
    "en": {
        "posted": "posted",
        "seen": "seen",
        "told": "told",
        "open_post": "Open the post",
        "unnamed": "unknown author",
        "ref": "ref.",
        "test_title": "Test message",
        "test_line": "This channel works: alerts of “{watchlist}” will arrive here.",
        "notice_title": "Channel “{channel}” receives nothing any more",
        "notice_needs_attention": "It refuses messages: correct its settings, then test it.",
        "notice_disabled": "It is disabled; its messages can be sent again for seven days.",
        "reason": "Reason",
        "positive": "positive",
        "neutral": "neutral",
        "negative": "negative",
        "none": "not judged",
        "more": "and {n} more",
    },
}


def word(key: str, lang: str, **values: object) -> str:
    """The wording of `key`. A key that is missing is a bug and raises KeyError."""
    text = _WORDS[known(lang)][key]
    return text.format(**values) if values else text
