"""What each observation means. Pure: values and `now` in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

State = Literal["ok", "warn", "bad"]

PYTHON = (3, 11)
FREE_BAD, FREE_WARN = 100 * 2**20, 2 * 2**30
"""Bytes free: below the first a day of posts may not fit, below the second it is time to act."""
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""This code did not exist before: a clock that says so is wrong."""
LATEST = datetime(2045, 1, 1, tzinfo=UTC)
JOBS_WITHIN = timedelta(minutes=2)
"""A running service writes a line of its jobs at least every thirty seconds."""
OUTBOX_LATE = timedelta(minutes=15)
SEARCH_BEHIND = 20_000
"""Posts: the job indexes more than that in a minute."""
BACKUP_OLD = timedelta(days=8)
"""A weekly backup that is a day late."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. check: a constant name; fr, en: what is, and what to do."""

    check: str
    state: State
    fr: str
    en: str

    def text(self, lang: str) -> str:
        return self.fr if lang == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Sick:
    """A source or channel that does not work."""

    id: str
    kind: str
    name: str
    state: str
    error: str


@dataclass(frozen=True, slots=True)
class JobSeen:
    """The last run of one job."""

    name: str
    started_at: datetime
    error: str


def ok(check: str, fr: str, en: str) -> Finding:
    return Finding(check, "ok", fr, en)


def python(version: Sequence[int]) -> Finding:
    found = ".".join(str(part) for part in version[:3])
    if tuple(version[:2]) >= PYTHON:
        return ok("python", f"Python {found}", f"Python {found}")
    return Finding(
        "python", "bad",
        f"Python {found} : installez Python 3.11 ou plus récent, puis `make setup`",
        f"Python {found}: install Python 3.11 or newer, then `make setup`",
    )  # fmt: skip


def packages(complaint: str | None) -> Finding:
    """complaint: what hides Vigie's own packages, if anything does."""
    if complaint is None:
        return ok("packages", "les paquets de Vigie sont les siens", "Vigie's packages are its own")
    return Finding("packages", "bad", complaint, complaint)


def settings(error_fr: str, error_en: str) -> Finding:
    """Settings that cannot be read: nothing else can be looked at."""
    return Finding("settings", "bad", error_fr, error_en)


def data_dir(place: str, error: str) -> Finding:
    if not error:
        return ok("data_dir", f"{place} : accessible en écriture", f"{place}: can be written")
    return Finding(
        "data_dir", "bad",
        f"{place} : écriture impossible ({error}) ; changez son propriétaire, ou VIGIE_DATA_DIR",
        f"{place}: cannot be written ({error}); change its owner, or VIGIE_DATA_DIR",
    )  # fmt: skip


def key_file(place: str, *, mode: int | None, error: str) -> Finding:
    """mode: permission bits; None where there is no key file yet. error: why it is unusable."""
    if error:
        return Finding(
            "key_file", "bad",
            f"{place} : clé inutilisable ({error}) ; remettez celle qui servait, gardée avec vos "
            "sauvegardes",
            f"{place}: the key cannot be used ({error}); put back the one that was in use, kept "
            "with your backups",
        )  # fmt: skip
    if mode is None:
        return Finding(
            "key_file", "warn", f"{place} : pas encore de clé ; `vigie serve` la crée",
            f"{place}: no key yet; `vigie serve` makes it",
        )  # fmt: skip
    if mode & 0o077:
        return Finding(
            "key_file", "bad", f"{place} : d’autres peuvent lire la clé ; chmod 600 {place}",
            f"{place}: others can read the key; chmod 600 {place}",
        )  # fmt: skip
    return ok("key_file", f"{place} : lisible de vous seul", f"{place}: readable by you alone")


def disk(place: str, free: int) -> Finding:
    """free: bytes."""
    amount = f"{free / 2**30:.1f}"
    if free >= FREE_WARN:
        return ok("disk", f"{place} : {amount} Gio libres", f"{place}: {amount} GiB free")
    state: State = "bad" if free < FREE_BAD else "warn"
    mib = free // 2**20
    return Finding(
        "disk", state,
        f"{place} : plus que {mib} Mio libres ; libérez de la place ou baissez "
        "VIGIE_RETENTION_DAYS",
        f"{place}: only {mib} MiB free; free some space or lower VIGIE_RETENTION_DAYS",
    )  # fmt: skip


