"""Make a new collector that keeps the contract, to be changed into what its platform answers.

`scripts/new-collector shop` writes collectors/shop/, tests/collectors/cases/shop/,
tests/collectors/test_shop_contract.py and one line in pyproject.toml; nothing else is edited.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

COLLECTOR = '''
    """@Name@: what is read, and where the vendor documents it."""

    from __future__ import annotations

    from collections.abc import AsyncIterator, Mapping
    from datetime import UTC, datetime
    from typing import TYPE_CHECKING, Any, ClassVar

    from pydantic import Field

    from collectors.api import (
        Author,
        Capabilities,
        CollectorConfig,
        Cursor,
        Item,
        Listening,
        Narrowing,
        Page,
        Skipped,
    )
    from collectors.errors import BadPayload
    from collectors.jsontext import read_json
    from collectors.text import markup_text, scrub, web_url

    if TYPE_CHECKING:
        from collectors.http import Http

    PAGES = 5
    """Requests a poll makes at most; what is left is read at the next one."""


    class @Name@Config(CollectorConfig):
        """What a person chooses."""

        base_url: str = Field(
            default="https://@kind@.example",
            description="Address of the platform; another one only for tests or a relay.",
            pattern=r"^https?://",
        )


    class @Name@:
        """Reads the newest posts. Cursor: the highest id stored."""

        kind: ClassVar[str] = "@kind@"
        platform: ClassVar[str | None] = "@kind@"
        Config: ClassVar[type[CollectorConfig]] = @Name@Config
        capabilities: ClassVar[Capabilities] = Capabilities(
            quota="say what the platform allows, and where it says so", max_requests=PAGES
        )

        def __init__(self, config: CollectorConfig) -> None:
            assert isinstance(config, @Name@Config)
            self._config = config

        async def check(self, http: Http) -> None:
            """Ask for one page."""
            await self._posts("", http)

        async def poll(
            self, narrowing: Narrowing, cursor: Cursor, http: Http
        ) -> AsyncIterator[Page]:
            """Upwards from the last id, so that a cut anywhere loses nothing."""
            after = str(cursor.get("after", ""))
            for _ in range(PAGES):
                posts = await self._posts(after, http)
                if not posts:
                    return
                read = [read_post(post) for post in posts]
                after = str(posts[-1].get("id", after)) if isinstance(posts[-1], dict) else after
                yield Page(
                    items=[one for one in read if isinstance(one, Item)],
                    skipped=[one for one in read if isinstance(one, Skipped)],
                    cursor={"after": after},
                    listening=Listening(),
                )

        async def _posts(self, after: str, http: Http) -> list[Any]:
            response = await http.get(f"{self._config.base_url}/posts", params={"after": after})
            assert response is not None  # None answers a conditional request, which this is not
            found = read_json(response.body)
            posts = found.get("posts") if isinstance(found, dict) else None
            if not isinstance(posts, list):
                raise BadPayload("@kind@: the answer has no list of posts")
            return posts


    def read_post(post: Any) -> Item | Skipped:
        """One post as an Item, or why it cannot be read."""
        try:
            return _item(post)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            return Skipped(f"unreadable post: {type(error).__name__}", raw=repr(post)[:2_000])


    def _item(post: Mapping[str, Any]) -> Item:
        text, links = markup_text(post["text"])
        return Item(
            external_id=scrub(str(post["id"])),
            url=web_url(post["url"]),
            text=text,
            author=Author(name=scrub(post["author"])),
            published_at=datetime.fromisoformat(post["published_at"]).astimezone(UTC),
            links=links,
        )
'''

README = """
    ---
    kind: @kind@
    level: experimental
    auth: none
    server_side_query: false
    history: what the first poll reaches
    cost: free
    answers: invented
    ---
    # @kind@: say in three words what it reads

    **Sees** … **Cannot see** …

    **Needs**: nothing.

    **Limits**: … (where the platform says so).

    **Identity**: the platform's own id.

    Not tried against the live service.
