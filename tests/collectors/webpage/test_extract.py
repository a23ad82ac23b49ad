"""A page becomes lines that keep its structure, whatever its markup."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import NeedsAttention
from collectors.webpage.extract import Looking, Reading, read_page


def read(body: str, content_type: str = "text/html", **looking: object) -> Reading:
    return read_page(body.encode("utf-8", "surrogatepass"), content_type, Looking(**looking))  # type: ignore[arg-type]


def lines(body: str, **looking: object) -> list[str]:
    return list(read(body, **looking).lines)


def test_headings_items_and_rows_are_lines() -> None:
    page = (
        "<h1>Nos <em>tarifs</em></h1><p>U<code>n</code><br>deux</p>"
        "<ul><li><p>Support</p></li><li>API</ul>"
        "<table><tr><th>Plan<th>Prix<tr><td>Pro<td><div>29</div><div>€</div></table><dl><dt>Q<dd>R</dl>"
    )
    assert lines(page) == [
        "# Nos tarifs",
        "Un",
        "deux",
        "- Support",
        "- API",
        "| Plan | Prix",
        "| Pro | 29 €",
        "- Q",
        "- R",
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "<nav>Menu</nav>",
        "<footer>© 2026</footer>",
        "<aside>Lire aussi</aside>",
        "<script>var a = '<p>x</p>'</script><style>p{}</style><noscript>no</noscript>",
        "<div id='cookie-banner'>Nous utilisons des cookies</div>",
        "<div class='newsletter box'>Inscrivez-vous</div>",
        "<div role='dialog'>Bienvenue</div>",
        "<div hidden>Caché</div><div style='display: none'>Caché</div>",
        "<p aria-hidden='true'>★★★</p>",
        "<header><a href='/'>Logo</a></header>",
        "<select><option>FR</option></select><button>OK</button>",
        "<!-- un commentaire -->",
        "<div class='testimonials'><p>Génial</p></div>",
    ],
)
def test_what_frames_a_page_is_left_out(frame: str) -> None:
    assert lines(f"<body>{frame}<main><p>Le texte.</p></main>{frame}</body>") == ["Le texte."]


def test_a_page_about_cookies_is_read() -> None:
    page = "<body><div class='cookie-policy'><h1>Cookies</h1><p>Deux ou trois.</p></div></body>"
    assert lines(page) == ["# Cookies", "Deux ou trois."]


def test_the_heading_in_a_page_head_is_kept_and_text_behind_a_dropped_part_too() -> None:
    page = (
        "<body><header><nav>x</nav><h1>Tarifs</h1></header><p>Un <select></select> deux</p></body>"
    )
    assert lines(page) == ["# Tarifs", "Un deux"]


def test_prices_in_pieces_are_put_together() -> None:
    page = "<p><b>29</b><sup>90</sup><b>&nbsp;€</b> <del>39 €</del></p><p>x<sup>2</sup></p>"
    assert lines(page) == ["29,90 €", "x2"]


def test_the_lines_of_preformatted_text_are_lines() -> None:
    assert lines("<pre>v1.2\n  * <b>one\ntwo</b>\n\n</pre><p>a\nb</p>") == [
        "v1.2",
        "* one",
        "two",
        "a b",
    ]


def test_a_selector_chooses_and_ignored_parts_go() -> None:
    page = (
        "<div class='a'><p>Pro</p><i class='ad'>Pub</i></div><p>Autre</p><div class='a'>Team</div>"
    )
    assert lines(page, selector=".a", ignore=(".ad",)) == ["Pro", "Team"]
    assert not read(page, selector=".nothing").found


def test_a_wrong_selector_asks_for_attention() -> None:
    with pytest.raises(NeedsAttention, match="selector"):
        read("<p>x</p>", selector="p:nope")


def test_lines_with_ignored_words_go() -> None:
    page = "<p>Offre valable jusqu'au 3 mars</p><p>Offre valable</p><p>Stock : 3</p>"
    assert lines(page, words=("offre * jusqu'au *", "STOCK", "*")) == ["Offre valable"]


def test_the_main_part_is_found_once_and_found_again() -> None:
    text = "<p>Le client dispose d'un délai de trente jours pour payer sa facture, puis de dix.</p>"
    side = "<div class='side'><p>Lire aussi</p><p>Nos offres</p></div>"
    page = f"<body><div>{side}<div class='terms'><h1>CGV</h1>{text * 6}</div></div></body>"
    first = read(page, article=True)
    assert first.part == '//div[@class="terms"]'
    assert first.lines[0] == "# CGV"
    assert "Lire aussi" not in first.lines
    moved = f"<body><div>Nouveau</div><div class='terms'><p>Court.</p></div>{side}</body>"
    assert lines(moved, article=True, part=first.part) == ["Court."]
    elsewhere = read("<body><p>Rien de tel ici.</p></body>", article=True, part=first.part)
    assert elsewhere.lines == ("Rien de tel ici.",)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>café</p>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ("<meta charset='windows-1252'><p>café</p>".encode("cp1252"), "text/html"),
        ("<p>café</p>".encode("utf-8-sig"), "text/html"),
        ("<p>cafe\u0301</p>".encode(), "text/html; charset=utf-7"),
        ("<?xml version='1.0' encoding='utf-16'?><p>café</p>".encode(), "application/xhtml+xml"),
        ("café\n".encode(), "text/plain"),
    ],
)
def test_letters_are_read_by_the_encoding_that_is_named(body: bytes, content_type: str) -> None:
    assert read_page(body, content_type, Looking()).lines == ("café",)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "\x00",
        "<",
        "<!--",
        "<![CDATA[",
        "<body",
        "{}",
        "\ud800<p>x",
        "<frameset>",
        "&#0;&#x110000;",
    ],
)
def test_odd_pages_are_read_without_a_crash(body: str) -> None:
    for article in (False, True):
        assert read(body, article=article).title == ""


@given(st.text(alphabet=st.sampled_from('<>/="&;# \npdivtrullihsa1é€\u202e\U0001f600')))
@settings(deadline=None, max_examples=60)
def test_any_markup_is_read(body: str) -> None:
    for line in read(body, article=True).lines:
        assert line == line.strip()


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 40_000,
        "<table><tr><td>" * 10_000,
        "<p>x" * 50_000,
        "<a href='" * 20_000,
        "<div class='cookie'>" * 20_000 + "x",
        "&lt;" * 60_000,
        "<ul><li>" * 10_000 + "a",
        "<!--" * 50_000,
        "<h1>" * 30_000 + "x",
        "x" * 1_000_000,
    ],
)
def test_hostile_pages_are_read_in_bounded_time(body: str) -> None:
    started = time.process_time()
    read(body, article=True)
    assert time.process_time() - started < 15


def test_a_very_long_page_is_cut_and_says_so() -> None:
    reading = read("".join(f"<p>Ligne {n}</p>" for n in range(4_000)))
    assert reading.cut
    assert len(reading.lines) == 3_000
