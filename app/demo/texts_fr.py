"""What the French voices of the demo say. Plain data: templates by voice and mood.

Slots: {b} the brand, {x} another one, {p} a product with its article, {P} the same at the start of
a sentence, {s} where it was bought, {c} a town, {eur} a price, {n} a small number. No brand and no
town of the lists starts with a vowel, so that nothing elides; no adjective agrees with {p}.
"""

# ruff: noqa: E501, ISC004 - a template is one line of speech; pairs are (title, body)

from __future__ import annotations

from collections.abc import Mapping, Sequence

POSTS: Mapping[str, Sequence[str]] = {
    "good": (
        "{P} {b}, encore tiède, avec un café : un bonheur. Je ne réponds plus avant dix heures, merci.",
        "J'avais juré d'en goûter une part. Il reste {n} miettes. Merci {b}, c'est excellent.",
        "Ma grand-mère, qui ne complimente personne, a repris {n} fois de {p} {b}. Historique.",
        "Bravo {b} : enfin une recette sans huile de palme qui a du goût. Les enfants adorent.",
        "Découverte du week-end {s} : {p} {b}. Moelleux, parfumé, parfait pour le goûter.",
        "Colis reçu en deux jours, rien d'écrasé. Excellent service chez {b}, merci !",
        "Un petit mot manuscrit dans mon colis {b} : adorable, merci !",
        "Dégustation à l'aveugle en famille, {b} contre {x} : bravo {b}, superbe victoire !",
        "Rien à redire : {p} {b}, c'est du beurre, de la patience et du bonheur. Un délice.",
        "Le pain perdu avec {p} {b} de la veille : superbe, merci pour l'idée !",
        "Merci à l'équipe {b} {s}, souriante à sept heures du matin. Vous êtes formidables.",
        "Génial, {b} propose enfin des sachets en papier. C'est simple et c'est une très bonne idée.",
        "Pique-nique à {c} sauvé par {p} {b}. Même le chien a applaudi. J'adore.",
        "Atelier pâtisserie {b} à {c} ce matin : superbe accueil, on a ri, on a mangé, on reviendra.",
        "Un régal, {p} {b}. Je cherche encore un défaut et je vais devoir en reprendre pour être sûr.",
        "Le service client {b} m'a rappelée en une heure et tout est réglé. Ça fait plaisir, bravo.",
        "Mon fils de quatre ans appelle {p} {b} « le nuage ». J'adore, c'est délicieux.",
        "Belle surprise : {b} a gardé ses prix {s} alors que tout augmente. Merci, vraiment.",
        "La meilleure pause de la semaine : réunion annulée et {p} {b}. Parfait.",
        "{P} {b} à l'anniversaire de Zoé : plateau vide en huit minutes. Superbe succès, merci !",
        "Texture incroyable, {p} {b} ! On sent le vrai beurre. Je recommande les yeux fermés.",
        "Je boude les brioches de supermarché depuis des années. Celle de {b} m'a réconciliée : top.",
        "Visite de l'atelier {b} près de {c} : passionnant, et une équipe fière de son métier.",
        "Coup de cœur pour {p} {b} : pas trop sucré, bien doré, superbe avec de la confiture.",
    ),
    "bad": (
        "{P} {b} à {eur}… et le paquet a perdu deux parts. On nous prend pour des pigeons.",
        "Très déçue de {p} {b} : sec, fade, et un arrière-goût bizarre. Plus jamais.",
        "Commande {b} arrivée écrasée, pour la {n}e fois. Service client injoignable. Lamentable.",
        "Qu'avez-vous fait à la recette, {b} ? C'était bon, c'est devenu du carton sucré. Dommage.",
        "Deux semaines que j'attends un remboursement de {b}. Personne ne répond, c'est honteux.",
        "Mauvaise surprise {s} : {p} {b} moisi alors que la date n'est pas passée. Dégoûtant.",
        "{eur} les six tranches, {b} ? C'est du vol, même avec un joli ruban.",
        "Trop de sucre, trop d'emballage, trop cher. {b}, vous me décevez vraiment.",
        "La nouvelle formule {b} est ratée : pâteuse, collante, triste. Rendez-nous l'ancienne.",
        "Ligne d'attente {b} : quarante minutes de flûte de pan, puis on raccroche. Insupportable.",
        "Encore une rupture de {p} {b} {s}. À croire qu'ils ne veulent plus vendre. Agaçant.",
        "Publicité {b} à chaque pause, {n} fois en une heure. Je n'en peux plus, c'est pénible.",
        "J'ai trouvé un cheveu dans {p} {b}. Photo envoyée, aucune réponse. Écœurant.",
        "Le livreur {b} a laissé le colis sous la pluie. Une bouillie. Très mauvaise expérience.",
        "{b} annonce « sans additifs » et la liste fait trois lignes. Mensonge, je suis furieux.",
        "Ma fille a été malade après {p} {b} {s}. Je n'accuse personne, mais j'ai peur d'en racheter.",
        "Application {b} buggée, bon d'achat disparu, support absent. Nul de bout en bout.",
        "On payait {eur} l'an dernier. Chez {b}, la part rétrécit et le prix grossit. Scandaleux.",
        "Décevant : {p} {b} s'effrite avant d'arriver à la bouche. Je retourne chez {x}.",
        "Plastique autour du plastique autour du plastique. {b}, en quelle année vivez-vous ? Triste.",
        "Accueil glacial au magasin {b} de {c}. On dérangeait, visiblement. Je n'y remets pas les pieds.",
        "Personne chez {b} n'a testé ce sachet refermable : il ne ferme pas. Franchement mauvais.",
    ),
    "plain": (
        "Photo du jour : la vitrine {b} à {c}.",
        "Vu {s} : {p} {b} en format familial, {eur}.",
        "{b} ou {x} pour le goûter de l'école ? Les parents délégués sont divisés.",
        "Ce samedi à {c} : dégustation {b} de 10 h à midi, place du Marché.",
        "Je cherche la liste des allergènes de {p} {b}, le site renvoie vers une page vide.",
        "On parle de {b} ce soir à la télévision, à 20 h 50.",
        "Le programme de la journée {b} à {c}, de 9 h à 18 h.",
        "Concours {b} : résultats vendredi soir.",
        "Deux paquets {b} pour le prix d'un {s} jusqu'à samedi.",
        "Est-ce que {b} livre à {c} ? La carte du site s'arrête à la rivière.",
        "Le tableau des prix : {b} {eur}, {x} dix centimes de moins.",
        "Recherche d'un stage en marketing : entretien chez {b} jeudi, des conseils ?",
        "On compare : {b} {eur}, {x} dix centimes de moins. Même poids.",
        "La page {b} du catalogue de Noël, c'est par ici.",
        "Réunion de quartier à {c} : on parle stationnement, quelqu'un a apporté {p} {b}.",
        "En direct de {c} : conférence de {b} sur le beurre.",
        "Nouveau format {b} aperçu {s}, étiquette provisoire.",
        "Mon train a du retard, mon {b} aussi, il est resté sur le quai.",
    ),
    "market": (
        "Brioche, café, journal : dimanche matin à {c}.",
        "Dimanche, atelier brioche à {c} avec le boulanger du quartier.",
        "Le prix des viennoiseries a encore pris dix centimes {s}. On en parle ?",
        "Concours de la meilleure brioche de {c} samedi.",
        "Qui a décidé que la brioche se mangeait froide ? Il faut le retrouver.",
        "Recette : la brioche de ma grand-mère, en photos.",
        "Ma levure est morte, ma brioche est une brique. Le moral suit la pâte.",
        "Beurre à {eur} la plaquette : la brioche maison devient un produit de luxe.",
    ),
}

