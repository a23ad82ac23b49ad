"""The information notice (GDPR art. 14) in French and English."""

from __future__ import annotations

from collections.abc import Mapping

NOTICE: Mapping[str, str] = {
    "fr": """\
# Information sur le traitement de publications publiques

**Qui** : {owner}.
**Pourquoi** : {purpose}
**Ce qui est lu** : des publications publiques (texte, titre, adresse, date, langue, nom ou \
pseudonyme public de l’auteur, nombre d’abonnés et de réactions) qui citent {brands}.
**Où** : {sources}.
**Base légale** : l’intérêt légitime (RGPD, article 6.1.f) à connaître ce qui est dit \
publiquement de la marque et de son marché. Aucune décision automatisée n’est prise sur une \
personne.
**Combien de temps** : le contenu est effacé après {days} jours ; seuls des décomptes anonymes \
restent. Les enregistrements illisibles sont effacés après {raw_days} jours.
**À qui** : aux seules personnes qui utilisent cette veille ; le contenu n’est ni vendu ni publié.
**Vos droits** : accès, rectification, effacement, limitation et opposition. Écrivez à {owner} : \
vos publications sont alors effacées et ne sont plus collectées. Vous pouvez saisir l’autorité de \
contrôle (en France, la CNIL).
""",
    "en": """\
# Information on the processing of public posts

**Who**: {owner}.
**Why**: {purpose}
**What is read**: public posts (text, title, address, date, language, public name or pseudonym of \
the author, numbers of followers and reactions) that speak of {brands}.
**Where**: {sources}.
**Legal basis**: the legitimate interest (GDPR, article 6(1)(f)) in knowing what is publicly said \
of the brand and its market. No automated decision is taken about a person.
**How long**: content is erased after {days} days; only anonymous counts remain. Unreadable \
records are erased after {raw_days} days.
**To whom**: only the people who use this watchlist; content is neither sold nor published.
**Your rights**: access, rectification, erasure, restriction and objection. Write to {owner}: your \
posts are then erased and no longer collected. You may complain to the supervisory authority.
""",
}

MISSING: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "owner": "[responsable à compléter dans la veille]",
        "purpose": "[finalité à compléter dans la veille]",
        "sources": "aucune source pour l’instant",
        "brands": "les marques suivies",
    },
    "en": {
        "owner": "[controller: to be filled in the watchlist]",
        "purpose": "[purpose: to be filled in the watchlist]",
        "sources": "no source yet",
        "brands": "the brands watched",
    },
}
