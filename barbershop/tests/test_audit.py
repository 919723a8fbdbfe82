import datetime as dt

import pytest
from django.db import transaction
from django.test import RequestFactory

from barbershop import audit
from barbershop.models import AppendOnlyError, AuditChain, AuditDetail, AuditEntry
from barbershop.tests.factories import BarberFactory, ShopFactory, UserFactory
from barbershop.tests.tampering import execute

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)


def tamper(entry, **values) -> None:
    """As somebody with the database's password would."""
    names = ", ".join(f"{name} = %s" for name in values)
    execute(
        "audit_entries",
        f"UPDATE audit_entries SET {names} WHERE id = %s",
        [*values.values(), entry.pk],
    )


def test_entry_says_who_did_what_to_what_and_when(shop):
    user, barber = UserFactory(), BarberFactory(shop=shop)
    request = RequestFactory().post("/", headers={"User-Agent": "till/1", "X-Request-Id": "r1"})

    entry = audit.record(
        shop=shop,
        action="barber.dismiss",
        by=user,
        target=barber,
        before={"is_active": True},
        after={"is_active": False},
        request=request,
        now=NOW,
    )

    assert (entry.seq, entry.at, entry.actor, entry.action) == (1, NOW, user, "barber.dismiss")
    assert (entry.object_type, entry.object_id) == ("barbershop.barber", str(barber.pk))
    detail = entry.detail
    assert (detail.before, detail.after) == ({"is_active": True}, {"is_active": False})
    assert (detail.ip, detail.user_agent, detail.request_id) == ("127.0.0.1", "till/1", "r1")


def test_behind_our_proxy_the_callers_own_address_is_kept_and_nobody_can_pretend(shop):
    origins = [("10.0.0.5", "1.1.1.1, 8.8.4.4"), ("8.8.8.8", "1.1.1.1"), ("", "8.8.8.8")]

    entries = [
        audit.record(
            shop=shop,
            action="a",
            request=RequestFactory().get(
                "/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=direct
            ),
        )
        for direct, forwarded in origins
    ]

    assert [entry.detail.ip for entry in entries] == ["8.8.4.4", "8.8.8.8", None]


def test_each_shop_has_its_own_chain(shop):
    other = ShopFactory()
    first = audit.record(shop=shop, action="a")
    audit.record(shop=other, action="a")
    second = audit.record(shop=shop, action="b")

    assert (second.seq, second.previous_hash) == (2, first.hash)
    assert first.previous_hash == ""
    assert AuditChain.objects.get(shop=shop).head_hash == second.hash
    assert AuditChain.objects.get(shop=other).seq == 1


def test_whole_chain_is_found_whole_and_stays_so_when_details_are_erased(shop):
    for action in ("a", "b", "c"):
        audit.record(shop=shop, action=action, after={"email": "sam@example.test"})
    AuditDetail.objects.update(after=None, ip=None, user_agent="")

    assert audit.first_broken(shop) is None


@pytest.mark.parametrize("values", [{"action": "x"}, {"object_id": "7"}, {"hash": "0" * 64}])
def test_changed_entry_is_found(shop, values):
    entries = [audit.record(shop=shop, action=action) for action in ("a", "b", "c")]

    tamper(entries[1], **values)

    assert audit.first_broken(shop) == 2


@pytest.mark.parametrize("position", [1, 2, 3])
def test_missing_entry_is_found_even_the_last(shop, position):
    for action in ("a", "b", "c"):
        audit.record(shop=shop, action=action)
    AuditDetail.objects.filter(entry__seq=position).delete()
    execute("audit_entries", "DELETE FROM audit_entries WHERE seq = %s", [position])

    assert audit.first_broken(shop) == position


def test_entry_vanishes_with_the_transaction_it_tells_about(shop):
    with transaction.atomic():
        audit.record(shop=shop, action="a")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()
    assert audit.record(shop=shop, action="b").seq == 1


def test_entries_cannot_be_changed_or_deleted(shop):
    entry = audit.record(shop=shop, action="a")

    for deed in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            deed()
