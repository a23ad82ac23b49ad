"""What is said when in the demo: pure, and the same for the same day.

Each day is drawn from its own seed, so that a day can be told again without the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.demo import cast, texts_en, texts_fr
from app.demo.cast import BRANDS, BrandCast, SourceCast

ZONE = ZoneInfo("Europe/Paris")
SEED = "tourvanelle"
FULL_DAYS, FULL_PER_DAY = 90, 75
_CRISIS_HOURS = 96
_CRISIS_POSTS = 20.0
"""Crisis posts in its first hour, as a share of a full day's `per_day`: 20 / 75."""

# Posts by local hour: people at meals and in the evening, newsrooms in the morning.
_PEOPLE = (1, 0.5, 0.3, 0.2, 0.2, 0.5, 2, 5, 7, 6, 5, 6, 8, 7, 5, 5, 6, 8, 9, 9, 10, 9, 6, 3)
_NEWS = (0.2, 0, 0, 0, 0.5, 3, 8, 10, 9, 8, 7, 6, 4, 4, 5, 6, 6, 5, 4, 2, 1, 1, 0.5, 0.2)
# Monday to Sunday: brioche is talked of when it is eaten.
_WEEK = (0.88, 0.84, 0.92, 0.9, 1.0, 1.22, 1.24)
_NEWS_WEEK = (1.2, 1.2, 1.1, 1.15, 1.1, 0.6, 0.4)
_VOICES = (
    ("social", 0.40), ("comments", 0.15), ("reviews", 0.14), ("forum", 0.07), ("press", 0.06),
    ("world", 0.03), ("sites", 0.02), ("noise", 0.13),
)  # fmt: skip
_LOOKS = ((8, 0), (13, 0), (19, 30))
_QUICK = frozenset({"social", "press"})
_ENGLISH = {"social": 0.2, "comments": 0.22, "reviews": 0.2, "forum": 0.14}


