"""Which pages of a brand's site would be worth a watch: the usual places, where they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from collectors.api import Proposal, Wanted
from collectors.errors import CollectorError
from collectors.text import web_url
from collectors.webpage.telling import LABELS, Lang, Role

if TYPE_CHECKING:
    from collectors.http import Http

REQUESTS: Final = 8
_PATHS: Final[dict[Lang, tuple[tuple[str, Role], ...]]] = {
    "fr": (
        ("/tarifs", "price"), ("/pricing", "price"), ("/recrutement", "careers"),
        ("/carrieres", "careers"), ("/changelog", "changelog"), ("/nouveautes", "changelog"),
        ("/careers", "careers"), ("/prix", "price"), ("/cgv", "legal"), ("/jobs", "careers"),
    ),
    "en": (
        ("/pricing", "price"), ("/careers", "careers"), ("/changelog", "changelog"),
        ("/jobs", "careers"), ("/release-notes", "changelog"), ("/plans", "price"),
        ("/terms", "legal"), ("/features", "product"),
    ),
}  # fmt: skip
_NOWHERE: Final = "/vigie-looks-for-nothing-here"
"""A site that answers 200 here answers it everywhere, which says nothing."""


async def proposals(wanted: Wanted, http: Http) -> list[Proposal]:
    """One page a role, of the brand's first site; REQUESTS requests at most."""
    lang: Lang = "fr" if wanted.language.startswith("fr") else "en"
    site = site_of(wanted.domains[0]) if wanted.domains else ""
    if not site or await answers(f"{site}{_NOWHERE}", http):
        return []
    found: dict[Role, Proposal] = {}
    left = REQUESTS - 1
    for path, role in _PATHS[lang]:
        if not left or http.left == 0:
            break
        if role in found:
            continue
        left -= 1
        if await answers(f"{site}{path}", http):
            found[role] = _proposal(wanted, f"{site}{path}", role, lang)
    return list(found.values())


def site_of(domain: str) -> str:
    """ "acme.example" or an address of it as https://acme.example; "" where it is none."""
    domain = domain.strip().lower()
    parts = urlsplit(web_url(domain if "://" in domain else f"https://{domain}"))
    return f"{parts.scheme}://{parts.netloc}" if parts.hostname else ""


async def answers(address: str, http: Http) -> bool:
    """Whether something is there, without reading it; a redirect to the home page is nothing."""
    try:
        response = await http.request("HEAD", address, raise_for_status=False)
    except CollectorError:  # not there, or not to be reached: no proposal either way
        return False
    assert response is not None
    return response.status == 200 and urlsplit(response.url).path.strip("/") != ""


def _proposal(wanted: Wanted, address: str, role: Role, lang: Lang) -> Proposal:
    return Proposal(
        name=f"{wanted.name}, {LABELS[lang][role]}",
        config={"urls": [address], "about": wanted.name, "role": role, "language": lang},
        why=wanted.says(
            fr="une page à une adresse habituelle du site de la marque",
            en="a page at a usual place of the brand's site",
        ),
    )
