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
    # unsubscribe
    "unsub_title": ("Stop this daily digest?", "Ne plus recevoir ce récap ?"),
    "unsub_lead": (
        "Nothing has changed yet. One click and the daily digest stops coming to this address.",
        "Rien n’est encore changé. Un clic, et le récap du jour ne vous sera plus envoyé.",
    ),
    "unsub_button": ("Unsubscribe", "Se désabonner"),
    "unsub_done": ("You are unsubscribed", "Vous êtes désabonné"),
    "unsub_done_lead": (
        (
            "The digest will not be sent to you any more. To have it back, ask the person who runs "
            "this Vigie."
        ),
        (
            "Le récap ne vous sera plus envoyé. Pour le retrouver, demandez à la personne qui gère "
            "cette Vigie."
        ),
    ),
}


def say(lang: str, key: str, **values: object) -> str:
    """The sentence of this key. `{name}` in it is filled from `values`."""
    text = WORDS[key][lang == "fr"]
    return text.format(**values) if values else text
