"""Jobs on a careers page: which lines name one, which were opened and closed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from collectors.webpage.changes import Difference
from collectors.webpage.lines import Line

_LONGEST: Final = 120
_MOST_WORDS: Final = 14
_GENDERS: Final = re.compile(
    r"[\[(]? ?\b(?:[hfmwdx](?: ?/ ?[hfmwdx]){1,3}|all genders|tous genres)\b ?[\])]?", re.IGNORECASE
)
_CONTRACT: Final = re.compile(
    r"\b(?:CDI|CDD|stage|alternance|apprentissage|freelance|internship|full[- ]time|part[- ]time"
    r"|temps plein|temps partiel|permanent)\b",
    re.IGNORECASE,
)
# Stems of what people do for a living; the rest of the word is free ("développeur", "-euse").
_STEMS: Final = """
    développeu developpeu ingénieur ingenieur technicien commercia vendeu comptable assistant chargé
    responsable directeu directrice consultant conseiller conseillère juriste acheteu designer
    graphiste rédact concepteur conceptrice architecte analyste gestionnaire préparat opérat
    conducteu conductrice chauffeur livreu mécanicien électricien cuisini serveu boulang infirmi
    médecin formateur formatrice coordinat alternant stagiaire recruteu magasini manutentionnaire
    developer engineer manager director analyst scientist accountant specialist representative
    recruiter technician operator associate architect administrator researcher writer copywriter
    editor marketer planner supervisor executive strategist salesperson controller auditor
"""
_WHOLE: Final = """
    chef cheffe hôte hôtesse data lead intern buyer head driver cook nurse teacher trainer seller
    officer counsel lawyer advocate devops sre tester community product
"""
_NOT_A_NAME: Final = re.compile(
    r"\b(?:nous|notre|vous|votre|we|our|you|your|nos|vos|pourquoi|why|découvr\w{0,6}|rejoign\w{0,6}"
    r"|join|discover|apply|postul\w{0,4}|candidat\w{0,8})\b",
    re.IGNORECASE,
)
_CUT: Final = re.compile(r" [–—\-|·•@] | ?[|·•] ?|, | \(| / ")
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Names of the jobs, each once."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    """Still there, with another place or contract."""

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.altered)


def jobs_of(found: Difference) -> Jobs:
    """The jobs among the lines that differ."""
    came = _names(found.added)
    went = _names(found.removed)
    return Jobs(
        opened=tuple(name for key, name in came.items() if key not in went),
        closed=tuple(name for key, name in went.items() if key not in came),
        altered=tuple(name for key, name in came.items() if key in went),
    )


def _names(lines: Iterable[Line]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        if names_a_job(line.text, structured=bool(line.mark)):
            name = job_name(line.text)
            if name:
                found.setdefault(name.casefold(), name)
    return found


def names_a_job(text: str, *, structured: bool) -> bool:
    """Whether a line is the name of a job. structured: a heading, list item or table row."""
    if (
        len(text) > _LONGEST
        or len(text.split()) > _MOST_WORDS
        or text.endswith((".", "!", "?", ":"))
    ):
        return False
    if _GENDERS.search(text):
        return True
    if _NOT_A_NAME.search(text):
        return False
    words = [word.casefold() for word in _WORD.findall(job_name(text))]
    stems, whole = tuple(_STEMS.split()), set(_WHOLE.split())
    # "CDI · Paris" and the like, the line beside the name in a card, names no trade.
    trade = any(word.startswith(stems) or word in whole for word in words)
    return trade and (structured or len(words) <= 8 or _CONTRACT.search(text) is not None)


def job_name(text: str) -> str:
    """The name without place, contract and (H/F)."""
    plain = _GENDERS.sub(" ", text.replace(" | ", " – ")).strip()
    pieces = [piece.strip(" ()–—-|,") for piece in _CUT.split(plain)]
    name = next((piece for piece in pieces if piece and not _CONTRACT.fullmatch(piece)), "")
    return " ".join(name.split())[:80]
