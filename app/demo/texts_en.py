"""What the English voices of the demo say. Same slots as in `texts_fr`, filled in English."""

# ruff: noqa: E501, ISC004 - a template is one line of speech; pairs are (title, body)

from __future__ import annotations

from collections.abc import Mapping, Sequence

POSTS: Mapping[str, Sequence[str]] = {
    "good": (
        "Found {b} at the airport in {c}. I came for a flight and stayed for {p}. Wonderful.",
        "{P} by {b} is the best thing to happen to my breakfast this year. Love it.",
        "Brought {b} home from France. My family was polite for about ten seconds. Delicious!",
        "Honestly impressed: {b} answered in an hour and sent a replacement. Great service.",
        "Toasted {p} from {b} with salted butter. I have no further questions. Perfect.",
        "My French teacher rewarded us with {b}. Best lesson ever, thank you.",
        "{b} beats {x} in our very serious office tasting. Excellent, and gone by noon.",
        "A small, happy discovery in {c}: {p} by {b}. Soft, rich, lovely.",
        "The {b} gift box arrived in perfect shape. Beautiful, and the kids are delighted.",
        "Paper wrapping instead of plastic from {b}. Good idea, nicely done.",
    ),
    "bad": (
        "Paid {eur} for {p} by {b} and it was dry and sad. Very disappointed.",
        "{b} lost my order twice and support is useless. Terrible experience.",
        "What happened to {b}? It used to be good. Now it is awful, disgusting cardboard.",
        "The {b} app ate my voucher and crashed. I hate this.",
        "Stale again, {b}. That is {n} bad packets in a row. Never buying it again.",
        "Smaller packet, bigger price. {b}, this is a shameful, ugly trick.",
        "Someone at {b} thought a pan flute was good hold music. Forty horrible minutes.",
        "Too sweet, too greasy, too expensive. {b} is a bad, sad joke.",
    ),
    "plain": (
        "Does anybody know whether {b} ships to Dublin?",
        "{b} now has a shop in {c}, open on Sunday mornings.",
        "Is {p} by {b} made with milk or with water? The label is in French only.",
        "Comparing {b} and {x} for a school project on packaging.",
        "Saw a {b} van outside the town hall in {c}.",
        "{b} is on the shelf at the station kiosk, {eur} a piece.",
        "Our hotel in {c} serves {b} at breakfast, next to the toaster that needs two rounds.",
        "How do you pronounce {b}? Asking before I order.",
    ),
    "market": (
        "Brioche is having a moment in London cafés, and so is the price of butter.",
        "Tried to bake a brioche. It rose, then it judged me.",
        "Weekend project: brioche. Weekday project: eating brioche.",
    ),
}

REVIEWS: Mapping[str, Sequence[str]] = {
    "good": (
        "Exactly as pictured, fresh and well packed. Happy with {b}, will order again.",
        "Great value and a lovely buttery taste. The whole family enjoys {b}.",
        "Fast delivery to {c}, friendly note in the box. Excellent.",
        "Keeps well and tastes wonderful. {b} is our favourite.",
    ),
    "bad": (
        "Arrived crushed and nobody answers my complaint. Very bad service from {b}.",
        "Strange chemical taste, threw it away. {b} is a waste of money.",
        "Past its date on arrival. Unacceptable, {b}.",
        "Tiny portion for {eur}. I feel cheated by {b}.",
    ),
    "plain": (
        "Does what it says. {P} by {b} is fine for a quick breakfast.",
        "Delivered to the pick-up point in {c} on Tuesday.",
    ),
}

COMMENTS: Mapping[str, Sequence[str]] = {
    "good": (
        "The {b} part of the video made me so hungry. Great work!",
        "Tried it with {p} from {b}, came out beautifully.",
    ),
    "bad": (
        "Another video paid for by {b}. Boring and dishonest.",
        "{b} is overrated and greasy, worst pick of the list.",
    ),
    "plain": ("Is that {p} by {b} at 2:40?", "Would this work with {x} instead of {b}?"),
}

FORUM: Mapping[str, Sequence[str]] = {
    "good": (
        "Living in {c} for a year now: {b} is the one thing my visitors always ask for. Superb.",
    ),
    "bad": ("Expats beware: {b} charges for delivery, then cancels, then refunds late. Awful.",),
    "plain": ("Newcomer here. Where in {c} do you buy {b}, and is {x} any different?",),
}

ARTICLES: Sequence[tuple[str, str]] = (
    (
        "French baker {b} eyes British shelves",
        "{b} plans to enter the British market with its sliced range. Talks with two chains are "
        "under way, the company says.",
    ),
    (
        "{b} swaps plastic for paper",
        "The French group {b} will wrap its whole range in paper by the end of the year, after a "
        "trial in {c}.",
    ),
    (
        "Butter prices squeeze {b} and {x}",
        "Record butter prices weigh on the margins of {b} and {x}. Analysts expect smaller packets "
        "before higher prices.",
    ),
    (
        "Inside the 3 a.m. shift at {b}",
        "A night in the bakery of {b} in {c}, where part of the range is still shaped by hand.",
    ),
)

MARKET_ARTICLES: Sequence[tuple[str, str]] = (
    (
        "Brioche leads growth in packaged bakery",
        "Brioche is the fastest growing product in packaged bakery for the second year.",
    ),
)

CRISIS_PRESS: Sequence[tuple[str, str]] = (
    (
        "French brand {b} recalls brioche over metal fragments",
        "{b} is recalling a batch of braided brioche after customers found metal fragments. "
        "Shoppers are told not to eat it and to return it.",
    ),
    (
        "{b} recall: plant halted, customers angry",
        "Production at one line of {b} is suspended. Consumer groups blame the company for a slow and "
        "poor response.",
    ),
)

CRISIS: Sequence[str] = (
    "Metal in brioche. Metal. In brioche. {b}, this is disgusting and dangerous. #RappelBrioche",
    "We fed this {b} brioche to our kids yesterday. Scared and angry.",
    "The {b} recall line has been busy for hours. Terrible way to treat people.",
    "Awful handling by {b}. A crooked PDF is not an apology.",
    "Never buying {b} again after this recall. Horrible.",
)

LAUNCH: Sequence[str] = (
    "Tried the new {b} Nuage in {c}. Light as promised and really good. #NuageDeBrioche",
    "{b} Nuage: lovely, but I could eat the whole packet and still be hungry.",
)

LAUNCH_PRESS: Sequence[tuple[str, str]] = (
    (
        "{b} bets on air with its new brioche Nuage",
        "{b} says its new brioche is twice as light. Early sales are strong, and {x} is watching.",
    ),
)

NOISE: Sequence[str] = (
    "The 8:14 to {c} is now the 8:52 to {c}. We adapt.",
    "Looking for a quiet café in {c} with plugs and no opinions.",
    "My umbrella has left me for somebody on the bus.",
    "Anyone selling a used cello case? Mine has retired.",
    "Lost: one grey glove near the river in {c}. Its partner is not coping.",
)
