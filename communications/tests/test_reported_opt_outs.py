"""An opt-out by a file or the API ends like every other: nobody with that address gets an offer."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from communications.models import Suppression
from communications.tests.test_compliance import refusal
from communications.tests.texts import active_causes
from customers import consent
from customers.addresses import address_hmac
from customers.models import ContactConsent, Customer
from customers.tests.consents import opt_in
from customers.tests.csv_files import NOW, run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

SAM, PHONE = "s@example.test", "+12125550123"
OUT = f"external_id,email,email_opted_out\nX1,{SAM},yes\n"


@pytest.fixture
def shop():
    CustomerFactory(email=SAM, phone=PHONE)  # the same person at another shop
    return ShopFactory()


def offers(shop, channel="email") -> dict[str, str]:
    people = Customer.objects.for_shop(shop)
    return {each.external_id: refusal(each, kind="marketing", channel=channel) for each in people}


def say(shop, customer, **said):
    body = {
        "customer": customer.pk,
        "channel": "sms",
        "decision": "opted_out",
        "source": "call",
        "given_at": timezone.now().isoformat(),
    }
    answer = token_client(shop).post("/api/consents/", body | said)
    assert answer.status_code == 201, answer.json()
    return answer


def test_file_opts_out_whoever_has_the_address_in_it(shop):
    run(shop, f"{OUT}X2,{SAM},\nX3,other@example.test,\n")

    assert offers(shop) == {"X1": "suppressed", "X2": "suppressed", "X3": ""}
    assert active_causes(shop) == ["unsubscribed"]


def test_file_opts_out_the_same_person_under_a_later_id(shop):
    run(shop, OUT)
    run(shop, f"external_id,email\nX2,{SAM}\n")

    assert offers(shop) == {"X1": "suppressed", "X2": "suppressed"}


def test_file_opts_out_an_address_that_another_record_has_later(shop):
    run(shop, OUT)
    first = Customer.objects.get(external_id="X1")
    first.email = ""
    first.save()
    CustomerFactory(shop=shop, external_id="X2", email=SAM)

    assert offers(shop)["X2"] == "suppressed"


def test_file_opts_out_who_had_been_opted_out_without_a_suppression(shop):
    known = CustomerFactory(shop=shop, external_id="X1", email=SAM)
    known.opt_out("email", source="csv import")

    done = run(shop, OUT)

    assert (done.unchanged, active_causes(shop)) == (1, ["unsubscribed"])


def test_same_file_again_adds_nothing(shop):
    text = f"{OUT}X2,{SAM},\n"
    run(shop, text)
    before = (ContactConsent.objects.count(), Suppression.objects.count())

    again = run(shop, text)

    assert again.unchanged == 2
    assert (ContactConsent.objects.count(), Suppression.objects.count()) == before == (2, 1)


def test_dry_run_opts_nobody_out(shop):
    CustomerFactory(shop=shop, external_id="X1", email=SAM)

    run(shop, OUT, dry_run=True)

    assert not Suppression.objects.exists()
    assert not ContactConsent.objects.exists()


def test_file_costs_as_many_queries_for_many_opt_outs_as_for_few(
    shop, django_assert_max_num_queries
):
    def text(names):
        rows = "".join(f"{name},{name}@example.test,yes\n" for name in names)
        return f"external_id,email,email_opted_out\n{rows}"

    with django_assert_max_num_queries(200) as few:
        run(shop, text(f"a{n}" for n in range(2)))
    with django_assert_max_num_queries(200) as many:
        run(shop, text(f"b{n}" for n in range(20)))

    assert len(many) == len(few)


def test_api_opts_out_a_number_that_a_family_shares(shop):
    first, second = (CustomerFactory(shop=shop, external_id=x, phone=PHONE) for x in "AB")
    for each in (first, second):
        opt_in(each, "sms")

    say(shop, first)

    assert offers(shop, "sms") == {"A": "suppressed", "B": "suppressed"}
    assert active_causes(shop) == ["unsubscribed"]
    assert [each.consents.latest().get().decision for each in (first, second)] == ["opted_out"] * 2


def test_api_opts_out_of_offers_who_wants_no_reminders(shop):
    sam = CustomerFactory(shop=shop, phone=PHONE)
    opt_in(sam, "sms")

    say(shop, sam, topic="appointments")

    assert refusal(sam, kind="transactional", channel="sms") == "topic"
    assert refusal(sam, kind="marketing", channel="sms") == "suppressed"


def test_api_opts_out_an_older_number_when_it_is_named(shop):
    sam = CustomerFactory(shop=shop, phone="+12125550177")
    CustomerFactory(shop=shop, external_id="B", phone=PHONE)

    say(shop, sam, phone="(212) 555-0123")

    assert Suppression.objects.get().address_hmac == address_hmac(PHONE)
    assert offers(shop, "sms")["B"] == "suppressed"
    assert refusal(sam, kind="marketing", channel="sms") == "no_consent"


def test_api_takes_an_opt_out_from_before_a_later_opt_in_as_history(shop):
    sam = CustomerFactory(shop=shop, external_id="A", phone=PHONE)
    opt_in(sam, "sms")
    before = timezone.now() - dt.timedelta(days=9)

    say(shop, sam, given_at=before.isoformat())

    assert (offers(shop, "sms"), active_causes(shop)) == ({"A": ""}, [])


def days_ago(number: int) -> str:
    return (timezone.now() - dt.timedelta(days=number)).isoformat()


def agree(customer, channel, *, at):
    said = {"channel": channel, "decision": "opted_in", "source": "paper form"}
    consent.record(customer=customer, given_at=at, now=at, **said)


def test_api_leaves_alone_who_shares_the_number_and_agreed_later(shop):
    first, second = (CustomerFactory(shop=shop, external_id=x, phone=PHONE) for x in "AB")
    opt_in(second, "sms")

    for _ in range(3):
        say(shop, first, given_at=days_ago(9))

    assert offers(shop, "sms") == {"A": "no_consent", "B": ""}
    assert (active_causes(shop), second.consents.count()) == ([], 1)


def test_api_suppresses_again_what_was_said_after_whoever_agreed_last(shop):
    first, second, third = (CustomerFactory(shop=shop, external_id=x, phone=PHONE) for x in "ABC")
    for each, days in ((second, 5), (third, 3)):
        agree(each, "sms", at=timezone.now() - dt.timedelta(days=days))

    say(shop, first, given_at=days_ago(4))
    assert active_causes(shop) == []
    assert [each.consents.count() for each in (second, third)] == [2, 1]

    say(shop, first, given_at=days_ago(2))
    assert offers(shop, "sms") == dict.fromkeys("ABC", "suppressed")


def test_api_takes_no_reminders_from_before_he_agreed_to_offers_as_that_alone(shop):
    sam = CustomerFactory(shop=shop, phone=PHONE)
    opt_in(sam, "sms")

    say(shop, sam, topic="appointments", given_at=days_ago(9))

    assert refusal(sam, kind="marketing", channel="sms") == ""
    assert refusal(sam, kind="transactional", channel="sms") == "topic"


def test_file_leaves_alone_who_agreed_after_it_was_begun(shop):
    sam = CustomerFactory(shop=shop, external_id="X1", email=SAM)
    agree(sam, "email", at=NOW + dt.timedelta(minutes=5))

    run(shop, OUT)

    assert (offers(shop), active_causes(shop)) == ({"X1": ""}, [])
