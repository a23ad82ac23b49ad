"""Read every feed of a corpus and compare titles, links and ids with what the corpus states.

    python scripts/feed_corpus.py [FOLDER]      (default: ../shared/data/feeds)

Oracles: the `Expect:` line of feedparser's files (literals for title, link and id), the `X.json`
beside gofeed's `X.xml`, and the source items of rss-bridge's renderings. Prints compared / right /
skipped by reason, each difference, and the slowest file. Exit 1 when a difference or a crash was
found.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collectors.errors import BadPayload
from collectors.rss.feed import Feed
from collectors.rss.feedfile import read_feed

BASE = "http://127.0.0.1:8097/tests/"
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_EXPECT = re.compile(r"Expect:\s*(.*?)\s*\Z", re.DOTALL)
_HEADER = re.compile(r"^\s*Header:\s*([\w-]+):\s*(.*?)\s*$", re.MULTILINE)
_MARKUP = re.compile(r"<[^>]*>|&#?\w+;")
_NAMES = {"title": "title", "link": "url", "href": "url", "id": "id", "guid": "id"}


@dataclass
class Tally:
    compared: int = 0
    right: int = 0
    files: int = 0
    not_feeds: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


@dataclass(frozen=True)
class Stated:
    """One literal of the corpus. entry: index, or None for the feed itself."""

    entry: int | None
    name: str
    value: str


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/data/feeds"))
    folder = parser.parse_args().folder
    if not folder.is_dir():
        print(f"skipped: {folder} is not there")
        return 0
    tally = Tally()
    for path in feed_files(folder):
        examine(path, tally)
    report(tally)
    return 1 if tally.wrong else 0


def feed_files(folder: Path) -> Iterator[Path]:
    """All but OPML lists, HTML pages, the README, answers, and renderings that are no feeds."""
    for path in sorted(folder.rglob("*")):
        answers = path.parent.name == "gofeed" and path.suffix == ".json"
        if "rss-bridge" in path.parts and not re.search("expected(Atom|Mrss|Json)", str(path)):
            continue
        other = path.suffix in (".opml", ".html", ".md")
        if path.is_file() and not answers and not other:
            yield path


def examine(path: Path, tally: Tally) -> None:
    data = path.read_bytes()
    comment = _comment(data)
    headers = {name.lower(): value for name, value in _HEADER.findall(comment)}
    tally.files += 1
    began = time.perf_counter()
    feed = _read(path, data, headers, tally)
    tally.slowest = max(tally.slowest, (time.perf_counter() - began, path.name))
    for stated in _stated(path, comment, tally):
        judge(path, feed, stated, tally)


def _read(path: Path, data: bytes, headers: dict[str, str], tally: Tally) -> Feed | None:
    try:
        return read_feed(
            data,
            url=BASE + path.name,
            content_type=headers.get("content-type", ""),
            content_location=headers.get("content-location", ""),
        )
    except BadPayload as error:
        tally.not_feeds.append(f"{path.parent.name}/{path.name}: {error}")
    except Exception as error:  # the very thing this script looks for
        tally.wrong.append(f"{path.name}: CRASH {type(error).__name__}: {error}")
    return None


def judge(path: Path, feed: Feed | None, stated: Stated, tally: Tally) -> None:
    if _MARKUP.search(stated.value):
        tally.skipped["the literal holds markup"] += 1
        return
    if stated.entry is None and stated.name == "id":
        tally.skipped["a feed's own id is not kept"] += 1
        return
    tally.compared += 1
    ours = _ours(feed, stated)
    if ours == stated.value:
        tally.right += 1
    else:
        where = "feed" if stated.entry is None else f"entry {stated.entry}"
        tally.wrong.append(f"{path.name}: {where} {stated.name}: {stated.value!r}, ours {ours!r}")


def _ours(feed: Feed | None, stated: Stated) -> str | None:
    if feed is None:
        return None
    if stated.entry is None:
        return {"title": feed.title, "url": feed.url}[stated.name]
    if stated.entry >= len(feed.items):
        return None
    item = feed.items[stated.entry]
    return {"title": item.title, "url": item.url, "id": item.external_id}[stated.name]


def _stated(path: Path, comment: str, tally: Tally) -> Iterator[Stated]:
    if path.parent.name == "feedparser":
        yield from _expected(comment, tally)
    answer = path.with_suffix(".json")
    if path.parent.name == "gofeed" and path.suffix != ".json" and answer.exists():
        yield from _answered(json.loads(answer.read_text()))
    if "rss-bridge" in path.parts:
        yield from _rendered(path)


def _rendered(path: Path) -> Iterator[Stated]:
    """Titles and links of the items that a rendering was made of; its ids are the renderer's."""
    folder = next(parent for parent in path.parents if parent.name == "rss-bridge")
    stem = path.stem.rsplit("__", 1)[-1]
    for source in folder.rglob(f"*{stem}.json"):
        if "expected" in str(source.relative_to(folder)):
            continue
        items = json.loads(source.read_text()).get("items", [])
        for index, item in enumerate(items):
            for name, key in (("title", "title"), ("url", "uri")):
                if isinstance(item.get(key), str) and item[key]:
                    yield Stated(index, name, item[key])