class Post(NamedTuple):
    """One thing said. source: a key of `cast.SOURCES`; at: when, UTC."""

    source: str
    id: str
    at: datetime
    url: str
    title: str
    text: str
    author: str
    author_id: str
    followers: int | None
    kind: str
    metrics: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens when. Days are local dates."""

    end: datetime
    days: int
    per_day: int
    crisis_at: datetime
    campaign: tuple[date, date]
    launch: date
    blind: date

    @property
    def start(self) -> datetime:
        """The first local midnight."""
        return midnight(self.today - timedelta(days=self.days - 1))

    @property
    def today(self) -> date:
        return self.end.astimezone(ZONE).date()

    @property
    def crowd(self) -> int:
        """Mentions of the own brand in an hour that are out of the ordinary."""
        return max(4, round(self.per_day * 0.24))

    def is_blind(self, source: str, at: datetime) -> bool:
        return source == cast.BLIND and at.astimezone(ZONE).date() == self.blind


def make_plan(now: datetime, *, days: int = FULL_DAYS, per_day: int = FULL_PER_DAY) -> Plan:
    """The demo that ends now. days: at least 8; per_day: everyday posts of a mean day."""
    if days < 8:
        raise ValueError("the demo needs eight days for all that happens in it")
    today = now.astimezone(ZONE).date()

    def ago(most: int, part: float) -> date:
        return today - timedelta(days=min(most, math.ceil(days * part)))

    begins = ago(45, 0.85)
    lasts = timedelta(days=min(14, days // 4) - 1)
    return Plan(
        end=now, days=days, per_day=per_day,
        crisis_at=datetime.combine(ago(21, 0.6), time(14, 3), ZONE).astimezone(UTC),
        campaign=(begins, begins + lasts), launch=ago(8, 0.25), blind=ago(12, 0.4),
    )  # fmt: skip


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def looks(plan: Plan) -> list[datetime]:
    """When the virtual service looks: a few times a day, every quarter where it burns."""
    found = {plan.end}
    for number in range(plan.days):
        day = plan.today - timedelta(days=plan.days - 1 - number)
        for hour, minute in _LOOKS:
            found.add(datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC))
    first = plan.crisis_at.replace(minute=0)
    found |= {first + timedelta(minutes=15 * n) for n in range(1, 9)}
    found |= {first + timedelta(hours=n) for n in range(2, 10)}
    found |= {plan.end - timedelta(hours=n) for n in range(5)}
    return sorted(at for at in found if plan.start < at <= plan.end)


def is_read(plan: Plan, source: str, look: datetime) -> bool:
    """Whether a source is read at this look: the quiet ones twice a day are enough."""
    at = look.astimezone(ZONE)
    return source in _QUICK or look == plan.end or (at.hour, at.minute) in ((8, 0), (19, 30))


def posts_of(plan: Plan, day: date) -> list[Post]:
    """Everything said on a local day, in order; nothing after the end."""
    number = plan.days - 1 - (plan.today - day).days
    draw = Random(f"{SEED}:{number}")  # noqa: S311 - makes up talk, guards nothing
    pen = _Pen(plan, day, draw)
    _everyday(pen)
    if plan.campaign[0] <= day <= plan.campaign[1]:
        _campaign(pen)
    if 0 <= (day - plan.launch).days < 5:
        _launch(pen, (day - plan.launch).days)
    _crisis(pen)
    return sorted((one for one in pen.posts if one.at <= plan.end), key=lambda one: one.at)


@dataclass(slots=True)
class _Pen:
    """Writes the posts of one day."""

    plan: Plan
    day: date
    draw: Random
    posts: list[Post] = field(default_factory=list)

    @property
    def scale(self) -> float:
        return self.plan.per_day / FULL_PER_DAY

    def at(self, hours: Sequence[float]) -> datetime:
        """A moment of the day by its rhythm. In spring an hour that is skipped is the next."""
        [hour] = self.draw.choices(range(24), hours)
        minute, second = self.draw.randrange(60), self.draw.randrange(60)
        return datetime.combine(self.day, time(hour, minute, second), ZONE).astimezone(UTC)

    def several(self, mean: float) -> int:
        """A count around the mean, as unruly as people are."""
        return max(0, round(self.draw.gauss(mean, math.sqrt(max(mean, 0.01)))))

    def fill(self, template: str, brand: str, *, english: bool) -> str:
        draw = self.draw
        product = draw.choice(cast.PRODUCTS_EN if english else cast.PRODUCTS_FR)
        other = draw.choice([one.name for one in BRANDS if one.name != brand])
        return template.format(
            b=brand, x=other, p=product, P=product[0].upper() + product[1:],
            s=draw.choice(cast.SHOPS_EN if english else cast.SHOPS_FR), c=draw.choice(cast.TOWNS),
            eur=draw.choice(cast.PRICES_EN if english else cast.PRICES_FR), n=draw.randint(2, 6),
        )  # fmt: skip

    def says(
        self, source: str, template: str, brand: str, at: datetime, *, english: bool = False,
        tail: bool = False,
    ) -> None:  # fmt: skip
        """Somebody says something somewhere."""
        text = self.fill(template, brand, english=english)
        if tail:
            text += self.draw.choice(cast.TAILS_EN if english else cast.TAILS_FR)
        place = _PLACES[source]
        name, followers = _somebody(self.draw, place)
        self.add(place, self.draw.choice(place.hosts), "", text, at, (name, followers))

    def own(self, brand: BrandCast, template: str, at: datetime) -> None:
        """The brand itself speaks, under its handle or on its site."""
        text = self.fill(template, brand.name, english=False)
        if self.draw.random() < 0.75:
            place = _PLACES["social"]
            tagged = f"{text} #{brand.name}"
            self.add(place, place.hosts[0], "", tagged, at, (brand.handle, 48_000))
        else:
            title = f"{brand.name} : des nouvelles du fournil"
            self.add(_PLACES["sites"], f"blog.{brand.domain}", title, text, at, (brand.name, None))

    def article(
        self, source: str, pair: tuple[str, str], brand: str, at: datetime, *, most_copies: int = 4
    ) -> None:
        """An article, and the papers that print the same words within hours."""
        english = source == "world"
        place = _PLACES[source]
        [copies] = self.draw.choices(range(1, most_copies + 1), _COPIES[:most_copies])
        state = self.draw.getstate()
        title = self.fill(pair[0], brand, english=english)
        self.draw.setstate(state)  # the body speaks of the same town and rival
        text = self.fill(pair[1], brand, english=english)
        for host in self.draw.sample(place.hosts, min(copies, len(place.hosts))):
            paper = host.partition(".")[0].replace("-", " ").capitalize()
            self.add(place, host, title, text, at, (paper, None))
            at += timedelta(minutes=self.draw.randint(9, 95))

    def add(
        self, place: SourceCast, host: str, title: str, text: str, at: datetime,
        author: tuple[str, int | None],
    ) -> None:  # fmt: skip
        name, followers = author
        own = f"demo-{self.day:%y%m%d}-{len(self.posts)}"
        handle = name if place.kind == "article" else name.replace(" ", "").lower()
        path = f"@{handle}/{own}" if place.key == "social" else f"{place.kind}s/{own}"
        self.posts.append(
            Post(
                place.key, own, at, f"https://{host}/{path}", title, text, name,
                f"demo-{handle}@{host}", followers, place.kind,
                _metrics(self.draw, place.kind, followers),
            )
        )  # fmt: skip


_PLACES = {place.key: place for place in cast.SOURCES}
_COPIES = (0.5, 0.22, 0.16, 0.12)


def _somebody(draw: Random, place: SourceCast) -> tuple[str, int | None]:
    """An author: a few write often, most once in a while. The name fixes the followers."""
    pool = 380 if place.key == "social" else 140
    number = int(pool * draw.random() ** 2.4)
    who = Random(f"{place.key}:{number}")  # noqa: S311 - makes up people
    name = who.choice(cast.FIRST_NAMES) + who.choice(cast.NICKNAMES)
    name += str(number) if number and who.random() < 0.6 else ""
    if place.kind == "review":
        return name, None
    return name, int(who.lognormvariate(place.base_followers, 1.6))


def _metrics(draw: Random, kind: str, followers: int | None) -> dict[str, int]:
    """Engagement with a heavy tail: most posts have little, a few have nearly everything."""
    reach = 1.0 + math.log10((followers or 20) + 1) if followers is not None else 1.2
    likes = min(int((draw.paretovariate(0.95) - 1) * reach), 40_000)
    if kind == "review":
        return {"likes": min(likes, 60)}
    if kind == "article":
        return {"comments": min(likes // 2, 900), "views": 200 + likes * 61}
    shared = min(int((draw.paretovariate(1.25) - 1) * reach * 0.6), 9_000)
    return {"likes": likes, "reposts": shared, "replies": min(likes // 6 + shared // 9, 3_000)}


def _everyday(pen: _Pen) -> None:
    """The ordinary talk of the day."""
    week, swell = _WEEK[pen.day.weekday()], 1 + 0.06 * math.sin(pen.day.toordinal() / 9)
    for voice, share in _VOICES:
        rhythm = _NEWS_WEEK[pen.day.weekday()] if voice in ("press", "world") else week
        for _ in range(pen.several(pen.plan.per_day * share * rhythm * swell)):
            _TELL.get(voice, _chat)(pen, voice)


def _chat(pen: _Pen, voice: str) -> None:
    draw = pen.draw
    english = draw.random() < _ENGLISH[voice]
    at = pen.at(_PEOPLE)
    if voice == "social" and draw.random() < 0.09:
        market = (texts_en if english else texts_fr).POSTS["market"]
        pen.says(voice, draw.choice(market), cast.OWN, at, english=english, tail=True)
        return
    [brand] = draw.choices(BRANDS, [one.share for one in BRANDS])
    mood = _mood(pen, brand)
    if mood == "after":
        pen.says("social", draw.choice(texts_fr.CRISIS_AFTER), brand.name, at)
        return
    texts = _TEXTS[english][voice][mood]
    pen.says(voice, draw.choice(texts), brand.name, at, english=english, tail=voice != "reviews")


def _mood(pen: _Pen, brand: BrandCast) -> str:
    praised, blamed, roll = brand.praised, brand.blamed, pen.draw.random()
    since = (pen.day - pen.plan.crisis_at.astimezone(ZONE).date()).days
    if brand.name == cast.OWN and 1 <= since <= 12:
        if since >= 3 and roll > 0.86:
            return "after"
        praised, blamed = praised * 0.55, blamed * 1.9
    if roll < praised:
        return "good"
    return "bad" if roll < praised + blamed else "plain"


def _report(pen: _Pen, voice: str) -> None:
    texts = texts_en if voice == "world" else texts_fr
    at = pen.at(_NEWS)
    if pen.draw.random() < 0.18:
        pen.article(voice, pen.draw.choice(texts.MARKET_ARTICLES), cast.OWN, at)
        return
    [brand] = pen.draw.choices(BRANDS, [one.share for one in BRANDS])
    pen.article(voice, pen.draw.choice(texts.ARTICLES), brand.name, at)


def _speak(pen: _Pen, voice: str) -> None:
    brand = pen.draw.choice(BRANDS)
    pen.own(brand, pen.draw.choice(texts_fr.OWN), pen.at(_NEWS))


def _babble(pen: _Pen, voice: str) -> None:
    """What every net catches besides: it matches nobody."""
    english = pen.draw.random() < 0.2
    texts = texts_en.NOISE if english else texts_fr.NOISE
    source = pen.draw.choice(("social", "social", "social", "forum", "comments"))
    pen.says(source, pen.draw.choice(texts), cast.OWN, pen.at(_PEOPLE), english=english)


_TELL: Mapping[str, Callable[[_Pen, str], None]] = {
    "press": _report, "world": _report, "sites": _speak, "noise": _babble,
}  # fmt: skip
_TEXTS: Mapping[bool, Mapping[str, Mapping[str, Sequence[str]]]] = {
    False: {"social": texts_fr.POSTS, "comments": texts_fr.COMMENTS,
            "reviews": texts_fr.REVIEWS, "forum": texts_fr.FORUM},
    True: {"social": texts_en.POSTS, "comments": texts_en.COMMENTS,
           "reviews": texts_en.REVIEWS, "forum": texts_en.FORUM},
}  # fmt: skip


def _campaign(pen: _Pen) -> None:
    """Two weeks of a good idea: strong at the start, a second wind in the middle."""
    number = (pen.day - pen.plan.campaign[0]).days
    wave = 46 * math.exp(-number / 9) + (18 if number in (7, 8) else 0)
    own = BRANDS[0]
    if number % 2 == 0:
        pen.own(own, texts_fr.OWN_CAMPAIGN[number // 2 % 3], pen.at(_NEWS))
    for _ in range(pen.several(wave * pen.scale)):
        pen.says("social", pen.draw.choice(texts_fr.CAMPAIGN), own.name, pen.at(_PEOPLE), tail=True)


def _launch(pen: _Pen, number: int) -> None:
    """A competitor's new product: press first, people after."""
    if number < 2:
        pen.article("press", texts_fr.LAUNCH_PRESS[number], cast.LAUNCHER, pen.at(_NEWS))
        pen.article("world", texts_en.LAUNCH_PRESS[0], cast.LAUNCHER, pen.at(_NEWS), most_copies=2)
    for _ in range(pen.several((58, 47, 30, 19, 9)[number] * pen.scale)):
        english = pen.draw.random() < 0.2
        texts = texts_en.LAUNCH if english else texts_fr.LAUNCH
        pen.says(
            "social", pen.draw.choice(texts), cast.LAUNCHER, pen.at(_PEOPLE),
            english=english, tail=True,
        )  # fmt: skip


