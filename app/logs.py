"""Logs: a constant event with fields; for people on a terminal, JSON for machines."""

from __future__ import annotations

import logging
import sys

import structlog

from app.config import Settings


def configure_logs(settings: Settings) -> None:
    """Set up structlog and the standard library's logging; call once per process."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, force=True)
    # A tick that finds the one before still at work is skipped: that is the design, not news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
