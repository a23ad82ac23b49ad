"""The bench of feeds prints what it measured, and its feeds are what it says."""

from __future__ import annotations

from bench.feedhost import ENTRIES, feed
from bench.feeds import report
from collectors.rss.feedfile import read_feed
from collectors.rss.quick import read_plain_rss


def test_its_feeds_are_plain_and_each_round_is_all_new() -> None:
    rounds = [read_feed(feed(3, turn)) for turn in (0, 1)]
    assert [len(one.items) for one in rounds] == [ENTRIES, ENTRIES]
    ids = [{item.external_id for item in one.items} for one in rounds]
    assert ids[0].isdisjoint(ids[1])
    assert read_plain_rss(feed(3, 0), url="") == rounds[0]


def test_ratios_are_the_peers_seconds_over_ours_and_an_absent_peer_is_named() -> None:
    lines: list[str] = []
    ours = {
        "asking": {"unchanged": 1.0},
        "vigie": {"first": 4.0, "unchanged": 2.0, "changed": 5.0},
        "reader": {"first": 9.0, "unchanged": 3.0, "changed": 20.0},
    }
    report(ours, lines.append)
    assert (
        "against reader: unchanged 3.00 x (asking), 1.50 x (whole service); changed 4.00 x" in lines
    )
    assert "newsboat: not installed, no ratio" in lines
