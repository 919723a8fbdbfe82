"""The preview's pages and its API."""

import pytest
from django.urls import reverse

from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.factories import DefinitionFactory
from communications.models import CustomerCommunication
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
CHANNELS = {
    "email": {"subject": "Hi {{ customer_first_name }}", "message": "<b>{{ booking_link }}"},
    "sms": {"message": "Hi {{ customer_first_name }}"},
}


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(shop, client):
    owner = MembershipFactory(shop=shop).user
    client.force_login(owner)
    return owner


@pytest.fixture
def definition(shop):
    return DefinitionFactory(shop=shop, campaign_type="multi", channels=CHANNELS)


@pytest.fixture
def lukasz(shop):
    person = CustomerFactory(shop=shop, first_name="Łukasz", last_name="Abel")
    opt_in(person, "sms")
    return person


def page(client, definition, **query):
    return client.get(reverse("campaign-preview", args=[definition.pk]), query)


def test_page_shows_a_text_with_its_parts_and_what_would_make_it_cheaper(
    client, owner, definition, lukasz
):
    shown = page(client, definition, customer=lukasz.pk, channel="sms").content.decode()

    assert "Corner Cuts: Hi Łukasz Reply STOP to opt out." in shown
    assert "1 part (UCS-2, 45 UTF-16 units), $0.01" in shown
    assert "“Ł” is outside the alphabet of texts" in shown
    assert "there is nothing to write differently" in shown
    assert "Gets it at once when it is sent now. Words of variant A, drawn for him." in shown


