"""The mail as it is read: same facts in HTML and text, within what mail clients bear."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.deliveries.testing import HOSTILE
from app.digests.facts import Facts, from_json, to_json
from app.digests.render import MOST_BYTES, Rendered, lines, render, subject
from app.digests.words import catalogue
from tests.support.sampledigest import quiet, sample

LINK = "https://vigie.example/unsubscribe/abc"


def made(facts: Facts, lang: str = "fr") -> Rendered:
    return render(facts, lang=lang, public_url="https://vigie.example", unsubscribe_url=LINK)


class Reader(HTMLParser):
    """Collects what a page shows and what it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._hidden += tag in ("style", "title", "head")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def numbers(text: str) -> set[str]:
    found = re.findall(r"\d[\d\u202f,.:]*", re.sub(r"https?://\S+", "", text))
    return {number.rstrip(",.:\u202f") for number in found}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_text_holds_every_number_and_post_of_the_html(lang: str) -> None:
    rendered = made(sample(), lang)
    page = " ".join(read(rendered.html).words)
    assert numbers(page) <= numbers(rendered.text)
    for post in sample().posts:
        assert post.text in rendered.text
        assert post.url in rendered.text


@pytest.mark.parametrize("facts", [sample(), quiet()])
def test_a_mail_client_gets_nothing_it_drops_or_fears(facts: Facts) -> None:
    html = made(facts).html
    page = read(html)
    assert not page.tags & {"script", "svg", "img", "form", "iframe", "link", "video", "input"}
    assert not [a for a in page.attributes if a[0].startswith("on")]
    css = " ".join(value for name, value in page.attributes if name == "style")
    assert not re.search(r"url\(|position|flex|grid|@import|javascript", css)
    assert len(html.encode()) < MOST_BYTES
    assert '<meta charset="utf-8">' in html
    assert '<html lang="fr"' in html
    assert "prefers-color-scheme: dark" in html
    sizes = {int(s) for s in re.findall(r"font-size:\s*(\d+)px", css)}
    assert not {s for s in sizes if 1 < s < 14}


def test_hostile_text_is_shown_and_does_nothing() -> None:
    facts = sample()
    brand = replace(facts.brands[0], name=HOSTILE)
    post = replace(facts.posts[0], text=HOSTILE, author=HOSTILE, source=HOSTILE, brand=HOSTILE,
                   url="javascript:alert(1)")  # fmt: skip
    gap = replace(facts.gaps[0], source=HOSTILE)
    alert = replace(facts.alerts[0], rule=HOSTILE, brand=HOSTILE)
    evil = replace(facts, watchlist=HOSTILE, brands=(brand, *facts.brands[1:]), posts=(post,),
                   gaps=(gap,), alerts=(alert,))  # fmt: skip
    rendered = made(evil)
    page = read(rendered.html)
    assert "script" not in page.tags
    assert not [v for _, v in page.attributes if "javascript:" in v]
    for text in (rendered.html, rendered.text, rendered.subject):
        assert "\u202e" not in text
        assert "\x00" not in text
    assert "\n" not in rendered.subject
    assert "{{7*7}}" in rendered.text


def test_a_huge_day_stays_under_the_size_that_gmail_clips() -> None:
    facts = sample()
    brands = tuple(replace(facts.brands[1], name=f"Marque {n} " + "é" * 200) for n in range(60))
    huge = replace(
        facts, brands=brands, posts=(replace(facts.posts[0], text="é" * 60_000),) * 5,
        gaps=facts.gaps * 4, alerts=facts.alerts * 4,
    )  # fmt: skip
    rendered = made(huge)
    assert len(rendered.html.encode()) < MOST_BYTES
    assert "et 48 de plus" in rendered.text


def test_french_has_its_spaces_and_english_its_commas() -> None:
    french, english = made(sample(), "fr"), made(sample(), "en")
    assert (
        french.subject
        == "Sport & plein air\u00a0: 1\u202f342 mentions le 22\u00a0nov. (+31\u202f%)"
    )
    assert english.subject == "Sport & plein air: 1,342 mentions on 22\u00a0Nov (+31%)"
    assert "dimanche 22\u00a0novembre 2026" in french.text
    assert "«\u00a0Sport & plein air\u00a0»" in french.text
    assert "“Sport & plein air”" in english.text


def test_what_was_not_judged_stands_apart_from_neutral() -> None:
    text = made(sample()).text
    assert "395 neutre (29\u202f%)" in text
    assert "258 non évalué (19\u202f%)" in text


def test_a_blind_source_is_named_with_its_hours_and_reason() -> None:
    text = made(sample()).text
    assert (
        "Mastodon #intersport\u00a0: de 09:00 à 12:00, la plateforme a refusé de répondre" in text
    )
    assert "Ouest-France\u00a0: toute la journée, source en pause" in text


def test_a_quiet_day_says_so_and_names_who_was_deaf() -> None:
    calm = made(quiet())
    assert "journée calme" in calm.subject
    assert "Toutes les sources ont été écoutées" in calm.text
    deaf = made(replace(quiet(), gaps=sample().gaps))
    assert "des sources étaient aveugles" in deaf.text
    assert "Ouest-France" in deaf.text


def test_share_of_voice_leaves_out_markets_and_what_brands_say_of_themselves() -> None:
    facts = sample()
    own = facts.brands[0]
    earned = [b.n - b.owned for b in facts.brands if b.kind != "market"]
    assert facts.share_of(own) == pytest.approx((own.n - own.owned) / sum(earned))
    assert sum(facts.share_of(b) or 0 for b in facts.voices) == pytest.approx(1)


def test_a_channel_without_mail_gets_the_same_in_a_few_lines() -> None:
    told = "\n".join(lines(sample(), "fr"))
    for part in (
        "1\u202f342 mentions",
        "57\u202f%",
        "258 non évalué",
        "Pic sur une heure",
        "Ouest-France",
    ):
        assert part in told


def test_facts_survive_being_stored() -> None:
    assert from_json({**to_json(sample()), "of_2030": 1}) == sample()
    assert subject(from_json(to_json(quiet())), "en").startswith("Sport: a quiet day")


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    words = catalogue()
    assert words["fr"].keys() == words["en"].keys()
    for key, french in words["fr"].items():
        places = [sorted(re.findall(r"{(\w+)}", text)) for text in (french, words["en"][key])]
        assert places[0] == places[1], key
