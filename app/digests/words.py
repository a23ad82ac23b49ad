"""What a digest says, in French and English. Typography: app/typography.py."""

from __future__ import annotations

from collections.abc import Mapping

from app.typography import FIXED, known

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "name": "Récap du jour",
        "subject": f"{{watchlist}}{FIXED}: {{n}} le {{day}}{{change}}",
        "subject_quiet": f"{{watchlist}}{FIXED}: journée calme, {{day}}",
        "mentions_0": "aucune mention",
        "mentions_1": "1 mention",
        "mentions_n": "{n} mentions",
        "posts_1": "1 publication",
        "posts_n": "{n} publications",
        "against_before": "la veille",
        "against_week": "le {weekday} d’avant",
        "no_change": "stable",
        "nothing_before": "rien à comparer",
        "headline": "Ce que l’on a dit de {brands}",
        "quiet_title": "Journée calme",
        "quiet_line": "Aucune mention, aucune alerte. Les sources ont été écoutées.",
        "quiet_blind": "Aucune mention, aucune alerte, mais des sources étaient aveugles"
        f"{FIXED}: voyez les angles morts ci-dessous.",
        "days_title": "Sur huit jours",
        "voice_title": "Part de voix",
        "voice_note": "Part de chaque marque dans ce que les autres disent d’elles (hors "
        "publications des marques elles-mêmes).",
        "markets_title": "Marchés",
        "sentiment_title": "Tonalité",
        "sentiment_note": "«\u00a0Non évalué\u00a0» n’est pas neutre : aucun modèle n’a jugé "
        "ces textes.",
        "positive": "positif",
        "neutral": "neutre",
        "negative": "négatif",
        "none": "non évalué",
        "posts_title": "Publications qui ont compté",
        "posts_none": "Aucune publication à montrer.",
        "copies_1": "1 reprise",
        "copies_n": "{n} reprises",
        "engagement_1": "1 interaction",
        "engagement_n": "{n} interactions",
        "read": "Lire",
        "alerts_title": "Alertes",
        "alerts_none": "Aucune alerte.",
        "alert_count": "{brand}{n} publications de {start} à {end} (seuil {threshold})",
        "alert_mentions_1": "{brand}1 mention à {at}",
        "alert_mentions_n": "{brand}{n} mentions depuis {at}",
        "more": "et {n} de plus",
        "gaps_title": "Angles morts",
        "gaps_none": "Toutes les sources ont été écoutées toute la journée.",
        "gap": "de {start} à {end}, {why}",
        "gap_all_day": "toute la journée, {why}",
        "open": "Ouvrir Vigie",
        "footer": f"Récap quotidien de la veille «{FIXED}{{watchlist}}{FIXED}», "
        "heures de {zone}.",
        "unsubscribe": "Ne plus le recevoir",
        "preheader": "{n}, {change}. {alerts}.",
        "alerts_0": "Aucune alerte",
        "alerts_1": "1 alerte",
        "alerts_n": "{n} alertes",
        "brand": "Marque",
        "unsub_title": "Ne plus recevoir ce récap ?",
        "unsub_line": "Un clic suffit ; vous pourrez le reprendre depuis Vigie.",
        "unsub_button": "Me désabonner",
        "unsub_done": "C’est fait : ce récap ne vous sera plus envoyé.",
        "unsub_bad": "Ce lien n’est plus valable. Désabonnez-vous depuis Vigie.",
    },
    "en": {
        "name": "Daily digest",
        "subject": "{watchlist}: {n} on {day}{change}",
        "subject_quiet": "{watchlist}: a quiet day, {day}",
        "mentions_0": "no mentions",
        "mentions_1": "1 mention",
        "mentions_n": "{n} mentions",
        "posts_1": "1 post",
        "posts_n": "{n} posts",
        "against_before": "the day before",
        "against_week": "last {weekday}",
        "no_change": "no change",
        "nothing_before": "nothing to compare",
        "headline": "What was said of {brands}",
        "quiet_title": "A quiet day",
        "quiet_line": "No mentions, no alerts. The sources were listened to.",
        "quiet_blind": "No mentions, no alerts, but some sources were blind: see the listening "
        "gaps below.",
        "days_title": "Over eight days",
        "voice_title": "Share of voice",
        "voice_note": "Each brand’s share of what others say of them (the brands’ own posts left "
        "out).",
        "markets_title": "Markets",
        "sentiment_title": "Sentiment",
        "sentiment_note": "“Not judged” is not neutral: no model has judged these texts.",
        "positive": "positive",
        "neutral": "neutral",
        "negative": "negative",
        "none": "not judged",
        "posts_title": "Posts that mattered",
        "posts_none": "No post to show.",
        "copies_1": "1 copy",
        "copies_n": "{n} copies",
        "engagement_1": "1 interaction",
        "engagement_n": "{n} interactions",
        "read": "Read",
        "alerts_title": "Alerts",
        "alerts_none": "No alerts.",
        "alert_count": "{brand}{n} posts from {start} to {end} (threshold {threshold})",
        "alert_mentions_1": "{brand}1 mention at {at}",
        "alert_mentions_n": "{brand}{n} mentions since {at}",
        "more": "and {n} more",
        "gaps_title": "Listening gaps",
        "gaps_none": "All sources were listened to all day.",
        "gap": "from {start} to {end}, {why}",
        "gap_all_day": "all day, {why}",
        "open": "Open Vigie",
        "footer": "Daily digest of the watchlist “{watchlist}”, times of {zone}.",
        "unsubscribe": "Stop receiving it",
        "preheader": "{n}, {change}. {alerts}.",
        "alerts_0": "No alerts",
        "alerts_1": "1 alert",
        "alerts_n": "{n} alerts",
        "brand": "Brand",
        "unsub_title": "Stop receiving this digest?",
        "unsub_line": "One click is enough; you can take it up again in Vigie.",
        "unsub_button": "Unsubscribe",
        "unsub_done": "Done: this digest will not be sent to you any more.",
        "unsub_bad": "This link is no longer valid. Unsubscribe in Vigie.",
    },
}


def word(key: str, lang: str, **values: object) -> str:
    """The wording of `key`. A key that is missing is a bug and raises KeyError."""
    text = _WORDS[known(lang)][key]
    return text.format(**values) if values else text


def counted(key: str, count: int, shown: str, lang: str) -> str:
    """ "1 mention", "273 mentions"; none at all where the catalogue has words for it."""
    forms = _WORDS[known(lang)]
    form = f"{key}_{count}" if count in (0, 1) and f"{key}_{count}" in forms else f"{key}_n"
    return forms[form].format(n=shown)


def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All words, for the test that both languages say the same things."""
    return _WORDS
