"""The inbox in admin: what was told is for reading, and a replay asks first."""

import pytest
from django.urls import reverse

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, UserFactory
from barbershop.tests.query_counts import assert_same_queries
from communications.models import ProviderEvent
from communications.tests.poison import Poison
from communications.tests.reports import (
    PUBLIC_KEY,
    email_event,
    fold_email,
    in_call,
    post_sendgrid,
)

pytestmark = pytest.mark.django_db
Role = Membership.Role
LIST = reverse("admin:communications_providerevent_changelist")


@pytest.fixture
def poison(monkeypatch, settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]
    return Poison(monkeypatch)


@pytest.fixture
def held(poison) -> ProviderEvent:
    return poison.hold()


@pytest.fixture
def sign_in(client, poison):
    def as_(role=Role.MANAGER, shop=None):
        shop = shop or poison.message.shop
        client.force_login(MembershipFactory(shop=shop, role=role, user__is_staff=True).user)
        return client

    return as_


def ask(client, *rows, **more):
    chosen = {"action": "replay", "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, chosen | more, follow=True)


def confirm(client, *rows):
    return ask(client, *rows, confirm_token=ask(client, *rows).context["token"])


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_page_asks_first_and_says_why_it_was_put_aside(sign_in, held):
    question = ask(sign_in(), held)

    assert question.context["foreseen"][0][1].facts[0][0] == "ValueError: cannot be read"
    held.refresh_from_db()
    assert held.quarantined_at is not None


def test_confirmed_replay_folds_and_is_on_record(sign_in, held, poison):
    poison.is_mended = True

    answer = confirm(sign_in(), held)

    held.refresh_from_db()
    assert held.folded_at is not None
    assert said(answer) == ["sendgrid opened is folded: it counts now."]
    assert AuditEntry.objects.get(action="provider_event.replay").actor is not None


def test_replay_in_vain_says_so(sign_in, held):
    answer = confirm(sign_in(), held)

    why = "it failed again (ValueError: cannot be read); it is tried again by itself."
    assert said(answer) == [f"sendgrid opened: {why}"]


def test_folded_event_cannot_be_replayed(sign_in, held, poison):
    same = {"dispatch": poison.message.dispatch, "content": poison.message.content}
    fold_email(email_event(in_call(**same), "open"))
    folded = ProviderEvent.objects.filter(shop=poison.message.shop, folded_at__isnull=False).get()

    question = ask(sign_in(), folded)

    assert question.context["foreseen"][0][1].blocker.startswith("It is folded")


@pytest.mark.parametrize("role", [Role.STAFF, Role.READ_ONLY])
def test_lower_roles_are_not_asked(sign_in, held, poison, role):
    poison.is_mended = True

    answer = ask(sign_in(role), held)

    assert "token" not in (answer.context or {})
    held.refresh_from_db()
    assert held.folded_at is None


def test_event_of_another_shop_is_not_there(sign_in, held):
    stranger = sign_in(Role.OWNER, shop=in_call().shop)

    ask(stranger, held, confirm_token="any")
    page = stranger.get(reverse("admin:communications_providerevent_change", args=[held.pk]))

    held.refresh_from_db()
    assert page.status_code == 404
    assert held.folded_at is None


@pytest.mark.parametrize("state", ["waiting", "quarantined", "folded"])
def test_list_is_filtered_by_state(client, held, poison, state):
    post_sendgrid([email_event(in_call(), "open")])
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    rows = client.get(LIST, {"state": state}).context["cl"].result_list

    assert [row.pk for row in rows] == [
        row.pk
        for row in ProviderEvent.objects.order_by("-pk")
        if (state == "folded") == bool(row.folded_at)
        and (state == "quarantined") == bool(row.quarantined_at)
    ]
    assert len(rows) == 1


def test_page_shows_the_payload_escaped_and_for_reading_only(client, poison):
    fold_email(email_event(poison.message, "open", useragent="<script>alert(1)</script>"))
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    event = ProviderEvent.objects.get()

    page = client.get(reverse("admin:communications_providerevent_change", args=[event.pk]))
    content = page.content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "<script>alert(1)" not in content
    assert "<textarea" not in content
    assert "_save" not in content


def test_list_costs_the_same_with_many_events(client, settings):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert_same_queries(client, LIST, make=lambda: fold_email(email_event(in_call(), "open")))
