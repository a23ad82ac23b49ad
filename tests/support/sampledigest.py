"""A lifelike day for digest tests.

`python -m tests.support.sampledigest FOLDER` writes it as pages to look at.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.digests.facts import AlertLine, BrandLine, DayLine, Facts, GapLine, PostLine
from app.digests.render import render

DAY = "2026-11-22"


def sample() -> Facts:
    """A Sunday with a spike, a competitor that is louder than usual, and a deaf source."""
    return Facts(
        watchlist="Sport & plein air", watchlist_id="1", zone="Europe/Paris", day=DAY,
        brands=(
            _brand("Decathlon", "own", 1_342, 1_021, 1_187, (402, 395, 287, 258), owned=31),
            _brand("Intersport", "competitor", 611, 640, 598, (150, 271, 90, 100)),
            _brand("Go Sport", "competitor", 274, 120, 133, (40, 99, 110, 25)),
            _brand("Sport 2000", "competitor", 83, 83, 90, (20, 40, 10, 13)),
            _brand("Courir", "competitor", 12, 0, 8, (2, 8, 1, 1)),
            _brand("randonnée", "market", 2_904, 2_420, 2_877, (900, 1_204, 300, 500)),
        ),
        days=tuple(
            DayLine(day=f"2026-11-{15 + n}", n=value)
            for n, value in enumerate((1_187, 960, 870, 905, 0, 1_102, 1_021, 1_342))
        ),
        posts=(
            _post("Rappel de produit : Decathlon retire de la vente un siège vélo pour enfant "
                  "après plusieurs signalements de rupture de la coque", "negative", 4_812,
                  author="Le Parisien", source="Google Actualités", copies=14),
            _post("Franchement la nouvelle tente 2 secondes, montée sous la pluie en trois "
                  "minutes chrono. Bluffée 👏", "positive", 931, author="@lea_rando",
                  source="Mastodon #randonnée"),
            _post("Go Sport: la liquidation de douze magasins confirmée par le tribunal",
                  "negative", 688, brand="Go Sport", author="Les Échos", source="Les Échos",
                  copies=3),
            _post("Quelqu’un a réussi à se faire rembourser un retour par relais ? Trois "
                  "semaines que j’attends…", "negative", 57, author="Karim B.", source="r/velo"),
            _post("<script>alert(1)</script> Comparatif 2026 des chaussures de trail", "none", 12,
                  author="i-Trail", source="i-Trail"),
        ),
        alerts=(
            AlertLine(id="7", rule="Pic sur une heure", reason="count_over_threshold",
                      brand="", count=273, severity="warning", threshold=250,
                      opened_at=f"{DAY}T13:41:00+00:00", window_start=f"{DAY}T13:00:00+00:00",
                      window_end=f"{DAY}T14:00:00+00:00"),
            AlertLine(id="8", rule="Rappels de produit", reason="new_mention", brand="Decathlon",
                      count=14, severity="critical", opened_at=f"{DAY}T12:08:00+00:00"),
        ),
        alerts_more=0,
        gaps=(
            GapLine(source="Mastodon #intersport", start=f"{DAY}T08:00:00+00:00",
                    end=f"{DAY}T11:00:00+00:00", fr="la plateforme a refusé de répondre",
                    en="the platform refused to answer"),
            GapLine(source="Ouest-France", start="2026-11-21T23:00:00+00:00",
                    end=f"{DAY}T23:00:00+00:00", fr="source en pause", en="source paused"),
        ),
    )  # fmt: skip


def quiet() -> Facts:
    """A day on which nothing was said, all sources well."""
    brands = (_brand("Decathlon", "own", 0, 3, 0, (0, 0, 0, 0)),)
    days = tuple(DayLine(day=f"2026-11-{15 + n}", n=0) for n in range(8))
    return Facts(
        watchlist="Sport", watchlist_id="1", zone="Europe/Paris", day=DAY, brands=brands, days=days
    )


def _brand(
    name: str, kind: str, n: int, before: int, week: int, labels: tuple[int, int, int, int],
    owned: int = 0,
) -> BrandLine:  # fmt: skip
    named = dict(zip(("positive", "neutral", "negative", "none"), labels, strict=True))
    return BrandLine(
        name=name, kind=kind, n=n, day_before=before, week_before=week, owned=owned, labels=named
    )


def _post(
    text: str, label: str, engagement: int, *, author: str, source: str, brand: str = "Decathlon",
    copies: int = 1,
) -> PostLine:  # fmt: skip
    return PostLine(
        text=text, url="https://news.example/a?b=1&c=2", author=author, source=source, brand=brand,
        label=label, engagement=engagement, published_at=f"{DAY}T12:07:00+00:00", copies=copies,
    )  # fmt: skip


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for kind, facts in (("full", sample()), ("quiet", quiet())):
        for lang in ("fr", "en"):
            made = render(
                facts, lang=lang, public_url="https://vigie.example",
                unsubscribe_url="https://vigie.example/unsubscribe/abc",
            )  # fmt: skip
            (folder / f"{kind}-{lang}.html").write_text(made.html)
            (folder / f"{kind}-{lang}.txt").write_text(f"{made.subject}\n\n{made.text}")
