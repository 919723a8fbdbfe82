"""The words of an explanation: plain, each reason named once, times as on every other page."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.urls import reverse

from analytics import asked_rules, explained, explainer, reason_words, rule_words
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import verdicts
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications.compliance import findings
from communications.models import CustomerCommunication, Suppression
from customers import consent, erasure
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

Cause = Suppression.Cause
Reason = CustomerCommunication.Reason
NOON = dt.datetime(2026, 5, 6, 16, 0, tzinfo=dt.UTC)  # 12:00 in New York
NIGHT = NOON.replace(hour=7)
BOTH = EMAIL | {"sms": {"message": "Come in."}}
NOTHING_SAID = "he has said nothing; consent is needed"


@pytest.fixture
def shop():
    return ShopFactory(timezone="America/New_York")


@pytest.fixture
def customer(shop):
    found = CustomerFactory(shop=shop, phone="+12122340100")
    Customer.objects.update(created_at=NOON - dt.timedelta(days=90))
    found.refresh_from_db()
    return found


def said(definition, customer, *, now=NOON) -> tuple[str, list[str]]:
    """The conclusion, and a sentence for each channel."""
    found = explainer.explain(definition, customer, now=now)
    zone = definition.shop.zone
    return explained.conclusion(found, customer=customer, zone=zone), [
        explained.channel_said(each, found, zone=zone) for each in found.channels
    ]


def test_every_reason_says_what_it_means_and_what_to_do():
    assert set(reason_words.WORDS) == {*Reason, verdicts.NOT_MATCHED, verdicts.HELD_OUT}
    for reason in reason_words.WORDS:
        for channel in ("email", "sms"):
            words = reason_words.in_full(reason, channel=channel)
            assert words.count(reason_words.label_of(reason)) == 1
            assert ("_" in words, "{" in words) == (False, False)
            assert words.endswith(".")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (findings.Erased(dt.date(2026, 5, 4)), "on 4 May 2026"),
        (findings.Erased(None), "no"),
        (findings.Hours(is_open=False, opens_at=NOON), "closed, opens 6 May 2026, 12:00"),
        (findings.Hours(is_open=False), "closed for more than 3 days"),
        (findings.Hours(is_open=True, until=NOON), "open until 6 May 2026, 12:00"),
        (findings.Hours(is_open=True), "open"),
        (findings.Suppressions((Cause.BOUNCED, Cause.STOP)), "Hard bounce, Replied STOP"),
        (findings.Suppressions(()), "none"),
        (findings.Consent("opted_out", is_needed=False), "he said no; consent is not needed"),
        (
            findings.Consent("stale", is_needed=True),
            "he said yes for another address; consent is needed",
        ),
        (findings.Consent("", is_needed=True), NOTHING_SAID),
        (findings.TimeZones(("America/New_York",), ("NY",)), "America/New York (NY)"),
        (findings.TimeZones((), ()), "nobody knows"),
        # Whoever suspended the shop is quoted: his dates and words stay as they are.
        (
            findings.Suspension(NOON, "Since 2026-05-01, none; it is needed"),
            "since 6 May 2026, 12:00: Since 2026-05-01, none; it is needed",
        ),
        (findings.Cap(had=0, most=2), "had 0 of 2"),
        (asked_rules.OwnMessage(is_made=True), "can be made"),
    ],
)
def test_what_a_rule_found_is_said_without_the_words_of_the_ledger(found, words):
    assert rule_words.found_of(found, ZoneInfo("America/New_York")) == words


def test_every_decision_about_consent_has_an_owners_word():
    for decision in ("", *consent.Decision.values, consent.STALE):
        words = rule_words.found_of(findings.Consent(decision, is_needed=True), dt.UTC)
        assert words.startswith("he ")


@pytest.mark.django_db
def test_who_is_not_in_the_audience_is_asked_on_no_channel(shop, customer):
    last = NOON - dt.timedelta(days=10)
    AppointmentFactory(customer=customer, starts_at=last, booked_at=last)
    waits = {"last_visit_days": {"min": 30}}
    definition = DefinitionFactory(
        shop=shop, campaign_type="multi", channels=BOTH, target_criteria=waits
    )

    conclusion, channels = said(definition, customer)

    assert conclusion == (
        "Sent now, he does not get it. Not in the audience: the campaign's criteria or segments "
        "leave him out. Change them if he should get it. If nothing else changes, he would get it "
        "from 26 May 2026, 12:00. What is missing until then: whose last visit was at least 30 "
        "days ago."
    )
    assert channels == ["Not asked: he is not in the audience."] * 2


@pytest.mark.django_db
def test_reason_that_decides_is_explained_once_and_another_beside_it(shop, customer):
    definition = DefinitionFactory(shop=shop, campaign_type="multi", channels=BOTH)
    customer.email = ""
    customer.save()
    no_consent = (
        "No consent: he has not agreed to texts from you, or has said no. If he agrees, record it "
        "on his page, or let him sign up himself."
    )

    assert said(definition, customer) == (
        "Sent now, he does not get it. No address: his email address is not known. Ask him for it "
        "and add it to his data. Waiting alone changes nothing.",
        ["Would be blocked: no address.", f"Would be blocked. {no_consent}"],
    )


@pytest.mark.quiet_hours
@pytest.mark.django_db
def test_message_that_waits_names_the_time_in_the_shops_zone(shop, customer):
    opt_in(customer, "sms")
    text = DefinitionFactory(shop=shop, campaign_type="sms", channels={"sms": BOTH["sms"]})

    assert said(text, customer, now=NIGHT) == (
        "Sent now, he gets it on 6 May 2026, 09:00, when his hours begin.",
        ["He gets it here on 6 May 2026, 09:00, when his hours begin."],
    )
    assert said(text, customer) == ("Sent now, he gets it at once.", ["He gets it here at once."])


@pytest.mark.django_db
def test_later_channel_of_first_available_is_not_asked(shop, customer):
    opt_in(customer, "sms")
    definition = DefinitionFactory(
        shop=shop, campaign_type="multi", channels=BOTH, channel_policy="first_available"
    )

    _, channels = said(definition, customer)

    assert sorted(channels) == [
        "He gets it here at once.",
        "Not asked: another channel comes first.",
    ]


@pytest.mark.django_db
def test_held_out_and_erased_people_are_told_from_others(shop, customer):
    definition = DefinitionFactory(shop=shop, holdout_percent=50)
    while not verdicts.of(definition, customer, now=NOON).is_held_out:
        definition = DefinitionFactory(shop=shop, holdout_percent=50)

    assert said(definition, customer) == (
        "Sent now, he does not get it. Held out: he was drawn to get nothing, in every run of "
        "this campaign, so that those who get it can be compared with him. Nothing needs doing.",
        ["Not asked: he is held out of this campaign."],
    )
    erasure.erase(customer, reason="He asked for it.")
    customer.refresh_from_db()
    conclusion, _ = said(definition, customer)
    assert conclusion == "His data was erased: nothing is sent to him any more."


@pytest.mark.django_db
def test_page_and_terminal_say_the_same_and_the_api_keeps_its_words(client, shop, customer, capsys):
    Suppression.objects.create(
        shop=shop, channel="email", address_hmac=customer.email_hmac, cause="stop"
    )
    definition = DefinitionFactory(shop=shop)
    client.force_login(MembershipFactory(shop=shop).user)

    page = client.get(reverse("campaign-why", args=[definition.pk]), {"customer": customer.pk})
    call_command("explain", f"--campaign={definition.pk}", f"--customer={customer.pk}")

    printed = capsys.readouterr().out.splitlines()
    assert printed[0].endswith(f"({shop}, America/New_York)")
    assert printed[-1] == page.context["conclusion"]
    assert printed[-1].startswith(
        "Sent now, he does not get it. Address must not be used: he opted out or complained,"
    )
    (email,) = page.context["channel_rows"]
    assert f"  Email: {email['said']}" in printed
    rule = email["rules"][2]
    assert (rule.name, rule.found, rule.passes) == ("opt-outs and bounces", "Replied STOP", False)
    assert "    no   opt-outs and bounces: Replied STOP" in printed
    answer = token_client(shop).get(
        f"/api/campaigns/{definition.pk}/explain?customer={customer.pk}"
    )
    assert answer.json()["channels"][0]["rules"][2] == {
        "name": "suppressions",
        "reason": "suppressed",
        "found": "stop",
        "passes": False,
    }
    assert "suppressed" not in page.content.decode()