REVIEWS: Mapping[str, Sequence[str]] = {
    "good": (
        "{P} est fidèle à la photo, frais et bien emballé. Livraison rapide, je recommande {b}.",
        "Excellent rapport qualité-prix. Toute la famille aime, on en rachètera chez {b}.",
        "Très bon produit {b}, goût de beurre agréable, texture moelleuse. Rien à reprocher.",
        "Service {b} impeccable : une erreur de ma part, corrigée avec le sourire. Merci !",
        "Acheté {s} par hasard, adopté par conviction. Délicieux.",
        "Se conserve très bien, ne s'émiette pas, parfait dans le cartable. Bravo {b}.",
        "Cadeau très apprécié : le coffret {b} est superbe et les gourmandises au niveau.",
        "Bonne surprise, moins sucré que la moyenne. {b} a compris quelque chose.",
        "Client depuis {n} ans, qualité constante. C'est rare, et ça mérite cinq étoiles.",
        "Recette simple, ingrédients lisibles, très bon goût. Bravo {b} !",
    ),
    "bad": (
        "Produit arrivé cassé, réclamation restée sans réponse. Très déçu de {b}.",
        "Goût chimique désagréable, j'ai jeté le paquet. Je ne rachèterai pas {b}.",
        "Trop cher pour ce que c'est : {eur} pour {n} bouchées sèches.",
        "Emballage impossible à ouvrir sans tout écraser. Mauvaise conception, {b}.",
        "Date limite dépassée à la livraison. Inadmissible de la part de {b}.",
        "La qualité baisse chaque année chez {b}. C'était un plaisir, c'est une déception.",
        "Photo trompeuse, portion minuscule. Je me suis senti floué par {b}.",
        "{n} semaines de retard et un numéro d'appel surtaxé. À fuir.",
        "Beaucoup trop gras, mal au ventre toute la soirée. Une étoile, parce qu'il le faut.",
        "Bon d'achat refusé en caisse sans explication. {b} se moque de ses clients.",
    ),
    "plain": (
        "Correct, sans plus. {P} {b} dépanne pour un petit-déjeuner.",
        "Livré mardi au point relais de {c}. Conforme.",
        "Ni bon ni mauvais : {b} se mange, {b} s'oublie.",
        "Reçu ce matin, paquet de 400 g, comme sur la photo.",
    ),
}

