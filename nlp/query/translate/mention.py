"""Mention: its boolean alerts."""

from __future__ import annotations

from functools import cache

from nlp.query.translate.dialect import (
    Choice,
    Dialect,
    Operator,
    field_row,
    same_in,
)

_SOURCES: dict[str, Choice] = {
    "twitter": ((("site:", "twitter.com"), ("site:", "x.com")), ""),
    "facebook": ((("site:", "facebook.com"),), ""),
    "instagram": ((("site:", "instagram.com"),), ""),
    "youtube": ((("site:", "youtube.com"),), ""),
    "reddit": ((("site:", "reddit.com"),), ""),
}
_HAS: dict[str, Choice] = {
    "link": ((("has:", "link"),), ""),
    "links": ((("has:", "link"),), ""),
    "media": ((("has:", "media"),), ""),
}


@cache
def dialect() -> Dialect:
    return Dialect("mention", "Mention", (*_syntax(), *_fields()))


def _syntax() -> tuple[Operator, ...]:
    return (
        same_in("AND", "puppy AND kitten"),
        same_in("OR", "puppy OR kitten"),
        same_in("NOT", "puppy NOT kitten"),
        same_in("( )", '(startup OR "start up") AND marketing'),
        same_in('" "', '"coca cola"'),
        same_in('"a b"~n', '"air france"~3'),
        Operator(
            "*", "advertis*", "advertis*",
            "trois lettres au moins avant l'étoile",
            "at least three letters before the star",
        ),
        same_in("?", "organi?e"),
    )  # fmt: skip


def _fields() -> tuple[Operator, ...]:
    return (
        field_row("title:", "title:decathlon", "title:decathlon", "words", "title:"),
        field_row("body:", 'body:"service client"', 'body:"service client"', "words", "body:"),
        field_row(
            "url:", "url:lemonde.fr/economie", "url:lemonde.fr/economie", "url", "url:",
            effect="more",
            fr="Vigie cherche dans l'adresse et dans tous les liens du texte",
            en="Vigie searches the address and every link in the text",
        ),
        field_row(
            "source:", "source:twitter", "site:(twitter.com OR x.com)", "choice",
            choices=_SOURCES,
            fr="écrit site: pour les réseaux qui ont leur adresse ; web, news, blogs… n'ont pas "
            "d'équivalent",
            en="written site: for the networks that have an address; web, news, blogs… have no "
            "equivalent",
        ),
        field_row(
            "source_country:", "source_country:FR", "country:FR", "country", "country:",
            fr="le pays de la publication, où Vigie le connaît",
            en="the country of the post, where Vigie knows it",
        ),
        field_row("lang:", "lang:fr", "lang:fr", "lang", "lang:"),
        field_row(
            "has:", "has:link", "has:link", "choice", choices=_HAS,
            fr="seules les valeurs link, links et media ont un sens sûr",
            en="only the values link, links and media have a sure meaning",
        ),
        field_row(
            "twitter_followers:", "twitter_followers:>1000", "followers>1000",
            "number", "followers", effect="more",
            fr="Vigie compte les abonnés sur tous les réseaux, Mention sur X seul",
            en="Vigie counts followers on every network, Mention on X only",
        ),
    )  # fmt: skip