"""

TEST = '''
    """The contract, on the cases of @kind@."""

    from __future__ import annotations

    from pathlib import Path

    from collectors.@kind@.collector import @Name@
    from collectors.testing import CollectorContract


    class Test@Name@(CollectorContract):
        collector = @Name@
        cases = Path(__file__).parent / "cases" / "@kind@"
'''


def files(kind: str) -> Mapping[str, str]:
    """Every new file of a kind, by its path."""
    name = "".join(part.capitalize() for part in kind.split("_"))
    cases = f"tests/collectors/cases/{kind}"
    made = {
        f"collectors/{kind}/__init__.py": f'"""The {kind} collector."""\n',
        f"collectors/{kind}/collector.py": COLLECTOR,
        f"collectors/{kind}/README.md": README,
        f"tests/collectors/test_{kind}_contract.py": TEST,
    }
    filled = {
        path: dedent(text).lstrip("\n").replace("@kind@", kind).replace("@Name@", name)
        for path, text in made.items()
    }
    for case, answers in _answers().items():
        filled[f"{cases}/{case}/config.json"] = '{"base_url": "{base}"}\n'
        for number, (after, posts) in enumerate(answers):
            answer = {"path": "/posts", "query": {"after": after}, "body": {"posts": posts}}
            filled[f"{cases}/{case}/responses/{number}.json"] = json.dumps(answer, indent=1) + "\n"
        filled[f"{cases}/{case}/expected.json"] = "[]\n"
    return filled


def _answers() -> Mapping[str, list[tuple[str, list[object]]]]:
    """Case → what is answered after which id."""
    return {
        "first": [("", [_post(1)]), ("1", [])],
        "paged": [("", [_post(1), _post(2)]), ("2", [_post(3)]), ("3", [])],
        "trouble": [("", [_post(1), {"id": 2}, "no object", _post(3)]), ("3", [])],
    }


def _post(number: int) -> dict[str, object]:
    return {
        "id": number, "url": f"https://platform.example/{number}", "author": "Ann",
        "text": f"Post <b>{number}</b>", "published_at": f"2026-11-23T09:0{number}:00+00:00",
    }  # fmt: skip


def with_entry(pyproject: str, kind: str) -> str:
    """pyproject.toml with the kind's entry point, in its alphabetical place."""
    name = "".join(part.capitalize() for part in kind.split("_"))
    head, table, rest = pyproject.partition('[project.entry-points."vigie.collectors"]\n')
    lines, gap, after = rest.partition("\n\n")
    entry = f'{kind} = "collectors.{kind}.collector:{name}"'
    return head + table + "\n".join(sorted([*lines.splitlines(), entry])) + gap + after


def make(kind: str, root: Path) -> list[str]:
    """Write everything below `root`. Raises ValueError with what is wrong."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", kind):
        raise ValueError("a kind is lower case letters, digits and _, and begins with a letter")
    made = files(kind)
    there = [path for path in made if (root / path).exists()]
    if there:
        raise ValueError(f"{there[0]} exists already")
    for path, text in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    pyproject = root / "pyproject.toml"
    pyproject.write_text(with_entry(pyproject.read_text("utf-8"), kind), "utf-8")
    return list(made)


NEXT = """
Next:
  .venv/bin/pip install --no-deps --no-build-isolation -e .     # entry points appear on install
  VIGIE_UPDATE_CASES=1 .venv/bin/pytest tests/collectors/test_{kind}_contract.py
  # read what expected.json says, then make cases of what the platform really answers
  .venv/bin/python -m scripts.collector_page                     # the page of collectors
"""


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write("usage: scripts/new-collector KIND\n")
        return 2
    try:
        made = make(sys.argv[1], Path())
    except ValueError as error:
        sys.stderr.write(f"new-collector: {error}\n")
        return 2
    sys.stdout.write("\n".join(made) + "\n" + NEXT.format(kind=sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