COMMENTS: Mapping[str, Sequence[str]] = {
    "good": (
        "Magnifique, le pétrissage chez {b}. Bravo pour la vidéo !",
        "J'ai testé avec {p} {b} : recette validée, un délice.",
        "Merci pour cette vidéo, on voit que les gens de {b} aiment leur métier.",
        "Excellent test, et je suis d'accord : {b} devant, les autres loin derrière.",
        "Super idée le croque {b}, mes ados ont adoré.",
    ),
    "bad": (
        "Encore une vidéo sponsorisée par {b}, quelle déception.",
        "Arrêtez avec {b}, c'est gras, cher et surcoté.",
        "Le test est biaisé, {p} {b} est infect et tout le monde le sait.",
        "À 3:12 on voit le vrai visage de {b} : de la poudre et du marketing. Honteux.",
        "J'ai essayé, c'est raté, la faute à {b} qui a changé sa recette. Nul.",
    ),
    "plain": (
        "À 4:05, c'est bien {p} {b} sur la table ?",
        "Vous pouvez refaire le test avec {x} à la place de {b} ?",
        "Combien de temps au four avec {p} {b} ?",
        "Le lien vers {b} dans la description ne marche pas chez moi.",
    ),
}

FORUM: Mapping[str, Sequence[str]] = {
    "good": (
        "Retour d'expérience : {p} {b} en base de charlotte, c'est parfait, "
        "merci à qui a donné l'idée ici !",
        "Pour ceux qui hésitent : {b} a très bien géré mon échange, produit remplacé en trois jours. "
        "Je recommande sans réserve.",
        "J'ai pesé, goûté, noté. Sur {n} paquets, {b} est le plus régulier et le meilleur au beurre.",
    ),
    "bad": (
        "J'ouvre ce fil parce que j'en ai assez : {n} commandes {b}, {n} problèmes, et un service "
        "client qui copie-colle la même réponse inutile.",
        "Depuis le changement d'usine, {p} {b} n'a plus rien à voir : sec, cassant, mauvais. "
        "Vous aussi ?",
        "Méfiance avec les promos {b} : le prix de départ a été gonflé la veille. C'est malhonnête.",
    ),
    "plain": (
        "Bonjour à tous, connaissez-vous le pourcentage de beurre de {p} {b} ? Rien sur l'étiquette.",
        "Je fais un tableau des prix au kilo : {b}, {x} et les autres. Vos relevés sont les bienvenus.",
        "Quelqu'un a-t-il encore l'ancien catalogue {b} ? C'est pour un exposé.",
    ),
}