def _crisis(pen: _Pen) -> None:
    """A recall: nothing, then everybody; four days until the papers have something else."""
    onset, begin = pen.plan.crisis_at, midnight(pen.day)
    end = midnight(pen.day + timedelta(days=1))
    for number in range(_CRISIS_HOURS):
        hour = onset + timedelta(hours=number)
        if begin <= hour < end:
            for _ in range(pen.several(_heat(number, hour) * _CRISIS_POSTS * pen.scale)):
                at = hour + timedelta(seconds=pen.draw.randrange(3_600 if number else 2_900))
                _outcry(pen, at)
            _headlines(pen, number, hour)
    _answers(pen, (pen.day - onset.astimezone(ZONE).date()).days)


def _heat(number: int, hour: datetime) -> float:
    """How loud an hour of the crisis is, its first being 1.6 at least: people sleep in between."""
    awake = _PEOPLE[hour.astimezone(ZONE).hour] / 8
    burst = 2.6 * math.exp(-((number - 2) ** 2) / 18) if number < 12 else 0.0
    floor = 1.6 if number == 0 else 0.0
    return max(floor, awake * (burst + 1.5 * math.exp(-number / 30)))


def _outcry(pen: _Pen, at: datetime) -> None:
    english = pen.draw.random() < 0.16
    texts = texts_en.CRISIS if english else texts_fr.CRISIS
    [source] = pen.draw.choices(("social", "comments", "forum"), (0.8, 0.13, 0.07))
    pen.says(source, pen.draw.choice(texts), cast.OWN, at, english=english)


def _headlines(pen: _Pen, number: int, hour: datetime) -> None:
    """The press follows, and copies."""
    told = {1: 0, 3: 1, 7: 2, 20: 3, 26: 4, 44: 5}.get(number)
    if told is not None:
        pen.article("press", texts_fr.CRISIS_PRESS[told], cast.OWN, hour + timedelta(minutes=11))
    if number in (5, 22):
        pair = texts_en.CRISIS_PRESS[number > 5]
        pen.article("world", pair, cast.OWN, hour + timedelta(minutes=17), most_copies=3)


def _answers(pen: _Pen, number: int) -> None:
    """What the brand says itself: late, then better."""
    if 0 <= number < len(texts_fr.OWN_CRISIS):
        at = datetime.combine(pen.day, time(18, 20), ZONE).astimezone(UTC)
        pen.own(BRANDS[0], texts_fr.OWN_CRISIS[number], at)
