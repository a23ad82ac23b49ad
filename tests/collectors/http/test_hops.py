from __future__ import annotations

import pytest

from collectors.errors import NeedsAttention
from collectors.http.engine import join_url, read_url
from collectors.http.hops import Outgoing, checked, redirected

SECRET = {"authorization": "Bearer s3cret", "x-api-key": "s3cret", "cookie": "a=s3cret"}


def _hop(url: str, method: str = "GET", content: bytes | None = None) -> Outgoing:
    headers = {**SECRET, "user-agent": "v", "if-none-match": "e", "content-type": "a/b"}
    return Outgoing(method=method, url=read_url(url), headers=headers, content=content)


def test_credentials_stay_with_their_origin() -> None:
    hop = redirected(_hop("https://a.example/x"), 302, read_url("https://a.example/y"))
    assert SECRET.items() <= hop.headers.items()


@pytest.mark.parametrize(
    "target", ["https://b.example/", "https://a.example:444/", "https://sub.a.example/"]
)
def test_credentials_are_dropped_on_the_way_to_another_origin(target: str) -> None:
    hop = redirected(_hop("https://a.example/x"), 302, read_url(target))
    assert hop.headers == {"user-agent": "v", "if-none-match": "e"}


def test_credentials_are_dropped_on_the_way_from_http_to_https() -> None:
    hop = redirected(_hop("http://a.example/"), 301, read_url("https://a.example/"))
    assert "authorization" not in hop.headers


def test_https_never_falls_back_to_http() -> None:
    with pytest.raises(NeedsAttention, match="https to http"):
        redirected(_hop("https://a.example/"), 302, read_url("http://a.example/"))


@pytest.mark.parametrize(
    ("method", "status", "after", "keeps_body"),
    [
        ("POST", 301, "GET", False),
        ("POST", 302, "GET", False),
        ("POST", 303, "GET", False),
        ("PUT", 303, "GET", False),
        ("POST", 307, "POST", True),
        ("POST", 308, "POST", True),
        ("PUT", 302, "PUT", True),
        ("HEAD", 303, "HEAD", True),
    ],
)
def test_methods_change_as_in_browsers(
    method: str, status: int, after: str, keeps_body: bool
) -> None:
    url = "https://a.example/x"
    hop = redirected(_hop(url, method, b"body"), status, read_url("https://a.example/y"))
    assert hop.method == after
    assert (hop.content == b"body") is keeps_body
    assert ("content-type" in hop.headers) is keeps_body


def test_a_body_never_crosses_to_another_origin() -> None:
    hop = _hop("https://a.example/x", "POST", b"s3cret")
    with pytest.raises(NeedsAttention, match="another site"):
        redirected(hop, 307, read_url("https://b.example/"))


@pytest.mark.parametrize(
    "bad",
    ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)",
     "data:,x", "//example.org/", "/path", "", "http:///x", "https://user@example.org/",
     "https://user:s3cret@example.org/", "http://exa mple.org\n/", "http://[::1/", "http://h:x/",
     "http://h:99999/", "x" * 70_000, "http://\u200b/"],
)  # fmt: skip
def test_only_plain_http_addresses_are_asked_for(bad: str) -> None:
    with pytest.raises(NeedsAttention) as caught:
        checked(read_url(bad))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_host_is_read_as_it_will_be_dialled() -> None:
    url = read_url("http://good.example\\@evil.example/")
    assert url.has_userinfo or url.host == "good.example"
    assert read_url("http://BÜCHER.example:80/").host == "xn--bcher-kva.example"
    assert read_url("http://BÜCHER.example:80/").port is None
    assert read_url("http://[::1]:8/").host == "::1"


def test_parameters_are_added_and_fragments_left_out() -> None:
    url = read_url(" https://a.example/s?x=1#top ", {"q": "é &", "n": None, "t": ["a", "b"]})
    assert url.text == "https://a.example/s?x=1&q=%C3%A9+%26&t=a&t=b"


def test_a_redirect_may_be_relative() -> None:
    base = read_url("https://a.example/x/y?q=1")
    assert join_url(base, "../z").text == "https://a.example/z"
    assert join_url(base, "//b.example/").host == "b.example"
    with pytest.raises(NeedsAttention, match="unreadable"):
        join_url(base, "http://[::1")