ARTICLES: Sequence[tuple[str, str]] = (
    (
        "{b} investit dans son site de {c}",
        "Le fabricant {b} va moderniser deux lignes de son site de {c}. L'entreprise prévoit "
        "{n} recrutements d'ici à l'été et une baisse de sa consommation d'énergie.",
    ),
    (
        "Viennoiserie : {b} et {x} au coude à coude",
        "Selon une étude de panel, {b} et {x} se partagent la tête du rayon. La bataille se joue sur "
        "les formats familiaux et sur le prix du beurre.",
    ),
    (
        "{b} réduit ses emballages plastiques",
        "{b} remplace le film plastique de sa gamme par du papier. Le changement, testé à {c}, sera "
        "étendu à tous les magasins avant la fin de l'année.",
    ),
    (
        "Rencontre avec les petites mains de {b}",
        "Chez {b}, la journée commence à trois heures. Reportage au fournil de {c}, où l'on façonne "
        "encore à la main une partie de la production.",
    ),
    (
        "Prix du beurre : {b} prévient d'une hausse",
        "La direction de {b} n'exclut pas une augmentation au printemps. Les associations de "
        "consommateurs dénoncent une hausse injustifiée après une année de bons résultats.",
    ),
    (
        "{b} ouvre une boutique à {c}",
        "L'enseigne {b} inaugure samedi une boutique dans le centre de {c}. Une dégustation est "
        "prévue toute la journée.",
    ),
    (
        "Résultats : {b} tient bon",
        "{b} annonce un chiffre d'affaires en progression de {n} % au dernier trimestre, porté par "
        "l'exportation et les petits formats.",
    ),
    (
        "{x} poursuit {b} pour un ruban",
        "Le tribunal de commerce de {c} examine un litige peu banal : {x} reproche à {b} un ruban "
        "rouge jugé trop ressemblant. L'audience est fixée au mois prochain.",
    ),
    (
        "Apprentissage : {b} récompensé",
        "La chambre de métiers de {c} a remis à {b} son prix de l'apprentissage. Un beau succès pour "
        "une maison qui forme une vingtaine de jeunes chaque année.",
    ),
    (
        "Grève de deux heures chez {b}",
        "Une partie des salariés de {b} a débrayé jeudi à {c}. Les syndicats dénoncent des horaires "
        "intenables et des promesses non tenues.",
    ),
)

MARKET_ARTICLES: Sequence[tuple[str, str]] = (
    (
        "La brioche, valeur refuge du petit-déjeuner",
        "Les ventes de brioche progressent en volume malgré la hausse des prix. Les industriels "
        "parient sur les tranches et les portions individuelles.",
    ),
    (
        "Viennoiserie surgelée : le grand bond",
        "Un tiers des viennoiseries vendues en restauration arrivent désormais surgelées. Les "
        "artisans demandent un étiquetage plus clair.",
    ),
    (
        "Le goûter, repas préféré des Français ?",
        "Une enquête menée à {c} montre que la brioche du goûter résiste à tout, même aux "
        "régimes de janvier.",
    ),
)

CRISIS_PRESS: Sequence[tuple[str, str]] = (
    (
        "Rappel de produits : des fragments de métal dans des brioches {b}",
        "{b} rappelle un lot de brioches tressées de 400 g vendues dans toute la France. Des "
        "fragments métalliques ont été signalés par plusieurs clients. Il est demandé de ne pas "
        "consommer ces produits et de les rapporter en magasin.",
    ),
    (
        "{b} : ce que l'on sait du rappel",
        "Le lot 2417 est concerné. Une pièce usée d'un pétrin serait en cause, selon une source "
        "proche de l'enquête. Aucun blessé grave n'est signalé, mais l'inquiétude grandit.",
    ),
    (
        "Rappel {b} : la colère des clients",
        "Numéro vert saturé, consignes contradictoires en magasin : de nombreux clients dénoncent "
        "la lenteur de {b}. Une association de consommateurs parle d'une gestion catastrophique.",
    ),
    (
        "Brioches {b} : l'usine de {c} à l'arrêt",
        "La production est suspendue sur la ligne en cause. Les services de l'État ont ouvert une "
        "inspection. Les syndicats disaient craindre un accident depuis des mois.",
    ),
    (
        "Rappel {b} : {x} et les autres sous surveillance",
        "Les distributeurs vérifient l'ensemble du rayon brioche après l'alerte. {x} assure "
        "n'avoir constaté aucun défaut sur ses propres lignes.",
    ),
    (
        "{b} présente ses excuses",
        "« Nous avons manqué de vigilance. » La direction de {b} a présenté ses excuses et promis le "
        "remboursement de tous les clients. Les critiques restent vives.",
    ),
)

