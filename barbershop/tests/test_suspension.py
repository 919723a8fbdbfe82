"""Who may stop all sending of a shop, who may let it go on, and what is kept of it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from barbershop import suspension
from barbershop.models import AuditEntry, Barbershop, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory, UserFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
WHY = "Texts to people who had said stop"


def of_organization(shop, role=Role.MANAGER):
    membership = MembershipFactory(
        shop=None, organization=shop.organization, role=role, user__is_staff=True
    )
    return membership.user


def root():
    return UserFactory(is_staff=True, is_superuser=True)


def entries(shop) -> list[tuple]:
    found = AuditEntry.objects.for_shop(shop).order_by("seq")
    return [(e.action, e.actor, e.detail.before, e.detail.after) for e in found]


def test_suspension_and_its_end_are_kept_with_who_and_why(shop):
    person = of_organization(shop)
    neighbour = ShopFactory(organization=shop.organization)

    suspension.suspend(shop, by=person, reason=f"  {WHY} ")

    since = shop.suspended_at
    assert since is not None
    assert (shop.suspended_reason, shop.suspended_by) == (WHY, person)
    with pytest.raises(suspension.NotPossible, match="suspended already"):
        suspension.suspend(shop, by=person, reason="again")

    suspension.lift(shop, by=person, reason="Settled")

    assert (shop.suspended_at, shop.suspended_reason, shop.suspended_by) == (None, "", None)
    with pytest.raises(suspension.NotPossible, match="not suspended"):
        suspension.lift(shop, by=person, reason="again")
    assert entries(shop) == [
        ("shop.suspend", person, None, {"reason": WHY}),
        (
            "shop.lift_suspension",
            person,
            {"since": since.isoformat(), "reason": WHY},
            {"reason": "Settled"},
        ),
    ]
    assert entries(neighbour) == []


def test_neither_goes_without_a_reason(shop):
    person = root()
    with pytest.raises(suspension.NotPossible, match="Say why"):
        suspension.suspend(shop, by=person, reason=" ")
    with pytest.raises(suspension.NotPossible, match="at most 200"):
        suspension.suspend(shop, by=person, reason="x" * 201)
    suspension.suspend(shop, by=person, reason=WHY)
    with pytest.raises(suspension.NotPossible, match="Say why"):
        suspension.lift(shop, by=person, reason="")

    shop.refresh_from_db()
    assert shop.suspended_reason == WHY


def test_only_those_above_the_shop_may_suspend_it(shop):
    here = MembershipFactory(shop=shop, role=Role.OWNER).user
    elsewhere = of_organization(ShopFactory(), Role.OWNER)
    helper = of_organization(shop, Role.STAFF)

    for person in (here, elsewhere, helper):
        with pytest.raises(suspension.NotPossible, match="Only its organisation"):
            suspension.suspend(shop, by=person, reason=WHY)

    assert [suspension.may_suspend(p, shop) for p in (root(), of_organization(shop))] == [True] * 2
    assert entries(shop) == []


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_what_the_installation_has_suspended_only_it_lifts(shop, is_forgotten):
    suspension.suspend(shop, by=root(), reason=WHY)
    if is_forgotten:
        Barbershop.objects.update(suspended_by=None)

    with pytest.raises(suspension.NotPossible, match="Only who runs the installation"):
        suspension.lift(shop, by=of_organization(shop, Role.OWNER), reason="Settled")
    shop.refresh_from_db()
    assert shop.suspended_at is not None

    suspension.lift(shop, by=root(), reason="Settled")
    assert shop.suspended_at is None


def test_database_refuses_a_suspension_without_a_reason_and_links_without_https(shop):
    for nonsense in (
        {"suspended_reason": WHY},
        {"terms_url": "http://a.example/terms"},
        {"privacy_url": "javascript:alert(1)"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Barbershop.objects.filter(pk=shop.pk).update(**nonsense)


LIST = "admin:barbershop_barbershop_changelist"


def post(client, action, shop, **more):
    data = {"action": action, "_selected_action": [shop.pk], **more}
    return client.post(reverse(LIST), data, follow=True)


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_admin_asks_why_before_it_suspends_and_lifts(client, shop):
    client.force_login(of_organization(shop))
    page = post(client, "suspend", shop)
    token = page.context["token"]

    again = post(client, "suspend", shop, confirm_token=token, reason="two\nlines")

    assert again.context["said"].startswith("Say why")
    assert Barbershop.objects.get(pk=shop.pk).suspended_at is None

    answer = post(client, "suspend", shop, confirm_token=again.context["token"], reason=WHY)

    assert said(answer) == [f"{shop} is suspended: nothing of it is sent any more."]
    shop.refresh_from_db()
    assert shop.suspended_reason == WHY
    form = client.get(reverse("admin:barbershop_barbershop_change", args=[shop.pk]))
    assert WHY in form.content.decode()
    assert "suspended_reason" not in form.context["adminform"].form.fields
    blocked = post(client, "suspend", shop).context["foreseen"][0][1]
    assert blocked.blocker == f"It is suspended already: {WHY}"

    token = post(client, "lift", shop).context["token"]
    answer = post(client, "lift", shop, confirm_token=token, reason="Settled")

    assert said(answer) == [f"{shop} may send again."]
    shop.refresh_from_db()
    assert shop.suspended_at is None


def test_admin_offers_it_to_nobody_of_the_shop_and_refuses_other_organisations(client, shop):
    owner = MembershipFactory(shop=shop, role=Role.OWNER, user__is_staff=True).user
    client.force_login(owner)
    offered = client.get(reverse(LIST)).context["action_form"]
    assert offered is None or "suspend" not in dict(offered.fields["action"].choices)
    post(client, "suspend", shop, confirm_token="x", reason=WHY)

    MembershipFactory(shop=None, organization=ShopFactory().organization, user=owner)
    answer = post(client, "suspend", shop, confirm_token="x", reason=WHY)

    assert said(answer) == ["Your role does not allow this for every row you chose."]
    assert Barbershop.objects.get(pk=shop.pk).suspended_at is None
