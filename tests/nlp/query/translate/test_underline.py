"""What differs is underlined under its line and explained below it, safely."""

from __future__ import annotations

from nlp.query.translate import Issue, Said, Translation, translate, underlined

WHY = Said("Parce que.", "Because.")


def _made(*parts: Issue) -> Translation:
    return Translation("brandwatch", "a", parts, exact=False, because=WHY)


def test_each_part_is_underlined_under_its_own_line_and_explained_below_it() -> None:
    pasted = "(apple NEAR/30 juice)\nNOT authorGender:F"
    made = translate(pasted, "brandwatch")
    assert underlined(pasted, made, "en").splitlines() == [
        "(apple NEAR/30 juice)",
        "       ~~~~~~~",
        (
            "  narrowed: NEAR/30: Vigie counts 20 words at most; written with 20; the query will "
            "find less."
        ),
        "NOT authorGender:F",
        "    ~~~~~~~~~~~~~~",
        (
            "  dropped: authorGender:F: Vigie does not know the author's gender; the query will "
            "find more."
        ),
    ]


def test_it_speaks_french() -> None:
    shown = underlined("sncf AND authorGender:F", translate("sncf AND authorGender:F"), "fr")
    assert shown.splitlines()[2] == (
        "  retiré : authorGender:F : Vigie ne connaît pas le genre de l'auteur ; la requête "
        "trouvera plus."
    )


def test_the_same_thing_said_of_several_parts_stands_once() -> None:
    pasted = "vélo AND été AND blé"
    lines = underlined(pasted, translate(pasted, "brandwatch"), "en").splitlines()
    assert len(lines) == 3
    assert "vélo, été, blé" in lines[2]


def test_wide_and_combining_characters_keep_the_marks_in_their_columns() -> None:
    assert underlined("日本 e\u0301t b", _made(Issue(7, 8, "changed", "x.", "x.")), "en") == (
        "日本 e\u0301t b\n        ~\n  changed: b: x."
    )


def test_a_part_without_length_at_the_end_is_still_marked() -> None:
    made = translate("", "mention")
    assert underlined("", made, "en").splitlines()[1] == "~"


def test_hostile_text_can_neither_move_the_cursor_nor_turn_the_line() -> None:
    pasted = "a\x1b[2J \u202eb\u2028c\r\ud800 AND authorGender:\x07F"
    shown = underlined(pasted, translate(pasted, "brandwatch"), "en")
    assert not set(shown) & set("\x1b\u202e\u2028\r\ud800\x07")


def test_long_lines_are_cut_and_no_more_than_a_hundred_parts_are_told() -> None:
    pasted = " OR ".join(f"authorGender:F{n}" for n in range(150))
    lines = underlined(pasted, translate(pasted, "brandwatch"), "en").splitlines()
    assert all(len(line) <= 100 for line in lines if not line.startswith("  "))
    assert lines[-1] == "… and 50 more parts."
    # The reason is the same, so each cut line has one explanation.
    assert len(lines) < 100
