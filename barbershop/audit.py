"""Who did what, in a chain that shows when somebody has tampered with it."""

import datetime as dt
import hashlib
import json

from django.db import transaction
from django.utils import timezone

from barbershop.client_address import client_ip
from barbershop.models import AuditChain, AuditDetail, AuditEntry


def record(
    *,
    shop,
    action: str,
    by=None,
    token=None,
    target=None,
    before: dict | None = None,
    after: dict | None = None,
    request=None,
    now: dt.datetime | None = None,
) -> AuditEntry:
    """Append one entry, in the transaction of what it tells about: both happen, or neither.

    ``by`` a person, ``token`` an integration; ``target`` the row acted on. The chain is locked
    until the caller commits, so call this last.
    """
    with transaction.atomic():
        AuditChain.objects.get_or_create(shop=shop)
        chain = AuditChain.objects.select_for_update().get(shop=shop)
        entry = AuditEntry(
            shop=shop,
            seq=chain.seq + 1,
            at=now or timezone.now(),
            actor=by,
            token=token,
            action=action,
            object_type=target._meta.label_lower if target is not None else "",
            object_id=str(target.pk) if target is not None else "",
            previous_hash=chain.head_hash,
        )
        entry.hash = hash_of(entry)
        entry.save()
        chain.seq, chain.head_hash = entry.seq, entry.hash
        chain.save(update_fields=["seq", "head_hash"])
        AuditDetail.objects.create(
            shop=shop, entry=entry, before=before, after=after, **_origin(request)
        )
    return entry


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over the entry's canonical JSON, its predecessor's hash included."""
    names = ("shop_id", "seq", "actor_id", "token_id", "action", "object_type", "object_id")
    content = {name: getattr(entry, name) for name in names}
    content |= {"at": entry.at.astimezone(dt.UTC).isoformat(), "previous": entry.previous_hash}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_broken(shop) -> int | None:
    """The position of the first entry that is missing or was changed; None for a whole chain."""
    previous, expected = "", 1
    for entry in AuditEntry.objects.for_shop(shop).order_by("seq").iterator():
        whole = entry.seq == expected and entry.previous_hash == previous
        if not whole or entry.hash != hash_of(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    head = AuditChain.objects.filter(shop=shop).first()
    if head is not None and (head.seq, head.head_hash) != (expected - 1, previous):
        return expected
    return None


def _origin(request) -> dict:
    if request is None:
        return {}
    return {
        "request_id": request.META.get("HTTP_X_REQUEST_ID", "")[:64],
        "ip": client_ip(request),
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:300],
    }
