import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from communications.sandbox import running_sandbox
from communications.sandbox.faults import Faults, parse_fault
from communications.tests.sandbox_clients import mail, post_mail, send_text

PEOPLE = ("ann@example.com", "bob@example.com", "cy@example.com")


@pytest.fixture
def sandbox():
    with running_sandbox(events=False, slow_seconds=0.01, hang_seconds=0.01) as running:
        yield running


@pytest.mark.parametrize(
    ("mode", "status", "accepted"),
    [
        ("500_before", 500, 0),
        ("500_after", 500, 3),
        ("429", 429, 0),
        ("400_index", 400, 0),
        ("400_plain", 400, 0),
        ("413", 413, 0),
        ("401", 401, 0),
        ("slow", 202, 3),
    ],
)
def test_fault_of_sendgrid_answers_and_records_as_its_name_says(sandbox, mode, status, accepted):
    sandbox.set_fault(mode)
    response = post_mail(sandbox, mail(*PEOPLE))

    assert response.status_code == status
    assert len(sandbox.accepted()) == accepted


@pytest.mark.parametrize(("mode", "accepted"), [("drop_after_accept", 3), ("hang", 0)])
def test_fault_without_an_answer_ends_the_connection(sandbox, mode, accepted):
    sandbox.set_fault(mode)

    with pytest.raises(requests.ConnectionError):
        post_mail(sandbox, mail(*PEOPLE))
    assert len(sandbox.accepted()) == accepted


@pytest.mark.parametrize(
    ("mode", "status", "code", "accepted"),
    [
        ("500_before", 500, 20500, 0),
        ("500_after", 500, 20500, 1),
        ("429", 429, 20429, 0),
        ("400_index", 400, 21211, 0),
        ("400_plain", 400, 20001, 0),
        ("401", 401, 20003, 0),
    ],
)
def test_fault_of_twilio_answers_and_records_as_its_name_says(
    sandbox, mode, status, code, accepted
):
    sandbox.set_fault(mode)

    with pytest.raises(TwilioRestException) as failed:
        send_text(sandbox)
    assert (failed.value.status, failed.value.code) == (status, code)
    assert len(sandbox.accepted()) == accepted


def test_named_recipient_is_one_of_the_request(sandbox):
    sandbox.set_fault("400_index")
    fields = {post_mail(sandbox, mail(*PEOPLE)).json()["errors"][0]["field"] for _ in range(40)}

    assert fields == {f"personalizations.{n}.to.0.email" for n in range(3)}


def test_too_many_requests_says_when_to_come_back(sandbox):
    sandbox.set_fault("429")
    headers = post_mail(sandbox, mail()).headers

    assert (headers["Retry-After"], headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert int(headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_faults_end_when_they_are_cleared(sandbox):
    sandbox.set_fault("500_before")
    assert post_mail(sandbox, mail()).status_code == 500
    sandbox.clear_faults()

    assert post_mail(sandbox, mail()).status_code == 202


def test_same_seed_draws_the_same_faults_at_about_the_wished_rate():
    def draws(seed):
        faults = Faults({"429": 0.2, "500_after": 0.1}, seed=seed)
        return [faults.draw() for _ in range(2000)]

    assert draws(7) == draws(7)
    assert draws(7) != draws(8)
    assert 340 < draws(7).count("429") < 460
    assert 150 < draws(7).count("500_after") < 250


def test_probabilities_of_request_faults_may_not_exceed_one():
    with pytest.raises(ValueError, match=r"add up to 1\.2"):
        Faults({"429": 0.6, "hang": 0.6})
    # Faults of events are drawn apart.
    assert Faults({"429": 1, "events_none": 1}).draw() == "429"


def test_fault_is_read_from_the_command_line():
    assert parse_fault("429=0.25") == ("429", 0.25)


@pytest.mark.parametrize("text", ["429", "429=", "429=2", "429=-1", "429=nan", "418=0.5"])
def test_unreadable_fault_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=text):
        parse_fault(text)
