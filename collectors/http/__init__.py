"""The one guarded door through which all outgoing HTTP goes, streams of events and WebSockets too.

No other package imports httpx or httpcore. Who may be contacted is decided at connect time, on
every hop, by a `Policy`; how long and how much by `Http`; what an answer means in one place.
"""

from __future__ import annotations

from collectors.http.backend import Resolver, guarded_connect
from collectors.http.client import Http
from collectors.http.engine import Params
from collectors.http.events import Event
from collectors.http.messages import Response, Validators
from collectors.http.outcomes import NotSent, OverBudget, Unanswered
from collectors.http.policy import Policy, Refusal
from collectors.http.proof import self_test
from collectors.http.socket import Socket
from collectors.http.wire import Wire

__all__ = [
    "Event",
    "Http",
    "NotSent",
    "OverBudget",
    "Params",
    "Policy",
    "Refusal",
    "Resolver",
    "Response",
    "Socket",
    "Unanswered",
    "Validators",
    "Wire",
    "guarded_connect",
    "self_test",
]