CRISIS: Sequence[str] = (
    "Un morceau de métal dans la brioche de ma fille. MERCI {b}. Je suis hors de moi. #RappelBrioche",
    "#RappelBrioche : {b} savait depuis lundi et n'a rien dit ? C'est scandaleux.",
    "Le numéro vert {b} sonne occupé depuis deux heures. Honteux quand il s'agit de sécurité.",
    "Je rapporte {n} paquets {b} {s}, on me répond « on n'est pas au courant ». Lamentable.",
    "Plus jamais {b}. On ne joue pas avec la santé des enfants. #RappelBrioche",
    "Rappel {b} : vérifiez vos placards, lot 2417, c'est dangereux. Faites passer.",
    "Dent cassée sur une brioche {b}, {eur} de dentiste en perspective. Qui paie ? Furieux.",
    "La communication de {b} est catastrophique : un communiqué en PDF, de travers.",
    "Trois heures après l'alerte, {b} vend encore le lot {s}. C'est grave et irresponsable.",
    "J'avais confiance en {b}. C'est fini. Quelle honte.",
    "Boycott {b} tant qu'on ne saura pas ce qui s'est passé. #RappelBrioche",
    "Mon père a failli avaler un éclat de métal et {b} offre un bon de réduction. Pathétique.",
    "Inquiète : on a mangé cette brioche {b} hier au goûter. Aucun médecin au bout du fil.",
    "{b}, du métal dans la pâte et du vent dans les réponses. Pathétique.",
    "Les salariés de {b} alertaient depuis des mois, dit-on. Écœurant si c'est vrai.",
    "La cantine de {c} a jeté tout son stock {b}. Les parents sont en colère, on les comprend.",
    "Pas de remboursement sans ticket, répond {b}. Qui garde le ticket d'une brioche ? Ridicule.",
    "Les excuses de {b} arrivent trop tard et sonnent faux. Très mauvais.",
)

CRISIS_AFTER: Sequence[str] = (
    "Remboursée par {b} en quatre jours, avec un appel. C'est déjà ça, merci.",
    "{b} publie les contrôles de ses lignes chaque semaine. Bonne initiative, à suivre.",
    "Après le rappel, j'ai repris {p} {b}. Toujours bon. J'ai quand même mâché lentement.",
    "Le directeur de {b} au journal régional : sobre, clair, sans jargon. Bien mieux que le PDF.",
    "Je n'arrive pas à oublier le rappel {b}. Je passe mon chemin, la confiance est cassée.",
)

CAMPAIGN: Sequence[str] = (
    "#UneTrancheDePlus : un euro par brioche {b} pour les petits déjeuners à l'école. Bravo !",
    "J'ai participé à #UneTrancheDePlus avec ma classe, merci {b}, les enfants étaient ravis.",
    "Très belle affiche {b} dans le métro de {c}. #UneTrancheDePlus, j'adore l'idée.",
    "#UneTrancheDePlus : {n} tranches hier, {n} aujourd'hui. Je fais ça pour la bonne cause, délicieux.",
    "Pour une fois qu'une publicité me fait sourire : {b} et sa mamie au mégaphone. Génial. "
    "#UneTrancheDePlus",
    "Le défi #UneTrancheDePlus au bureau : ambiance excellente, régime en berne. Merci {b}.",
    "Superbe élan pour #UneTrancheDePlus à {c}, la file faisait le tour de la place. Bravo {b}.",
    "#UneTrancheDePlus, d'accord, mais combien va vraiment aux écoles ? {b} reste vague.",
    "J'adore la chanson {b}, je l'ai dans la tête depuis ce matin. #UneTrancheDePlus",
    "Bravo à ma fille : elle a dessiné la brioche {b} avec des ailes. Superbe ! #UneTrancheDePlus",
)

