"""The sentences of the pages, in English and French."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "tagline": ("The look-out for your brand", "La vigie de votre marque"),
    "skip": ("Skip to the content", "Aller au contenu"),
    "other_language": ("Français", "English"),
    "sign_out": ("Sign out", "Se déconnecter"),
    "back_home": ("Back to the front page", "Retour à l’accueil"),
    "details": ("Details", "Détails"),
    "request_id": ("Request", "Requête"),
    # set-up and sign-in
    "setup_title": ("Welcome aboard", "Bienvenue à bord"),
    "setup_lead": (
        "This link signs this browser in. It works once.",
        "Ce lien connecte ce navigateur. Il ne sert qu’une fois.",
    ),
    "setup_name": ("Your name (optional)", "Votre nom (facultatif)"),
    "setup_button": ("Sign in on this browser", "Connecter ce navigateur"),
    "setup_bad": ("This link no longer works", "Ce lien ne fonctionne plus"),
    "setup_bad_lead": (
        "It was used already or is over. Make a new one on the machine where Vigie runs:",
        "Il a déjà servi ou a expiré. Faites-en un autre sur la machine où tourne Vigie :",
    ),
    "locked_title": ("You are not signed in", "Vous n’êtes pas connecté"),
    "locked_lead": (
        (
            "Open the link that Vigie printed when it started. To get a new one, type this on the "
            "machine where Vigie runs:"
        ),
        (
            "Ouvrez le lien que Vigie a affiché à son démarrage. Pour en obtenir un autre, tapez "
            "ceci sur la machine où tourne Vigie :"
        ),
    ),
    # the one form
    "first_title": ("Whom do we watch?", "Qui surveille-t-on ?"),
    "first_lead": (
        (
            "One name is enough. Vigie makes the queries and looks for every open source that "
            "fits: news, the feeds of the site, Mastodon tags, Hacker News."
        ),
        (
            "Un nom suffit. Vigie prépare les requêtes et cherche toutes les sources ouvertes qui "
            "conviennent : actualités, flux du site, mots-dièse Mastodon, Hacker News."
        ),
    ),
    "form_name": ("Your brand", "Votre marque"),
    "form_site": ("Its site", "Son site"),
    "form_competitors": ("Competitors", "Concurrents"),
    "form_competitors_help": (
        "One a line, or with commas between. Four or five are plenty.",
        "Un par ligne, ou séparés par des virgules. Quatre ou cinq suffisent.",
    ),
    "form_language": ("Language of alerts and digests", "Langue des alertes et du récap"),
    "form_optional": ("optional", "facultatif"),
    "form_button": ("Start watching", "Commencer la veille"),
    "example": ("for example {what}", "par exemple {what}"),
    "form_wait": (
        "The site is asked for its feeds: this can take some fifteen seconds.",
        "On demande ses flux au site : cela peut prendre une quinzaine de secondes.",
    ),
    "demo_title": ("Just looking?", "Juste pour voir ?"),
    "demo_lead": (
        (
            "The demo brings 90 days of invented posts about an invented company. Nothing is sent "
            "to anybody; `vigie demo clear` takes it away."
        ),
        (
            "La démo apporte 90 jours de publications inventées sur une entreprise inventée. Rien "
            "n’est envoyé à personne ; `vigie demo clear` l’enlève."
        ),
    ),
    "demo_button": ("Try the demo", "Essayer la démo"),
    "demo_loading": (
        "The demo is being loaded; this page refreshes itself.",
        "La démo se charge ; cette page se rafraîchit toute seule.",
    ),
    "demo_failed": (
        "The demo could not be loaded: the log says why. You can try again.",
        "La démo n’a pas pu être chargée : le journal dit pourquoi. Vous pouvez réessayer.",
    ),
    "demo_badge": ("demo – invented data", "démo – données inventées"),
    # the house
    "new_watch": ("New watch", "Nouvelle veille"),
    "switch": ("Watchlists", "Veilles"),
    "api": ("API", "API"),
    "today_count": (
        "{n} mention of {who} today|{n} mentions of {who} today",
        "{n} mention de {who} aujourd’hui|{n} mentions de {who} aujourd’hui",
    ),
    "today_vs": ("{n} yesterday at the same hour", "{n} hier à la même heure"),
    "you": ("your brand", "votre marque"),
    "state_alerts": ("{n} open alert|{n} open alerts", "{n} alerte ouverte|{n} alertes ouvertes"),
    "state_calm": ("No open alert", "Aucune alerte ouverte"),
    "state_silent": (
        "{n} source does not hear|{n} sources do not hear",
        "{n} source n’entend plus|{n} sources n’entendent plus",
    ),
    "state_hearing": ("Every source hears", "Toutes les sources entendent"),
    "first_poll": ("First reading under way", "Première lecture en cours"),
    "first_poll_lead": (
        (
            "Each source is being read for the first time. The first mentions come within minutes; "
            "this page refreshes itself."
        ),
        (
            "Chaque source est lue pour la première fois. Les premières mentions arrivent en "
            "quelques minutes ; cette page se rafraîchit toute seule."
        ),
    ),
    "unreached": ("Could not be reached", "N’ont pas pu être joints"),
    "rebuilding": (
        "The counts are being rebuilt after a change of time zone.",
        "Les comptes sont refaits après un changement de fuseau horaire.",
    ),
    "searching": (
        (
            "Re-reading the past for {who}: {percent}%, {n} new mention so far|"
            "Re-reading the past for {who}: {percent}%, {n} new mentions so far"
        ),
        (
            "Relecture du passé pour {who} : {percent} %, {n} nouvelle mention jusqu’ici|"
            "Relecture du passé pour {who} : {percent} %, {n} nouvelles mentions jusqu’ici"
        ),
    ),
    "today": ("Today", "Aujourd’hui"),
    "yesterday_same": ("yesterday, same hour", "hier, même heure"),
    "yesterday_whole": ("whole day: {n}", "jour entier : {n}"),
    "seven_days": ("{n} in 7 days", "{n} en 7 jours"),
    "kind_own": ("Brand", "Marque"),
    "kind_competitor": ("Competitor", "Concurrent"),
    "kind_market": ("Market", "Marché"),
    "trend_title": ("Mentions per day", "Mentions par jour"),
    "trend_frame": (
        "30 days to {end}, time of {zone}. {n} mentions; before: {before}.",
        "30 jours jusqu’au {end}, heure de {zone}. {n} mentions ; avant : {before}.",
    ),
    "trend_blind": (
        "Hatched: nobody was listening, which is not the same as no mention.",
        "Hachuré : personne n’écoutait, ce qui n’est pas la même chose que zéro mention.",
    ),
    "as_table": ("Show the numbers", "Voir les nombres"),
    "col_day": ("Day", "Jour"),
    "not_heard": ("not heard", "pas d’écoute"),
    "trend_empty": (
        "No figure yet: nobody has listened so far.",
        "Pas encore de chiffre : personne n’a écouté jusqu’ici.",
    ),
    "unheard_lead": (
        "Vigie tries again by itself. Without a network you can look at the demo meanwhile.",
        "Vigie réessaie d’elle-même. Sans réseau, vous pouvez regarder la démo en attendant.",
    ),
    "share_title": ("Share of voice", "Part de voix"),
    "share_frame": (
        "7 days, without what brands say of themselves; points against the 7 days before.",
        "7 jours, sans ce que les marques disent d’elles-mêmes ; points face aux 7 jours d’avant.",
    ),
    "share_none": (
        "Nobody was spoken of in these seven days.",
        "On n’a parlé de personne en sept jours.",
    ),
    "col_brand": ("Brand", "Marque"),
    "col_share": ("Share", "Part"),
    "col_moved": ("Change", "Écart"),
    "mood_title": ("Sentiment", "Tonalité"),
    "mood_frame": (
        "7 days. Not judged is not neutral: no model was sure enough, or none speaks the language.",
        "7 jours. Non évalué n’est pas neutre : aucun modèle sûr, ou aucun dans cette langue.",
    ),
    "positive": ("positive", "positif"),
    "neutral": ("neutral", "neutre"),
    "negative": ("negative", "négatif"),
    "none": ("not judged", "non évalué"),
    "unsure": ("unsure", "incertain"),
    "mentions_title": ("Last mentions", "Dernières mentions"),
    "mentions_none": ("No mention yet", "Pas encore de mention"),
    "mentions_none_lead": (
        (
            "The sources are read in turn. If nothing comes, check the sources and the queries: "
            "`vigie query test` shows what a query finds."
        ),
        (
            "Les sources sont lues à tour de rôle. Si rien ne vient, vérifiez les sources et les "
            "requêtes : `vigie query test` montre ce qu’une requête trouve."
        ),
    ),
    "no_text": ("The text is no longer kept.", "Le texte n’est plus conservé."),
    "history": ("history", "historique"),
    "open_post": ("Open the post", "Ouvrir la publication"),
    "by": ("by", "par"),
    "alerts_title": ("Open alerts", "Alertes ouvertes"),
    "alerts_none": ("All is calm.", "Tout est calme."),
    "alert_count": ("{n} mention|{n} mentions", "{n} mention|{n} mentions"),
    "alert_threshold": ("threshold {n}", "seuil {n}"),
    "alert_resolved": ("over", "terminée"),
    "alert_open": ("open", "ouverte"),
    "alert_mentions": ("What it is about", "De quoi il s’agit"),
    "see_all": ("Front page", "Accueil"),
    "since": ("since {at}", "depuis {at}"),
    "sources_title": ("Sources", "Sources"),
    "sources_none": (
        "No source yet: add one with `vigie source add` or POST /api/v1/sources.",
        "Pas encore de source : ajoutez-en une par `vigie source add` ou POST /api/v1/sources.",
    ),
    "health_active": ("hears", "entend"),
    "health_waiting": ("first reading", "première lecture"),
    "health_failing": ("tries again", "réessaie"),
    "health_needs_attention": ("needs you", "a besoin de vous"),
    "health_paused": ("paused", "en pause"),
    "heard_at": ("heard {ago}", "entendue {ago}"),
    "never_heard": ("never heard yet", "jamais entendue"),
    "blind_title": ("Listening gaps, 24 h", "Angles morts, 24 h"),
    "resume": ("Try again now", "Réessayer"),
    # reference and problems
    "docs_title": ("API reference", "Référence de l’API"),
    "docs_lead": (
        "OpenAPI {version}. The same as a file:",
        "OpenAPI {version}. La même en fichier :",
    ),
    "docs_params": ("Parameters", "Paramètres"),
    "docs_body": ("Body", "Corps"),
    "docs_answer": ("Answer", "Réponse"),
    "docs_problems": ("Problems", "Problèmes"),
    "docs_required": ("required", "requis"),
    "problem_lead": (
        "Problem “{code}”, status {status}. The `detail` of an answer says what to do.",
        "Problème « {code} », statut {status}. Le `detail` d’une réponse dit quoi faire.",
    ),
}


def _french(text: str) -> str:
    """No line begins with a sign: no-break spaces before ; : ! ? and inside « »."""
    for sign in ";!?":
        text = text.replace(f" {sign}", f"\u202f{sign}")
    return text.replace(" :", "\u00a0:").replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def _text(lang: str, key: str) -> str:
    return _french(WORDS[key][1]) if lang == "fr" else WORDS[key][0]


def say(lang: str, key: str, **values: object) -> str:
    """The sentence of this key. `{name}` in it is filled from `values`."""
    text = _text(lang, key)
    return text.format(**values) if values else text


def count(lang: str, key: str, n: int, shown: str, **values: object) -> str:
    """The sentence of this key for n things: French says one for zero, English does not."""
    one, many = _text(lang, key).split("|")
    singular = abs(n) < 2 if lang == "fr" else n == 1
    return (one if singular else many).format(n=shown, **values)