def test_email_stands_in_a_frame_that_can_do_nothing(client, owner, definition, lukasz):
    shown = page(client, definition, customer=lukasz.pk, view="dark").content.decode()
    url = f"{reverse('campaign-preview-email', args=[definition.pk])}?channel=email&amp;view=dark"

    assert f'src="{url}&amp;customer={lukasz.pk}"' in shown
    assert 'class="preview-frame preview-dark"' in shown
    assert " sandbox " in shown

    framed = client.get(url.replace("&amp;", "&"), {"customer": lukasz.pk})

    rules = (rule.strip().partition(" ") for rule in framed["Content-Security-Policy"].split(";"))
    policy = {name: value for name, _, value in rules}
    assert policy == {
        "default-src": "'none'",
        "img-src": "https:",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "&lt;b&gt;" in framed.content.decode()
    assert page(client, definition)["X-Frame-Options"] == "DENY"


def test_customer_is_searched_by_name_in_this_shop_only(client, owner, definition, lukasz):
    CustomerFactory(first_name="Łukasz", last_name="Elsewhere")

    found = page(client, definition, q="abel").context["people"]

    assert found == [lukasz]
    stranger = CustomerFactory()
    assert page(client, definition, customer=stranger.pk).status_code == 404
    assert page(client, DefinitionFactory()).status_code == 404
    assert page(client, definition, customer="9" * 30, channel="x", view="x").status_code == 404


def test_page_of_a_campaign_without_content_says_so(client, owner, definition):
    definition.variants.all().delete()

    assert "The campaign has no content" in page(client, definition).content.decode()
    url = reverse("campaign-preview-email", args=[definition.pk])
    assert client.get(url).status_code == 404


def test_check_is_a_page_and_a_fragment(client, owner, definition, lukasz):
    url = reverse("campaign-lint", args=[definition.pk])

    whole = client.get(url).content.decode()
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "<h1>Check of" in whole
    assert "<h1>" not in part
    for shown in (whole, part):
        assert "1 email, 1 text." in shown
        assert "leads to a place that customers cannot reach" in shown


def test_test_is_sent_to_the_shops_own_people(client, owner, definition, shop):
    url = reverse("campaign-preview-test", args=[definition.pk])

    assert client.post(url, {"emails": owner.email, "phones": ""}).status_code == 302
    assert client.post(url, {"emails": "", "phones": ""}).status_code == 400
    assert client.post(url, {"emails": "no address", "phones": ""}).status_code == 400
    said = client.post(url, {"emails": "", "phones": "212 555 0123"}, follow=True)

    assert "No test to +12125550123: not verified." in said.content.decode()
    (sent,) = CustomerCommunication.objects.values_list("address", "dispatch__kind")
    assert sent == (owner.email, "test")


def test_test_is_of_the_variation_that_is_shown(client, owner, definition, lukasz):
    spanish = {
        "name": "Spanish",
        "criteria": {"language": "es"},
        "channels": {"sms": {"message": "Hola"}},
    }
    definition.variants.update(variations=[spanish])

    shown = page(client, definition, arm="A/Spanish", channel="sms").content.decode()

    assert "Hola" in shown
    assert "chosen by you, not drawn for him" in shown
    assert '<input type="hidden" name="variation" value="Spanish"' in shown
    assert "Variant A, Spanish, marked as a test" in shown


def test_test_is_filled_in_as_the_customer_who_was_chosen(client, owner, definition, lukasz):
    url = f"{reverse('campaign-preview-test', args=[definition.pk])}?customer={lukasz.pk}"
    said = {"emails": "me@example.test", "phones": "", "variant": "A"}

    chosen = page(client, definition, customer=lukasz.pk).content.decode()
    by_itself = page(client, definition).content.decode()
    sent = client.post(url, {**said, "as_customer": lukasz.pk})
    examples = client.post(url, {**said, "as_customer": ""})

    option = f'<option value="{lukasz.pk}"{{}}>Łukasz Abel</option>'
    assert option.format(" selected") in chosen
    assert option.format("") in by_itself
    preview = reverse("campaign-preview", args=[definition.pk])
    assert (sent.url, examples.url) == (f"{preview}?customer={lukasz.pk}", preview)
    rows = CustomerCommunication.objects.order_by("pk")
    assert [(row.customer, row.values) for row in rows] == [
        (None, {"as_customer": str(lukasz.pk)}),
        (None, {}),
    ]


def test_test_is_not_filled_in_as_a_customer_of_another_shop(client, owner, definition, lukasz):
    stranger = CustomerFactory()
    url = reverse("campaign-preview-test", args=[definition.pk])
    said = {"emails": "me@example.test", "phones": "", "as_customer": stranger.pk}

    assert client.post(url, said).status_code == 404
    assert client.post(f"{url}?customer={lukasz.pk}", said).status_code == 404
    assert CustomerCommunication.objects.count() == 0


def test_viewer_sees_the_preview_and_sends_no_test(client, definition, lukasz, shop):
    client.force_login(MembershipFactory(shop=shop, role="read_only").user)

    assert "Send a test" not in page(client, definition).content.decode()
    url = reverse("campaign-preview-test", args=[definition.pk])
    assert client.post(url, {"emails": "me@example.test"}).status_code == 403
    assert CustomerCommunication.objects.count() == 0


def test_check_of_an_audience_of_nobody_does_not_read_like_a_pass(client, owner, definition):
    shown = client.get(reverse("campaign-lint", args=[definition.pk])).content.decode()

    assert "so nothing was checked as somebody would read it." in shown
    assert "Nothing to say against them." not in shown


def test_api_gives_one_shape_for_preview_and_check(client, owner, definition, lukasz):
    found = client.get(f"/api/campaigns/{definition.pk}/preview", {"customer": lukasz.pk}).json()
    checked = client.get(f"/api/campaigns/{definition.pk}/lint/").json()

    assert (found["campaign"], found["customer"], found["variant"]) == (
        definition.pk,
        lukasz.pk,
        "A",
    )
    email, text = found["channels"]
    assert (email["subject"], email["fallbacks"]) == ("Hi Łukasz", [])
    assert text["culprits"] == [{"character": "Ł", "instead": None, "is_value": True}]
    assert text.keys() == email.keys()
    assert checked["checked"] == {"email": 1, "sms": 1}
    assert [each["code"] for each in checked["findings"] if each["stops_start"]] == [
        each["code"] for each in checked["findings"] if each["code"].startswith("no_")
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"customer": "x"}, "customer"),
        ({"customer": "0"}, "customer"),
        ({"arm": "Z"}, "arm"),
        ({"custmer": "1"}, "custmer"),
    ],
)
def test_api_refuses_what_it_does_not_know(client, owner, definition, query, field):
    answer = client.get(f"/api/campaigns/{definition.pk}/preview/", query)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])


def test_api_shows_nothing_of_another_shop(client, owner, definition):
    other = DefinitionFactory()
    stranger = CustomerFactory(shop=other.shop)

    assert client.get(f"/api/campaigns/{other.pk}/preview").status_code == 404
    assert client.get(f"/api/campaigns/{other.pk}/lint").status_code == 404
    answer = client.get(f"/api/campaigns/{definition.pk}/preview", {"customer": stranger.pk})
    assert answer.status_code == 400


def test_preview_asks_the_same_however_many_customers_there_are(client, owner, definition):
    assert_same_queries(
        client,
        reverse("campaign-preview", args=[definition.pk]),
        make=lambda: CustomerFactory(shop=definition.shop),
    )