LAUNCH: Sequence[str] = (
    "La nouvelle {b} Nuage : légère, superbe, j'adore. Bravo ! #NuageDeBrioche",
    "Photo du jour : {b} Nuage dans la vitrine, à {c}. #NuageDeBrioche",
    "Merci {b} pour Nuage : excellent goût, belle idée !",
    "{b} Nuage contre {x} : belle surprise, bravo au nuage ! #NuageDeBrioche",
    "Dégustation {b} Nuage à {c} : super accueil, recette étonnante. J'adore.",
    "{b} Nuage, c'est surtout de l'air vendu cher. Déçu.",
    "Quelqu'un a trouvé {b} Nuage {s} ? Je demande avec dignité.",
)

LAUNCH_PRESS: Sequence[tuple[str, str]] = (
    (
        "{b} lance Nuage, une brioche deux fois plus légère",
        "Après trois ans de recherche, {b} présente Nuage. La marque vise les consommateurs qui "
        "avaient quitté le rayon et annonce un million de paquets au premier mois.",
    ),
    (
        "Avec Nuage, {b} bouscule le rayon",
        "Les premiers chiffres de {b} sont excellents. {x} prépare, dit-on, une réponse.",
    ),
)

OWN: Sequence[str] = (
    "Ce matin au fournil de {c} : première tournée à 4 h 10, dernier bâillement à 4 h 12. Bonne "
    "journée à tous !",
    "Vous nous demandez souvent si {p} se congèle : oui, en tranches, un mois. Et merci pour vos "
    "photos, elles sont superbes.",
    "On recrute à {c} : deux pâtissiers, une cheffe de ligne, et quelqu'un qui sait réparer la "
    "machine à café.",
    "Nos sachets passent au papier. Même fraîcheur, moins de plastique.",
    "Recette du dimanche : pain perdu salé avec {p}. Résultat garanti, vaisselle non comprise.",
    "Merci à la classe de CE2 de {c} pour ses dessins. Ils sont dans l'atelier, au-dessus du four.",
    "La boutique de {c} sera fermée lundi pour inventaire. Réouverture mardi à huit heures.",
)

OWN_CRISIS: Sequence[str] = (
    "Rappel volontaire du lot 2417 de nos brioches tressées de 400 g. Ne les consommez pas. "
    "Remboursement en magasin, avec ou sans ticket. Nous vous devons des explications : les voici.",
    "Point de 18 h : la ligne est arrêtée, la pièce en cause est identifiée, le numéro vert est "
    "renforcé. Pardon pour l'attente.",
    "Nous avons mal répondu hier. Voici ce que nous changeons, point par point, et à quelle date.",
)

OWN_CAMPAIGN: Sequence[str] = (
    "#UneTrancheDePlus commence : un euro par brioche pour les petits déjeuners à l'école.",
    "Déjà {n}0 000 petits déjeuners grâce à vous. Merci ! #UneTrancheDePlus",
    "La mamie au mégaphone s'appelle Josette, et oui, elle est vraiment comme ça. #UneTrancheDePlus",
)

NOISE: Sequence[str] = (
    "Le tram B est encore arrêté à {c}. On marche, ça réchauffe.",
    "Quelqu'un a un bon plan pour des skis d'occasion près de {c} ?",
    "Match nul à {c}, et encore, nul, c'est gentil.",
    "Ma plante verte a plus de rendez-vous que moi cette semaine.",
    "La médiathèque de {c} prolonge ses horaires jusqu'à vingt heures.",
    "Il pleut sur {c}. Information confirmée par mes chaussettes.",
    "Vends vélo de ville, {n} vitesses, une sonnette, beaucoup de souvenirs.",
    "Coupure d'eau demain rue des Lilas, de neuf heures à midi.",
    "Je relis mes mails de lundi. Qui était cette personne optimiste ?",
    "Le chat a compris comment ouvrir la porte. Nous ne sommes plus chez nous.",
    "Conseil municipal de {c} : {n} heures pour un rond-point.",
    "Cherche covoiturage {c} vers la côte, vendredi soir, coffre partagé avec un violoncelle.",
    "Le nouveau roman est lu. Je n'ai pas compris la fin, mais elle était belle.",
    "Réunion sans ordre du jour : on a fini par parler de météo.",
)