def clock(now: datetime | None, *, file: str, newest: datetime | None) -> Finding:
    """file: the clock file in use, "" for the machine's clock. now: None where it cannot be read.
    newest: the latest moment that the database knows of."""
    if now is None:
        return Finding(
            "clock", "bad",
            f"{file} ne dit pas l’heure ; écrivez-y un instant ISO 8601, ou ôtez VIGIE_CLOCK_FILE",
            f"{file} does not tell the time; write an ISO 8601 instant, or unset VIGIE_CLOCK_FILE",
        )  # fmt: skip
    if file:
        return Finding(
            "clock", "warn",
            f"l’heure vient de {file} ({now:%Y-%m-%d %H:%M} UTC) : c’est un rejeu ; "
            "ôtez VIGIE_CLOCK_FILE pour veiller pour de bon",
            f"time comes from {file} ({now:%Y-%m-%d %H:%M} UTC): this is a replay; "
            "unset VIGIE_CLOCK_FILE to watch for real",
        )  # fmt: skip
    behind = newest is not None and newest - now > timedelta(hours=1)
    if not EARLIEST <= now < LATEST or behind:
        return Finding(
            "clock", "bad", f"l’horloge dit {now:%Y-%m-%d %H:%M} UTC : réglez-la (NTP)",
            f"the clock says {now:%Y-%m-%d %H:%M} UTC: set it right (NTP)",
        )  # fmt: skip
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC", f"{now:%Y-%m-%d %H:%M} UTC")


def jobs(seen: Sequence[JobSeen], *, running: bool | None, now: datetime) -> list[Finding]:
    """Whether somebody does the work. running: whether a scheduler holds its lock; None where
    that cannot be told (scale-out)."""
    found = [_alive(max((job.started_at for job in seen), default=None), running, now)]
    found += [
        Finding(
            "jobs", "bad", f"la tâche {job.name} échoue : {job.error} ; voyez les journaux",
            f"the job {job.name} fails: {job.error}; see the logs",
        )
        for job in seen if job.error
    ]  # fmt: skip
    return found


def _alive(last: datetime | None, running: bool | None, now: datetime) -> Finding:
    if last is not None and now - last <= JOBS_WITHIN:
        return ok("jobs", "les tâches tournent", "the jobs run")
    if running:
        return Finding(
            "jobs", "warn" if last is None else "bad",
            "le service est là mais ses tâches ne tournent pas ; relancez `vigie serve`",
            "the service is there but its jobs do not run; restart `vigie serve`",
        )  # fmt: skip
    if last is None:
        return Finding(
            "jobs", "warn", "aucune tâche n’a encore tourné ; lancez `vigie serve`",
            "no job has run yet; start `vigie serve`",
        )  # fmt: skip
    since = f"{last:%Y-%m-%d %H:%M} UTC"
    return Finding(
        "jobs", "bad", f"rien n’est collecté depuis {since} ; lancez `vigie serve`"
        + (" ou `vigie worker`" if running is None else ""),
        f"nothing has been collected since {since}; start `vigie serve`"
        + (" or `vigie worker`" if running is None else ""),
    )  # fmt: skip


def sources(sick: Iterable[Sick], total: int) -> list[Finding]:
    """Sources that wait for a person are bad, those that are tried again a warning."""
    found = [
        Finding(
            "sources", "bad" if one.state == "needs_attention" else "warn",
            f"{one.name} ({one.kind}) : {one.error} ; "
            + (f"corrigez puis `vigie source resume {one.id}`"
               if one.state == "needs_attention" else "Vigie réessaie"),
            f"{one.name} ({one.kind}): {one.error}; "
            + (f"put it right, then `vigie source resume {one.id}`"
               if one.state == "needs_attention" else "Vigie tries again"),
        )
        for one in sick
    ]  # fmt: skip
    if found:
        return found
    if not total:
        return [Finding("sources", "warn", "aucune source ; `vigie watch new NOM`",
                        "no source; `vigie watch new NAME`")]  # fmt: skip
    return [ok("sources", f"{total} sources, toutes bien", f"{total} sources, all well")]


def channels(sick: Iterable[Sick], total: int) -> list[Finding]:
    found = [
        Finding(
            "channels",
            "bad",
            f"{one.name} ({one.kind}) : {one.error or one.state} ; corrigez puis "
            f"`vigie channel test {one.id}`",
            f"{one.name} ({one.kind}): {one.error or one.state}; put it right, then "
            f"`vigie channel test {one.id}`",
        )
        for one in sick
    ]
    return found or [ok("channels", f"{total} canaux, tous bien", f"{total} channels, all well")]