def _comment(data: bytes) -> str:
    for encoding in ("utf-8", "utf-16", "utf-32", "utf-32-le", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        found = _COMMENT.search(text)
        if found:
            return found[1]
    return ""


def _expected(comment: str, tally: Tally) -> Iterator[Stated]:
    found = _EXPECT.search(comment)
    if not found:
        tally.skipped["feedparser file without Expect"] += 1
        return
    seen = list(_literals(ast.parse(found[1].strip(), mode="eval")))
    if not seen:
        tally.skipped["Expect names no title, link or id"] += 1
    yield from seen


def _literals(tree: ast.AST) -> Iterator[Stated]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not all(isinstance(op, ast.Eq) for op in node.ops):
            continue
        value = node.comparators[-1]
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        for side in (node.left, *node.comparators[:-1]):
            stated = _named(_path(side), value.value)
            if stated:
                yield stated


def _path(node: ast.AST) -> tuple[str | int, ...]:
    """`entries[0]['links'][0].href` as ("entries", 0, "links", 0, "href")."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*_path(node.value), node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return (*_path(node.value), node.slice.value)
    return ()


def _named(path: tuple[str | int, ...], value: str) -> Stated | None:
    match path:
        case ("feed", str(name)) | ("feed", "links", 0, str(name)) if name in _NAMES:
            return Stated(None, _NAMES[name], value)
        case ("feed", "title_detail", "value"):
            return Stated(None, "title", value)
        case ("entries", int(index), "title_detail", "value"):
            return Stated(index, "title", value)
        case ("entries", int(index), str(name)) | (
            "entries",
            int(index),
            "links",
            0,
            str(name),
        ) if name in _NAMES:
            return Stated(index, _NAMES[name], value)
    return None


def _answered(answer: dict[str, object]) -> Iterator[Stated]:
    yield from _of(None, answer)
    entries = answer.get("items") or answer.get("entries")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        yield from _of(index, entry)


def _of(index: int | None, record: dict[str, object]) -> Iterator[Stated]:
    guid = record.get("guid") or record.get("id")
    links = record.get("links")
    first = links[0] if isinstance(links, list) and links else None
    link = record.get("link") or first
    for name, value in (("title", record.get("title")), ("url", link), ("id", guid)):
        literal = value.get("value") or value.get("href") if isinstance(value, dict) else value
        if isinstance(literal, str) and literal:
            yield Stated(index, name, literal)


def report(tally: Tally) -> None:
    print(f"{tally.files} files read; {len(tally.not_feeds)} are no feed:")
    for line in tally.not_feeds:
        print(f"  {line}")
    print(f"compared {tally.compared}, right {tally.right}")
    for reason, count in tally.skipped.most_common():
        print(f"  skipped {count}: {reason}")
    for line in tally.wrong:
        print(f"  DIFFERENT {line}")
    print(f"slowest: {tally.slowest[1]} {tally.slowest[0] * 1000:.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
