"""A short list of French words with a clear polarity, written by hand for Vigie.

It is one hint among the features of the head, not a lexicon to score by: training says what each
side is worth. (The French lexicons found elsewhere come under the GPL and are not used.)
"""

from __future__ import annotations

_POSITIVE = """
super génial géniale excellent excellente merci bravo top parfait parfaite magnifique adore
aime heureux heureuse content contente beau belle bonne bon meilleur meilleure joie plaisir
félicitations cool sympa réussi réussite succès gagné victoire chance espoir progrès innovation
passionnant superbe incroyable formidable extraordinaire agréable facile efficace utile
recommande hâte vive love happy <3 😍 ❤ 😊 😂 👍 😘 :) ;) :d drôle mignon mignonne fier fière
sourire rire soutien solidarité bienvenue fête bonheur préféré ravi ravie délicieux gagner
sauver protéger opportunité
"""

_NEGATIVE = """
nul nulle mauvais mauvaise pire horrible triste honte honteux scandale scandaleux danger
dangereux catastrophe mort morts tuer tué victimes crise pollution menace menacé déteste colère
marre merde putain con connard stupide idiot débile ridicule inadmissible inacceptable problème
problèmes panne bug lent retard cher arnaque voleur mensonge menteur peur inquiet inquiétude
déçu déçue déception décevant échec perdu perdre guerre attentat violence haine raciste racisme
corruption fraude catastrophique insupportable ennuyeux fatigué malade pleurer 😡 😢 😭 👎 :(
pathétique hypocrite dégueulasse dégoût désastre grève accident toxique radioactif disparition
extinction fail bordel chier
"""

POSITIVE = frozenset(_POSITIVE.split())
NEGATIVE = frozenset(_NEGATIVE.split())
