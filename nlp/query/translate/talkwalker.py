"""Talkwalker."""

from __future__ import annotations

from functools import cache

from nlp.query.translate.dialect import (
    Choice,
    Dialect,
    Operator,
    field_row,
    lost_row,
    same_in,
)

_SOURCES: dict[str, Choice] = {
    "socialmedia_twitter": ((("site:", "twitter.com"), ("site:", "x.com")), ""),
}


@cache
def dialect() -> Dialect:
    return Dialect("talkwalker", "Talkwalker", (*_syntax(), *_fields()), jumps=True)


def _syntax() -> tuple[Operator, ...]:
    distance = "le nombre est gardé ; Talkwalker compte des sauts, Vigie les mots entre : élargi"
    distance_en = "the number is kept; Talkwalker counts jumps, Vigie the words between: widened"
    sentence = "Vigie ne connaît pas la phrase ; écrit AND : élargi"
    sentence_en = "Vigie does not know the sentence; written AND: widened"
    return (
        same_in("AND", "BMW AND bike"),
        same_in("OR", "BMW OR bike"),
        Operator("NOT", "BMW AND NOT bike", "BMW NOT bike"),
        Operator(
            "-", "chocolate -swiss", "chocolate NOT swiss",
            "le signe est écrit NOT", "the sign is written NOT",
        ),
        Operator(
            "space", "Luxembourg site:wort.lu", "Luxembourg AND site:wort.lu",
            "une espace vaut AND ; des site: à la suite valent OR",
            "a space is AND; site: several times in a row is OR",
        ),
        Operator(
            "a b", "cat dog", '"cat dog"~10',
            "sans aucun opérateur : à proximité, 10 sauts par mot",
            "without any operator: in proximity, 10 jumps a word",
        ),
        Operator(
            "ABC", "BMW", "case=BMW",
            "un mot seul en capitales est cherché avec sa casse",
            "an all-capitals word by itself is searched with its case",
        ),
        same_in("( )", "BMW AND (motorcycle OR car)"),
        same_in('" "', '"BMW series"'),
        Operator('"a b"~n', '"obama merkel"~5', '"obama merkel"~5', distance, distance_en),
        Operator("NEAR/n", "obama NEAR/5 merkel", "obama NEAR/5 merkel", distance, distance_en),
        Operator("ONEAR/n", "obama ONEAR/5 merkel", "obama ONEAR/5 merkel", distance, distance_en),
        Operator(
            "SENTENCE", "obama SENTENCE merkel", "obama AND merkel", sentence, sentence_en
        ),
        Operator(
            "*", "Luxemb* AND bank", "Luxemb* AND bank",
            "trois lettres au moins avant l'étoile",
            "at least three letters before the star",
        ),
        same_in("?", "reali?ation OR bank"),
        Operator(
            "++", '++"BMW"', "case=BMW", "casse exacte : case=, accents compris",
            "exact case: case=, accents included",
        ),
        Operator(
            "+", '+"p&t" AND bank', '"p&t" AND bank',
            "recherche brute : Vigie garde + & % $ € # d'elle-même",
            "raw search: Vigie keeps + & % $ € # by itself",
        ),
        Operator(
            "word~n", "roam~1 OR foam", "roam OR foam",
            "les mots ressemblants sont laissés : resserré", "similar words are left out: narrowed",
        ),
    )  # fmt: skip


def _fields() -> tuple[Operator, ...]:
    links = "Vigie cherche dans l'adresse et dans tous les liens du texte"
    links_en = "Vigie searches the address and every link in the text"
    return (
        field_row("title:", "title:decathlon", "title:decathlon", "words", "title:"),
        field_row("content:", 'content:"jeux olympiques"', 'body:"jeux olympiques"', "words",
                  "body:"),
        field_row("author:", "author:ladygaga", "author:ladygaga", "words", "author:"),
        field_row("site:", 'BMW -site:"mysite.com"', "BMW NOT site:mysite.com", "site", "site:"),
        field_row("domainurl:", "domainurl:reddit.com", "site:reddit.com", "site", "site:"),
        field_row("domain_url:", "domain_url:reddit.com", "site:reddit.com", "site", "site:"),
        field_row(
            "host_url:", "host_url:blog.lemonde.fr", "site:blog.lemonde.fr", "site", "site:",
            effect="more",
            fr="Vigie prend aussi les sous-domaines de cet hôte",
            en="Vigie takes the sub-domains of that host too",
        ),
        field_row("url:", 'url:"lemonde.fr/sport"', "url:lemonde.fr/sport", "url", "url:",
                  effect="more", fr=links, en=links_en),
        field_row("lang:", "lang:fr AND vélo", "lang:fr AND vélo", "lang", "lang:"),
        field_row(
            "sourcecountry:", "sourcecountry:fr", "country:FR", "country", "country:",
            fr="le pays de la publication, où Vigie le connaît",
            en="the country of the post, where Vigie knows it",
        ),
        field_row(
            "sourcetype:", "sourcetype:SOCIALMEDIA_TWITTER", "site:(twitter.com OR x.com)",
            "choice", choices=_SOURCES,
            fr="SOCIALMEDIA_TWITTER est écrit site: ; les autres sortes n'ont pas d'équivalent",
            en="SOCIALMEDIA_TWITTER is written site:; the other kinds have no equivalent",
        ),
        field_row("engagement:", "engagement:>100", "engagement>100", "number", "engagement"),
        field_row("followers:", "followers:>1000", "followers>1000", "number", "followers"),
        field_row(
            "twitter_followers:", "twitter_followers:>1000", "followers>1000",
            "number", "followers", effect="more",
            fr="Vigie compte les abonnés sur tous les réseaux, Talkwalker sur X seul",
            en="Vigie counts followers on every network, Talkwalker on X only",
        ),
        field_row("published:", "published:>2026-11-01", "published>2026-11-01", "date",
                  "published"),
        lost_row("reach:", "decathlon AND reach:>1000", "decathlon",
                 fr="Vigie ne connaît pas la portée", en="Vigie does not know the reach"),
        lost_row("gender:", "decathlon AND gender:female", "decathlon",
                 fr="Vigie ne connaît pas le genre de l'auteur",
                 en="Vigie does not know the author's gender"),
        lost_row("sentiment:", "decathlon AND sentiment:negative", "decathlon",
                 fr="le ton n'est pas dans la requête mais dans les filtres et les règles",
                 en="sentiment is not in the query but in filters and rules"),
        lost_row("demographic:", "decathlon AND demographic:occupation-artist", "decathlon",
                 fr="Vigie ne connaît pas le profil de l'auteur",
                 en="Vigie does not know the author's profile"),
    )  # fmt: skip
