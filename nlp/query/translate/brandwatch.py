"""Brandwatch Consumer Research."""

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

_ENGAGEMENT: dict[str, Choice] = {
    "comment": ((("is:", "reply"),), "more"),
    "reply": ((("is:", "reply"),), "more"),
    "retweet": ((("is:", "repost"),), ""),
    "quote": ((("is:", "quote"),), ""),
}
_IMAGES: dict[str, Choice] = {
    "image": ((("has:", "media"),), "more"),
    "video": ((("has:", "media"),), "more"),
}


@cache
def dialect() -> Dialect:
    rows = (*_syntax(), *_fields(), *_gone())
    return Dialect("brandwatch", "Brandwatch", rows, signs=frozenset("|!"))


def _syntax() -> tuple[Operator, ...]:
    return (
        same_in("AND", "apple AND juice"),
        same_in("OR", "apple OR juice"),
        same_in("NOT", "apple NOT juice"),
        Operator(
            "-", "cake AND -birthday", "cake NOT birthday",
            "le signe est écrit NOT", "the sign is written NOT",
        ),
        Operator("( )", "(apple OR pear) AND juice", "(apple OR pear) AND juice"),
        same_in('" "', '"jus de pomme"'),
        same_in('"a b"~n', '"apple juice"~5'),
        same_in("NEAR/n", "(apple OR orange) NEAR/5 (phone OR smartphone)"),
        Operator(
            "NEAR/nf", "logitech NEAR/2f keyboard", "logitech ONEAR/2 keyboard",
            "dans l'ordre : ONEAR", "in order: ONEAR",
        ),
        Operator(
            "( )~n", "((apple OR orange) AND (phone OR smartphone))~5",
            "(apple OR orange) NEAR/5 (phone OR smartphone)",
            "écrit NEAR/n", "written NEAR/n",
        ),
        Operator(
            "*", "complain*", "complain*",
            "trois lettres au moins avant l'étoile, rien après",
            "at least three letters before the star, nothing behind it",
        ),
        same_in("?", "customi?e"),
        Operator(
            "{ }", "{BT}", "case=BT", "casse exacte : case=, accents compris",
            "exact case: case=, accents included",
        ),
        Operator(
            "<<< >>>", "apple <<<le fruit>>> AND juice", "apple AND juice",
            "le commentaire est laissé de côté", "the comment is left out",
        ),
        Operator(
            "é", "niño", "niño",
            "Brandwatch ne trouve que la forme accentuée, Vigie aussi « nino » : élargi",
            "Brandwatch finds the accented form only, Vigie “nino” too: widened",
        ),
        Operator(
            "+ &", "Canal+", "Canal+",
            "Brandwatch ne lit pas + ni &, Vigie les exige : resserré",
            "Brandwatch does not read + nor &, Vigie demands them: narrowed",
        ),
        same_in("#", "#MondayMotivation"),
        same_in("@", "@brandwatch"),
    )  # fmt: skip


def _fields() -> tuple[Operator, ...]:
    more_links = "Vigie cherche dans l'adresse et dans tous les liens du texte"
    more_links_en = "Vigie searches the address and every link in the text"
    whole = "Vigie ne connaît que le pays"
    whole_en = "Vigie knows the country only"
    return (
        field_row("title:", 'title:"apple juice"', 'title:"apple juice"', "words", "title:"),
        field_row(
            "raw:", "raw:Google+", "Google+", "raw", effect="more",
            fr="Vigie garde le signe mais pas la casse (case=Google+ la garderait)",
            en="Vigie keeps the sign but not the case (case=Google+ would)",
        ),
        field_row("site:", "site:lemonde.fr AND vélo", "site:lemonde.fr AND vélo", "site", "site:"),
        field_row(
            "url:", 'url:"msn.com/news" AND "Simon Cowell"', 'url:msn.com/news AND "Simon Cowell"',
            "url", "url:", effect="more", fr=more_links, en=more_links_en,
        ),
        field_row(
            "links:", "links:msn.com", "url:msn.com", "url", "url:",
            effect="more", fr=more_links, en=more_links_en,
        ),
        field_row("author:", "author:ladygaga", "author:ladygaga", "words", "author:"),
        field_row("language:", "language:fr AND vélo", "lang:fr AND vélo", "lang", "lang:"),
        field_row("languages:", "languages:(fr OR de)", "lang:(fr OR de)", "lang", "lang:"),
        field_row("country:", "country:fra", "country:FR", "country", "country:"),
        field_row(
            "region:", "region:usa.fl", "country:US", "place", "country:",
            effect="more", fr=whole, en=whole_en,
        ),
        field_row(
            "city:", 'city:"deu.berlin.berlin"', "country:DE", "place", "country:",
            effect="more", fr=whole, en=whole_en,
        ),
        field_row("at_mentions:", "at_mentions:brandwatch", "@brandwatch", "handle"),
        field_row("hashtags:", "hashtags:mondaymotivation", "#mondaymotivation", "tag"),
        field_row(
            "authorFollowers:", "authorFollowers:[500 TO 100000]", "followers:500..100000",
            "number", "followers", effect="more",
            fr="Vigie compte les abonnés sur tous les réseaux, Brandwatch sur X seul",
            en="Vigie counts followers on every network, Brandwatch on X only",
        ),
        field_row(
            "twitterFollowers:", "twitterFollowers:[500 TO 1000]", "followers:500..1000",
            "number", "followers", effect="more",
            fr="Vigie compte les abonnés sur tous les réseaux",
            en="Vigie counts followers on every network",
        ),
        field_row("rating:", "rating:[3 TO 5]", "stars:3..5", "number", "stars"),
        field_row(
            "engagementType:", "engagementType:RETWEET", "is:repost", "choice", choices=_ENGAGEMENT,
            fr="écrit is:reply, is:repost ou is:quote, tous réseaux",
            en="written is:reply, is:repost or is:quote, every network",
        ),
        field_row(
            "imageType:", "imageType:image", "has:media", "choice", choices=_IMAGES,
            fr="Vigie sait s'il y a un média, pas lequel",
            en="Vigie knows whether there is media, not which",
        ),
        field_row(
            "publisherSubType:", "publisherSubType:VIDEO", "has:media", "choice", choices=_IMAGES,
            fr="Vigie sait s'il y a un média, pas lequel",
            en="Vigie knows whether there is media, not which",
        ),
    )  # fmt: skip


