"""Two editors at once: what a form was made from, and who has changed that since.

A form carries what it has seen in a hidden field: a digest of the content and the time. Whoever
writes compares it under the lock of the row (``check``), and on ``EditedMeanwhile`` shows the page
again with what was typed, with ``told`` beside it. ``components/_edited.html`` is both: the hidden
fields, and a button that saves all the same, over what is known now.

    seen = edited.seen(data) if data else edited.token(content, now=now)
    verb(row, ..., seen=seen)  # with ``edited.check(seen, content, wanted=...)`` under the lock
    except edited.EditedMeanwhile:  # 409
        context |= edited.told(row, seen, content, words=..., now=now)
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from barbershop.models import AuditEntry

SAVE, SAVE_OVER = "save", "save-over"
SEEN, SEEN_NOW = "seen", "seen-now"  # names of the hidden fields
MOST_CHANGES = 5


class EditedMeanwhile(Exception):
    """The row is not what the form was made from any more; nothing was written."""


@dataclass(frozen=True)
class Change:
    """One change that the form has not seen: by whom, when, and of what."""

    who: str
    at: dt.datetime
    what: str


def token(content: dict[str, Any], *, now: dt.datetime) -> str:
    """What a form shows, for its hidden field."""
    return f"{_digest(content)}@{now.isoformat()}"


def pressed(data) -> str:
    """The button; to save over it is to save."""
    word = data.get("do", SAVE)
    return SAVE if word == SAVE_OVER else word


def seen(data) -> str:
    """What the form that was sent had seen, or has been told and saves over."""
    return data.get(SEEN_NOW if data.get("do") == SAVE_OVER else SEEN, "")


def check(seen: str, content: dict[str, Any], *, wanted: dict[str, Any]) -> None:
    """Raise ``EditedMeanwhile`` when the content is not the one that was seen.

    Args:
        seen: of the form; empty for who has none, such as another system.
        content: as it is now, read under the lock of its row.
        wanted: what is to be written; what stands there already overwrites nobody.
    """
    current = _digest(content)
    is_stale = bool(seen) and seen.partition("@")[0] != current
    if is_stale and _digest(content | wanted) != current:
        raise EditedMeanwhile


def told(
    row, seen: str, content: dict[str, Any], *, words: dict[str, str], now: dt.datetime
) -> dict[str, Any]:
    """``changes`` that the form has not seen, newest first, and ``seen_now`` to save over them.

    Args:
        words: what people call the columns, such as "the rules".
    """
    entries = AuditEntry.objects.for_shop(row.shop).filter(
        object_type=row._meta.label_lower, object_id=str(row.pk)
    )
    entries = entries.select_related("actor", "token", "detail").order_by("-seq")
    since = _time_of(seen)
    # A change that was under way when the form was made has an earlier time.
    found = list(entries.filter(at__gte=since)[:MOST_CHANGES]) if since else []
    told = [_change(entry, words) for entry in found or entries[:1]]
    changes = [each for each in told if each.what]
    return {"changes": changes, "seen_now": token(content, now=now)}


def _change(entry: AuditEntry, words: dict[str, str]) -> Change:
    detail = getattr(entry, "detail", None)
    before, after = (detail.before or {}, detail.after or {}) if detail else ({}, {})
    what = [said for name, said in words.items() if before.get(name) != after.get(name)]
    if entry.actor:
        who = entry.actor.get_full_name() or entry.actor.email
    else:
        who = f"The integration “{entry.token.name}”" if entry.token else "Somebody"
    return Change(who, entry.at, " and ".join(what) if before else "it")


def _time_of(seen: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(seen.partition("@")[2])
    except ValueError:
        return None
    # What no form of ours has sent may lie where the database has no time.
    return found if found.tzinfo and 2000 <= found.year <= 9000 else None


def _digest(content: dict[str, Any]) -> str:
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:32]
