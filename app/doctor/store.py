"""What a look at the database means, and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.doctor.rules import Finding, ok


@dataclass(frozen=True, slots=True)
class Seen:
    """The database as it was found; see `app.db.inspect.Inspected`."""

    place: str
    error: str
    version: str | None
    wanted: str
    locked: bool
    broken: str


def database(seen: Seen) -> Finding:
    """Whether it opens, is whole, free and of this version."""
    place = seen.place
    if seen.error:
        return _bad(f"{place} : ne s’ouvre pas ({seen.error}) ; vérifiez VIGIE_DATABASE",
                    f"{place}: cannot be opened ({seen.error}); check VIGIE_DATABASE")  # fmt: skip
    if seen.locked:
        return _bad(f"{place} : verrouillée par une autre écriture ; attendez-la ou arrêtez-la",
                    f"{place}: locked by another writer; wait for it, or stop it")  # fmt: skip
    if seen.broken:
        return _bad(f"{place} : abîmée ({seen.broken}) ; arrêtez le service, puis "
                    "`vigie restore COPIE`",
                    f"{place}: damaged ({seen.broken}); stop the service, then "
                    "`vigie restore COPY`")  # fmt: skip
    if seen.version is None:
        return Finding("database", "warn", f"{place} : pas encore de base ; `vigie migrate`",
                       f"{place}: no database yet; `vigie migrate`")  # fmt: skip
    if seen.version != seen.wanted:
        return _bad(f"{place} : version {seen.version}, ce Vigie veut {seen.wanted} ; "
                    "`vigie migrate`",
                    f"{place}: version {seen.version}, this Vigie wants {seen.wanted}; "
                    "`vigie migrate`")  # fmt: skip
    return ok("database", f"{place} : entière, version {seen.version}",
              f"{place}: whole, version {seen.version}")  # fmt: skip


def _bad(fr: str, en: str) -> Finding:
    return Finding("database", "bad", fr, en)
