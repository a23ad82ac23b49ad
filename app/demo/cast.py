"""Who and what is in the demo. Plain data.

Every name was made up for this file: brands, papers and sites are nobody's that we know of, and
every address ends in `.example`, which no resolver answers (RFC 2606).
"""

from __future__ import annotations

from typing import NamedTuple

WATCHLIST = "Démo : Tourvanelle"
PURPOSE = (
    "Démonstration : marques, personnes et textes sont inventés. / "
    "Demonstration: brands, people and texts are made up."
)
OWN = "Tourvanelle"
LAUNCHER = "Croquembel"
MARKET = "Brioche et goûter"
MARKET_QUERY = 'brioche OR brioches OR viennoiserie OR viennoiseries OR "repas préféré"'


class BrandCast(NamedTuple):
    """A brand: share of the talk, and how often it is praised and blamed (the rest is plain)."""

    name: str
    share: float
    praised: float
    blamed: float
    color: str

    @property
    def handle(self) -> str:
        return self.name.lower()

    @property
    def domain(self) -> str:
        return f"{self.name.lower()}.example"


BRANDS = (
    BrandCast(OWN, 0.36, 0.44, 0.18, "#7a3e00"),
    BrandCast(LAUNCHER, 0.24, 0.42, 0.20, "#0b6e4f"),
    BrandCast("Perdrilac", 0.16, 0.36, 0.24, "#3d348b"),
    BrandCast("Boulvaune", 0.13, 0.28, 0.38, "#a4133c"),
    BrandCast("Sablouise", 0.11, 0.46, 0.16, "#005f73"),
)


class SourceCast(NamedTuple):
    """A place where people speak. platform: its name space of ids; None: items go by address."""

    key: str
    name: str
    kind: str
    platform: str | None
    hosts: tuple[str, ...]
    base_followers: float
    """Logarithm of a usual author's followers."""


SOURCES = (
    SourceCast("social", "Mastodon (démo)", "post", "mastodon", ("social.example",), 5.2),
    SourceCast("comments", "Commentaires vidéo (démo)", "comment", None,
               ("videos.example",), 3.5),
    SourceCast("reviews", "Avis clients (démo)", "review", None,
               ("avis-du-panier.example", "notes-et-miettes.example"), 1.5),
    SourceCast("forum", "Forum des becs sucrés (démo)", "comment", None,
               ("becs-sucres.example",), 3.0),
    SourceCast("press", "Presse française (démo)", "article", None,
               ("gazette-du-fournil.example", "courrier-des-trois-ponts.example",
                "lecho-du-bocage.example", "matin-des-halles.example",
                "conso-actualites.example"), 10.5),
    SourceCast("world", "International press (demo)", "article", None,
               ("dailyloaf.example", "retail-herald.example", "bakery-times.example"), 10.8),
    SourceCast("sites", "Sites des marques (démo)", "article", None, (), 9.0),
)  # fmt: skip
BLIND = "social"
"""The source that a platform shuts out for a day."""
BLIND_NOTE = "HTTP 429: the platform asked us to stay away (démo)"

PRODUCTS_FR = (
    "la brioche tressée", "le pain au lait", "le sablé au beurre", "la madeleine longue",
    "le quatre-quarts", "le roulé à la cannelle", "le cake au citron", "la tresse au sucre",
    "le biscuit feuilleté", "la brioche aux pépites", "le financier", "le pain d'épices",
)  # fmt: skip
PRODUCTS_EN = (
    "the braided brioche", "the butter biscuit", "the lemon cake", "the cinnamon roll",
    "the long madeleine", "the milk bread", "the almond cake",
)  # fmt: skip
SHOPS_FR = (
    "au marché couvert", "à la supérette du coin", "en gare", "au drive", "chez mon épicier",
    "au rayon boulangerie", "à la boutique en ligne", "sur l'aire d'autoroute", "au marché bio",
)  # fmt: skip
SHOPS_EN = ("at the station", "at the corner shop", "online", "at the market", "in town")
TOWNS = (
    "Tours", "Nantes", "Lyon", "Rennes", "Lille", "Bordeaux", "Dijon", "Metz", "Pau", "Brest",
    "Reims", "Caen", "Vannes", "Poitiers", "Cholet", "Saumur",
)  # fmt: skip
PRICES_FR = ("2,79 €", "3,20 €", "3,49 €", "3,95 €", "4,10 €", "4,60 €", "5,25 €")
PRICES_EN = ("£2.60", "£3.10", "£3.75", "£4.20", "€3.90", "€4.50")
TAILS_FR = (
    "", "", "", "", "", " Voilà.", " #goûter", " #gourmandise", " Bonne journée !",
    " On en parle ?", " ☕", " 🥐", " À suivre.", " #petitdej", " Je dis ça.",
)  # fmt: skip
TAILS_EN = ("", "", "", "", " Just saying.", " #breakfast", " ☕", " #foodie", " More soon.")

FIRST_NAMES = (
    "lea", "hugo", "manon", "yanis", "chloe", "karim", "ines", "paul", "fatou", "louis", "camille",
    "nadia", "theo", "solene", "mehdi", "jeanne", "bruno", "aicha", "gael", "lucie", "marius",
    "odile", "ravi", "sabine", "tom", "ursule", "vera", "wassim", "yvonne", "zoe",
)  # fmt: skip
NICKNAMES = (
    "dupetitmatin", "enterrasse", "duquai", "avelo", "lagourmande", "sanspapier", "dufond",
    "endeux", "bavarde", "surlefil", "delouest", "dunord", "enretard", "auxfourneaux",
    "desbois", "quilit", "papote", "lecture",
)  # fmt: skip
