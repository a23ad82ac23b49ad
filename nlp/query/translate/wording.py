"""The sentences of the translation, French and English beside each other. A reason says what
differs; what that does to the query is added behind it."""

from __future__ import annotations

from nlp.query.translate.values import Effect, IssueKind, Said

_EFFECTS: dict[Effect, Said] = {
    "": Said("", ""),
    "more": Said(" ; la requête trouvera plus.", "; the query will find more."),
    "less": Said(" ; la requête trouvera moins.", "; the query will find less."),
}
KINDS: dict[IssueKind, Said] = {
    "changed": Said("changé", "changed"),
    "dropped": Said("retiré", "dropped"),
    "widened": Said("élargi", "widened"),
    "narrowed": Said("resserré", "narrowed"),
    "unsupported": Said("non repris", "not carried over"),
}


def with_effect(reason: Said, effect: Effect) -> Said:
    """The reason as a whole sentence, with what it does to the query."""
    if not effect:
        return Said(reason.fr + ".", reason.en + ".")
    tail = _EFFECTS[effect]
    return Said(reason.fr + tail.fr, reason.en + tail.en)


def shown(text: str) -> str:
    """A piece of the pasted text inside a sentence: one line, and not long."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text[:80]).split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


# Broken text: where, and what to do.
EMPTY = Said("Rien à traduire : collez une requête.", "Nothing to translate: paste a query.")
TOO_LONG = Said(
    "Plus de 20 000 signes : coupez la requête et traduisez chaque partie.",
    "More than 20,000 characters: cut the query and translate each part.",
)
TOO_DEEP = Said(
    "Plus de 50 parenthèses imbriquées : simplifiez la requête.",
    "More than 50 nested parentheses: simplify the query.",
)
OPEN_PARENTHESIS = Said(
    "Parenthèse ouverte et jamais fermée : fermez-la ou retirez-la.",
    "Parenthesis opened and never closed: close it or remove it.",
)
STRAY_PARENTHESIS = Said(
    "Parenthèse fermée sans avoir été ouverte : retirez-la ou ouvrez-la.",
    "Parenthesis closed but never opened: remove it or open it.",
)
OPEN_QUOTE = Said(
    "Guillemet ouvert et jamais fermé : fermez-le ou retirez-le.",
    "Quote opened and never closed: close it or remove it.",
)
OPEN_BRACE = Said(
    "Accolade ouverte et jamais fermée : fermez-la ou retirez-la.",
    "Brace opened and never closed: close it or remove it.",
)
OPEN_COMMENT = Said(
    "Commentaire <<< jamais fermé par >>> : fermez-le ou retirez-le.",
    "Comment <<< never closed with >>>: close it or remove it.",
)


def missing_operand(what: str) -> Said:
    return Said(
        f"L'opérateur {shown(what)} attend un terme à côté de lui : ajoutez-le ou retirez "
        "l'opérateur.",
        f"The operator {shown(what)} needs a term beside it: add it or remove the operator.",
    )


# Reasons; the effect follows.
COMMENT = Said("Commentaire, laissé de côté", "Comment, left out")
EMPTY_GROUP = Said("Parenthèses vides", "Empty parentheses")
NO_VALUE = Said("Champ sans valeur", "Field without a value")
NO_WORDS = Said(
    "Rien à chercher ici : Vigie ne cherche pas un signe seul",
    "Nothing to search here: Vigie does not search for a sign by itself",
)
TOO_FAR = Said(
    "Vigie compte 20 mots au plus ; écrit avec 20", "Vigie counts 20 words at most; written with 20"
)
JUMPS = Said(
    "Talkwalker compte des sauts (1 entre voisins), Vigie les mots entre les deux ; nombre gardé",
    "Talkwalker counts jumps (1 between neighbours), Vigie the words between; number kept",
)
NEAR_OPERAND = Said(
    "La proximité de Vigie prend des mots, des expressions et des groupes OU ; écrit avec AND",
    "Distance in Vigie takes words, phrases and OR groups; written with AND",
)
NEAR_CHAIN = Said(
    "Plus de 5 proximités à la suite ; écrit avec AND",
    "More than 5 distances in a row; written with AND",
)
NEAR_NOT = Said(
    "Une exclusion dans une proximité n'a pas d'équivalent dans Vigie",
    "An exclusion inside a distance has no equivalent in Vigie",
)
SAME_SENTENCE = Said(
    "Vigie ne connaît pas la phrase ni le paragraphe ; écrit avec AND",
    "Vigie knows neither sentence nor paragraph; written with AND",
)
ORDERED = Said("Dans l'ordre : Vigie l'écrit ONEAR", "In order: Vigie writes it ONEAR")
GROUP_NEAR = Said(
    "Proximité de groupes : Vigie l'écrit NEAR", "Distance between groups: Vigie writes it NEAR"
)
GROUP_SLOP = Said(
    "~n derrière ces parenthèses n'a pas de sens documenté",
    "~n behind these parentheses has no documented meaning",
)
BAD_SLOP = Said(
    "~ sans nombre lisible ; lu comme l'expression seule",
    "~ without a readable number; read as the phrase alone",
)
ONLY_NEGATIVE = Said(
    "Vigie refuse une branche faite d'exclusions seules",
    "Vigie refuses a branch of exclusions only",
)
EXCLUSIONS_ONLY = Said(
    "Il ne reste que des exclusions, que Vigie refuse : ajoutez un terme à trouver",
    "Only exclusions are left, which Vigie refuses: add a term to find",
)
NOTHING_LEFT = Said("Il ne reste rien à chercher", "Nothing is left to search")
NOTE_NOTHING_LEFT = Said(" ; il ne reste rien à chercher", "; nothing is left to search")
QUOTED = Said(
    "Vigie lirait ici un opérateur ou un champ ; mis entre guillemets pour chercher le mot",
    "Vigie would read an operator or a field here; quoted to search for the word",
)
ADDRESS = Said("Adresse nue : Vigie la cherche par url:", "Bare address: Vigie searches it by url:")
PREFIX_SHORT = Said(
    "Vigie veut trois lettres avant l'étoile ; écrit sans l'étoile",
    "Vigie wants three letters before the star; written without the star",
)
STAR_INSIDE = Said(
    "L'étoile de Vigie va à la fin du mot ; ce qui suit est retiré",
    "Vigie's star goes at the end of the word; what follows is removed",
)
STAR_FIRST = Said(
    "Vigie n'a pas d'étoile au début d'un mot ; écrit sans elle",
    "Vigie has no star at the start of a word; written without it",
)
WILD_UNREADABLE = Said("Joker que Vigie ne peut pas écrire", "A wildcard that Vigie cannot write")
STAR_ALONE = Said(
    "Étoile seule dans une expression : non documentée ; lue comme un mot quelconque",
    "A lone star in a phrase: not documented; read as any one word",
)
MARK_ALONE = Said("Point d'interrogation seul, retiré", "Question mark by itself, removed")
ACCENT = Said(
    "Brandwatch ne trouve un mot accentué qu'avec ses accents, Vigie aussi sans",
    "Brandwatch finds an accented word with its accents only, Vigie without them too",
)
SIGN = Said(
    "Brandwatch ne cherche pas ce signe, Vigie l'exige",
    "Brandwatch does not search for this sign, Vigie demands it",
)
EXACT_CASE = Said(
    "Casse exacte : Vigie l'écrit case=, accents compris",
    "Exact case: Vigie writes it case=, accents included",
)
EXACT_IN_FIELD = Said(
    "Casse exacte dans un champ : Vigie ne l'a pas ; écrit sans la casse",
    "Exact case inside a field: Vigie does not have it; written without the case",
)
RAW_SEARCH = Said(
    "Recherche brute + : Vigie garde les signes + & % $ € # d'elle-même",
    "Raw search +: Vigie keeps the signs + & % $ € # by itself",
)
FUZZY = Said(
    "Mots ressemblants (~) : Vigie n'en a pas ; écrit sans",
    "Similar words (~): Vigie has none; written without",
)
NO_OPERATORS_NEAR = Said(
    "Sans opérateur, Talkwalker cherche ces mots à proximité (10 sauts par mot)",
    "Without an operator, Talkwalker searches for these words in proximity (10 jumps a word)",
)
NO_OPERATORS_CASE = Said(
    "Sans opérateur, Talkwalker cherche un mot en capitales avec sa casse ; Vigie l'écrit case=",
    "Without an operator, Talkwalker searches an all-capitals word with its case; Vigie "
    "writes it case=",
)
SITES = Said(
    "Des site: à la suite : Talkwalker trouve les uns ou les autres",
    "site: several times in a row: Talkwalker finds either",
)
X_SITE = Said("Le site a deux noms ; les deux sont cherchés", "The site has two names; both given")
SITE_PATH = Said(
    "Un site avec un chemin : Vigie l'écrit url:, qui cherche aussi dans les liens du texte",
    "A site with a path: Vigie writes it url:, which searches the links in the text too",
)
BAD_VALUE = Said(
    "Valeur que Vigie ne sait pas lire pour ce champ",
    "A value that Vigie cannot read for this field",
)


def unknown_field(title: str, name: str) -> Said:
    return Said(
        f"{shown(name)} n'est pas un champ de {title} que nous connaissons (si c'est un mot, "
        "mettez-le entre guillemets)",
        f"{shown(name)} is not a field of {title} that we know (if it is a word, quote it)",
    )


def unknown_operator(title: str, what: str) -> Said:
    return Said(
        f"{shown(what)} n'est pas documenté pour {title} ; lu comme AND",
        f"{shown(what)} is not documented for {title}; read as AND",
    )


def unknown_sign(title: str, signs: str) -> Said:
    return Said(
        f"{title} ne documente pas {signs} ici ; laissé de côté",
        f"{title} does not document {signs} here; left aside",
    )


def unsure_minus(title: str) -> Said:
    return Said(
        f"Le signe - n'est pas documenté pour {title} ; lu comme NOT",
        f"The sign - is not documented for {title}; read as NOT",
    )


def unsure_space(title: str) -> Said:
    return Said(
        f"{title} ne dit pas ce que vaut une espace entre deux termes ; lue partout comme AND",
        f"{title} does not say what a space between two terms means; read as AND throughout",
    )


def unsure_small(title: str, what: str) -> Said:
    return Said(
        f"{title} ne dit pas si {shown(what)} en minuscules est un opérateur ; lu comme un mot",
        f"{title} does not say whether {shown(what)} in small letters is an operator; "
        "read as a word",
    )


def unsure_order(title: str) -> Said:
    return Said(
        f"{title} ne dit pas lequel de AND, OR et NEAR passe d'abord ; lu NEAR, puis AND, puis "
        "OR : mettez des parenthèses",
        f"{title} does not say which of AND, OR and NEAR comes first; read NEAR, then AND, then "
        "OR: add parentheses",
    )


def refused(reason: Said) -> Said:
    """What Vigie's own parser says of a part, or of the whole."""
    return Said(
        "Vigie ne peut pas la lire (" + reason.fr.rstrip(" .") + ")",
        "Vigie cannot read it (" + reason.en.rstrip(" .") + ")",
    )