def _gone() -> tuple[Operator, ...]:
    """Fields for which Vigie has nothing. Each with a term beside it, which is what is left."""
    lost = (
        ("continent:", "europe", "le continent", "the continent"),
        ("latitude:", "[41 TO 44]", "la latitude", "the latitude"),
        ("longitude:", "[-73 TO -69]", "la longitude", "the longitude"),
        ("channelId:", "141273439246434", "la page suivie", "the page watched"),
        ("authorGender:", "F", "le genre de l'auteur", "the author's gender"),
        ("authorVerified:", "true", "le compte vérifié", "the verified account"),
        ("authorVerifiedType:", "blue", "la sorte de vérification", "the kind of verification"),
        ("blogName:", "comedycentral", "le blog Tumblr", "the Tumblr blog"),
        ("parentBlogName:", "comedycentral", "le blog d'origine", "the parent blog"),
        ("rootBlogName:", "comedycentral", "le blog racine", "the root blog"),
        ("parentPostId:", "129596930020", "la publication d'origine", "the parent post"),
        ("rootPostId:", "129596930020", "la publication racine", "the root post"),
        ("tags:", "photography", "les tags Tumblr", "Tumblr tags"),
        ("brandIds:", "12", "les logos reconnus", "logos found in images"),
        ("objects:", "3902", "les objets reconnus", "objects found in images"),
        ("engagingWith:", "brandwatch", "le compte à qui l'on répond", "the account replied to"),
        ("engagingWithGuid:", "857284431631011841", "la publication à laquelle on répond",
         "the post replied to"),
        ("guid:", "857284431631011841", "le numéro de publication", "the id of a post"),
        ("itemReview:", '"Xbox One"', "le produit évalué", "the product reviewed"),
        ("minuteOfDay:", "[1110 TO 1140]", "la minute du jour", "the minute of the day"),
        ("pubType:", "MY_MENTIONS", "les contenus importés", "uploaded content"),
        ("publication:", '"MSN UK"', "le nom de publication", "the name of a publication"),
        ("redditAuthorFlair:", "PhD", "l'étiquette d'auteur Reddit", "the Reddit author flair"),
        ("redditPostFlair:", "Advice", "l'étiquette Reddit", "the Reddit post flair"),
        ("redditSpoiler:", "true", "la marque spoiler", "the spoiler mark"),
        ("sensitiveContent:", "true", "la marque « sensible »", "the sensitive mark"),
        ("subreddit:", "nba", "le subreddit", "the subreddit"),
        ("subredditNSFW:", "true", "la marque NSFW", "the NSFW mark"),
        ("subredditTopics:", '"Food"', "les thèmes d'un subreddit", "the topics of a subreddit"),
        ("topLevelDomain:", "org", "la fin du nom de domaine", "the top-level domain"),
        ("weblogTitle:", "feelslikegold", "l'auteur de forum", "the forum author"),
    )  # fmt: skip
    return tuple(
        lost_row(
            name, f"decathlon AND {name}{value}", "decathlon",
            fr=f"Vigie ne connaît pas {fr}", en=f"Vigie does not know {en}",
        )
        for name, value, fr, en in lost
    )  # fmt: skip
