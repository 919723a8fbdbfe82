"""Admin of provider accounts: secrets go in, and never come out."""

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory, UserFactory
from communications import secrets
from communications.models import CustomerCommunication, Incident, ProviderAccount
from communications.tests.factories import CommunicationFactory

pytestmark = pytest.mark.django_db
ADD = "admin:communications_provideraccount_add"
CHANGE = "admin:communications_provideraccount_change"


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_secret_is_stored_encrypted_and_never_shown(root):
    shop = ShopFactory()

    root.post(
        reverse(ADD),
        {"shop": shop.pk, "provider": "sendgrid", "name": "Own", "new_secret": "SG.hush"},
    )

    account = ProviderAccount.objects.get()
    assert "SG.hush" not in account.secret
    assert secrets.decrypt(account.secret) == "SG.hush"
    page = root.get(reverse(CHANGE, args=[account.pk])).content.decode()
    assert "SG.hush" not in page
    assert account.secret not in page


def test_an_empty_secret_keeps_the_stored_one(root):
    account = ProviderAccount.objects.create(
        shop=ShopFactory(), provider="twilio", name="Own", secret=secrets.encrypt("hush")
    )

    root.post(reverse(CHANGE, args=[account.pk]), {"name": "Renamed", "new_secret": ""})

    account.refresh_from_db()
    assert (account.name, secrets.decrypt(account.secret)) == ("Renamed", "hush")


def test_no_list_can_be_filtered_by_a_secret(root):
    answer = root.get(
        reverse("admin:communications_provideraccount_changelist"), {"secret__startswith": "g"}
    )

    assert answer.status_code == 400


def test_an_older_key_still_decrypts_and_the_newest_encrypts(settings):
    older, newer = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [older]
    stored = secrets.encrypt("hush")
    settings.FIELD_ENCRYPTION_KEYS = [newer, older]

    assert secrets.decrypt(stored) == "hush"
    assert Fernet(newer).decrypt(secrets.encrypt("again").encode()) == b"again"


def test_a_secret_whose_key_is_gone_says_what_to_do(settings):
    stored = secrets.encrypt("hush")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(secrets.SecretUnreadable, match="FIELD_ENCRYPTION_KEYS"):
        secrets.decrypt(stored)


def test_a_manager_cannot_make_an_account_of_the_installation(client):
    member = MembershipFactory(role=Membership.Role.MANAGER, user__is_staff=True)
    client.force_login(member.user)

    answer = client.post(reverse(ADD), {"shop": "", "provider": "twilio", "name": "Everybody's"})

    assert "shop" in answer.context["adminform"].form.errors
    assert not ProviderAccount.objects.exists()


def test_messages_are_found_by_the_state_of_their_call(root):
    waiting = CommunicationFactory()
    CommunicationFactory(send_state="blocked", reason="no_consent")

    page = root.get(
        reverse("admin:communications_customercommunication_changelist"), {"state": "pending"}
    )

    assert list(page.context["cl"].result_list) == [waiting]


def test_the_ledger_is_view_only_even_for_superusers(root):
    message = CommunicationFactory()
    url = reverse("admin:communications_customercommunication_change", args=[message.pk])

    assert root.post(url, {"send_state": "cancelled"}).status_code == 403
    assert CustomerCommunication.objects.get().send_state == "pending"


def test_incidents_are_settled_once_and_by_the_first(root, client):
    shop = ShopFactory()
    first = UserFactory()
    seen = Incident.objects.create(
        shop=shop, kind="inbound_unclear", detail="?", resolved_at=timezone.now(), resolved_by=first
    )
    new = Incident.objects.create(shop=shop, kind="inbound_unclear", detail="stop it")

    root.post(
        reverse("admin:communications_incident_changelist"),
        {"action": "resolve", "_selected_action": [seen.pk, new.pk]},
    )

    seen.refresh_from_db()
    new.refresh_from_db()
    assert seen.resolved_by == first
    assert new.resolved_at is not None
