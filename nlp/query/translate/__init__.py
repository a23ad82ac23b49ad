"""Queries of Brandwatch, Mention and Talkwalker in Vigie's language.

`translate()` carries a pasted query over by meaning. What differs is a part of the pasted text with
its reason in French and English; what no documentation says is never guessed silently.

Which page says what (read November 2026, as stored copies):

Brandwatch
- consumer-research-help.brandwatch.com, "Query Operators" (article 360012098098): every operator
  and field of the table but the ones named below; capitals for AND OR NOT; accents; the special
  characters that are written as they are.
- community.brandwatch.com, "Boolean Explained: Proximity Operators" (NEAR/nf counts words between),
  "Wildcard & Question Mark" (never first in a word, `?` stands for one), "6 tips to use brackets"
  (`{ }` took over from `raw:`; `url:( … OR … )`), "Location data" (codes, case of field names).
- "Advanced Query Operators" (2016, copy on scribd.com 332145945): `raw:`, and that the plus sign is
  ignored without it.
- "Boolean Operator Guide" (© 2020 Brandwatch, docslib.org 3427977): `AND -word`, `( … )~n`.
- `at_mentions:`, `hashtags:`, `languages:`, `twitterFollowers:`: no page at hand; they are carried
  over as the survey of the field that came with Vigie's requirements names them.
Mention
- dev.mention.com, "Create an alert": sources, countries (two letters), languages. The
  sources that are networks (facebook, reddit …): published client code.
- en.support.mention.com, "How to configure your Mention keywords", "The Mention Glossary".
- AND OR NOT in capitals, no negation inside OR, `"a b"~n`, wildcards and the fields: the same
  survey; the values of `has:` are on no page at hand.
Talkwalker
- talkwalker.com/syntax-alerts, "Search Syntax": AND, OR, AND NOT, `-`, quotes, `site:` (several in
  a row are alternatives), parentheses, `*` at the end only, `?`.
- developer.talkwalker.com, "Special Transformations": what words without any operator mean; `+`
  and `++`. "Field information": `domain_url`, `host_url`. "Export": `domainurl:`,
  `sourcetype:SOCIALMEDIA_TWITTER`. "Search histograms": engagement, followers, published, reach.
- Talkwalker user manual (July 2015, copy on mwitty.com 5896875): NEAR/x, ONEAR/x, sentence search,
  `"a b"~n` in jumps, `word~n`, `word~`.
- `content:`, `author:`, `lang:`, `sourcecountry:`, `gender:`, `sentiment:`, `demographic:`: names
  of document fields and of filters in published client code, no page of their own at hand.

No page of the three says which of AND and OR comes first without parentheses; Brandwatch's and
Mention's do not say what a space between two terms means. Both are read as Vigie reads them, and
reported.
"""

from __future__ import annotations

from nlp.query.translate.detect import dialects
from nlp.query.translate.dialect import Dialect, Operator
from nlp.query.translate.translating import MAX_LENGTH, translate
from nlp.query.translate.underline import underlined
from nlp.query.translate.values import (
    DIALECTS,
    AskedDialect,
    DialectName,
    Issue,
    IssueKind,
    Said,
    Translation,
)

__all__ = [
    "DIALECTS",
    "MAX_LENGTH",
    "AskedDialect",
    "Dialect",
    "DialectName",
    "Issue",
    "IssueKind",
    "Operator",
    "Said",
    "Translation",
    "dialects",
    "translate",
    "underlined",
]