def outbox(oldest: datetime | None, *, now: datetime) -> Finding:
    """oldest: the due time of the message that has waited longest past it."""
    if oldest is None or now - oldest <= OUTBOX_LATE:
        return ok("outbox", "aucun message en retard", "no message is late")
    minutes = int((now - oldest).total_seconds() // 60)
    return Finding(
        "outbox", "bad",
        f"un message attend depuis {minutes} min ; voyez `vigie channel list`",
        f"a message has been waiting for {minutes} min; see `vigie channel list`",
    )  # fmt: skip


def search(waiting: int) -> Finding:
    """waiting: posts that the search index does not hold yet."""
    if waiting <= SEARCH_BEHIND:
        return ok("search", f"index de recherche : {waiting} publications en attente",
                  f"search index: {waiting} posts waiting")  # fmt: skip
    return Finding(
        "search", "warn",
        f"{waiting} publications attendent l’index de recherche : tout est trouvé, mais plus "
        "lentement ; laissez tourner `vigie serve`",
        f"{waiting} posts wait for the search index: all is found, but more slowly; keep "
        "`vigie serve` running",
    )  # fmt: skip


def plugins(broken: Sequence[tuple[str, str, str]], total: int) -> list[Finding]:
    """broken: (group, name, reason)."""
    found = [
        Finding(
            "plugins", "bad", f"{group} « {name} » : {reason} ; réparez-le ou désinstallez-le",
            f"{group} '{name}': {reason}; repair or uninstall it",
        )
        for group, name, reason in broken
    ]  # fmt: skip
    return found or [ok("plugins", f"{total} greffons en service", f"{total} plugins in use")]


def models(
    sentiment: Iterable[str], entities: Mapping[str, str], languages: Sequence[str]
) -> list[Finding]:
    """sentiment: languages that are judged; entities: language → spaCy package."""
    judged = ", ".join(sorted(sentiment))
    left = ", ".join(code for code in languages if code not in set(sentiment))
    tone = ok(
        "models", f"tonalité : {judged}" + (f" ; non évalué : {left}" if left else ""),
        f"sentiment: {judged}" + (f"; not judged: {left}" if left else ""),
    )  # fmt: skip
    if not judged:
        tone = Finding("models", "bad", "aucun modèle de tonalité : réinstallez (`make setup`)",
                       "no sentiment model: install again (`make setup`)")  # fmt: skip
    return [tone, _names(entities)]


def _names(entities: Mapping[str, str]) -> Finding:
    told = ", ".join(f"{lang} {name}" for lang, name in sorted(entities.items()))
    missing = [lang for lang in ("fr", "en") if lang not in entities]
    if not missing:
        return ok("models", f"entités : {told}", f"entities: {told}")
    fr = f"entités non évaluées en {', '.join(missing)} : pip install 'vigie-veille[entities]'"
    en = f"entities not judged in {', '.join(missing)}: pip install 'vigie-veille[entities]'"
    return Finding("models", "warn", fr, en)


def smtp(host: str, error: str) -> Finding:
    """host: "" where mail is off. error: what its server said, or why there was none."""
    if not host:
        return Finding(
            "smtp", "warn", "pas de serveur de courriel : ni récap ni alerte par courriel "
            "(VIGIE_SMTP_HOST)", "no mail server: no digest or alert by mail (VIGIE_SMTP_HOST)",
        )  # fmt: skip
    if error:
        return Finding("smtp", "bad", f"{error} ; vérifiez VIGIE_SMTP_HOST et ses voisins",
                       f"{error}; check VIGIE_SMTP_HOST and its neighbours")  # fmt: skip
    return ok("smtp", f"{host} répond", f"{host} answers")


def guard(error: str) -> Finding:
    if not error:
        return ok("guard", "les adresses privées sont refusées", "private addresses are refused")
    return Finding("guard", "bad", error, error)


def backups(newest: datetime | None, *, kind: str, now: datetime) -> Finding:
    """newest: when the last copy was made, None where there is none."""
    if kind != "sqlite":
        return ok("backups", "PostgreSQL : sauvegardez par pg_dump", "PostgreSQL: use pg_dump")
    if newest is None:
        return Finding("backups", "warn", "aucune sauvegarde ; `vigie backup`",
                       "no backup; `vigie backup`")  # fmt: skip
    days = (now - newest).days
    if now - newest > BACKUP_OLD:
        return Finding(
            "backups", "warn", f"dernière sauvegarde il y a {days} jours ; `vigie backup`",
            f"last backup {days} days ago; `vigie backup`",
        )  # fmt: skip
    return ok("backups", f"dernière : {newest:%Y-%m-%d}", f"last one: {newest:%Y-%m-%d}")
