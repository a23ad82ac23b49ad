"""Feeds in and out, and posts pushed in, by commands."""

from __future__ import annotations

from pathlib import Path

from tests.support.cli import Vigie

OPML = """<opml version="2.0"><body><outline text="Presse">
<outline text="Un" xmlUrl="https://un.example/f"/><outline text="Deux" xmlUrl="https://2.example/f"/>
</outline><outline text="Encore" xmlUrl="https://un.example/f"/>{more}</body></opml>"""


def test_a_list_of_feeds_comes_in_goes_out_and_opens_again(watched: Vigie, tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(OPML.format(more='<outline text="Mauvais" xmlUrl="ftp://x.example/"/>'))
    read = watched("source", "import", str(path), "--json")
    assert (read.code, read.json["added"], read.json["duplicates"]) == (1, 2, 1)
    assert [one["name"] for one in read.json["refused"]] == ["Mauvais"]
    written = watched("source", "export", "--opml")
    assert 'text="Presse / Un"' in written.out
    path.write_text(written.out)
    again = watched("source", "import", str(path))
    assert again.code == 0
    assert watched("source", "export").out == written.out


def test_a_file_that_cannot_be_used_is_wrong_use(watched: Vigie, tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text("<rss/>")
    for wrong in (path, tmp_path / "none.opml", tmp_path):
        done = watched("source", "import", str(wrong))
        assert done.code == 2
        assert len(done.err.strip().splitlines()) == 1


def test_a_source_to_push_into_shows_its_secret_once(watched: Vigie) -> None:
    made = watched("source", "add", "webhook", "--name", "CRM", "--json").json
    assert made["push_to"].endswith(f"/api/v1/intake/{made['id']}")
    assert made["signing_secret"].startswith("whsec_")
    assert "whsec_" not in watched("source", "list", "--json").out
    changed = watched("source", "rotate-secret", "crm", "--json").json
    assert changed["signing_secret"] not in ("", made["signing_secret"])
    other = watched("source", "add", "webhook", "--name", "Other", "--json").json
    assert other["id"] != made["id"]
    assert watched("source", "poll", "CRM").code == 2
