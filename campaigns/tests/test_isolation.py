"""One campaign that goes wrong must not take the others with it."""

import datetime as dt
import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from barbershop.models import Barbershop
from campaigns import attribution, execution, materialising, offers
from campaigns.management.commands import dispatch
from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications import delivery
from communications.models import Dispatch, MessageContent
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


def started():
    definition = DefinitionFactory()
    CustomerFactory(shop=definition.shop)
    return execution.start(definition)


def state_of(run):
    return Dispatch.objects.get(pk=run.dispatch_id).state


def test_audience_that_cannot_be_written_holds_nobody_up():
    broken, fine = started(), started()
    MessageContent.objects.filter(dispatch=broken.dispatch).delete()

    assert materialising.run_waiting() == 1

    assert (state_of(broken), state_of(fine)) == ("preparing", "running")
    assert CampaignResponse.objects.filter(execution=broken).count() == 0


def test_campaign_that_breaks_as_it_starts_holds_nobody_up():
    broken = DefinitionFactory(status="scheduled", scheduled_for=NOW)
    broken.offer = offers.percent(shop=broken.shop, name="Spring", discount=20, valid_days=3)
    broken.save()
    Barbershop.objects.filter(pk=broken.shop_id).update(timezone="Mars/Olympus")
    fine = DefinitionFactory(status="scheduled", scheduled_for=NOW)
    for definition in (broken, fine):
        CustomerFactory(shop=definition.shop)

    (run,) = execution.start_due(now=timezone.now())

    assert run.definition == fine
    broken.refresh_from_db()
    assert broken.status == "scheduled"
    assert CampaignExecution.objects.count() == 1


def test_criteria_that_became_unreadable_fail_a_paused_run_once():
    run = started()
    execution.pause(run)
    CampaignDefinition.objects.update(target_criteria={"no_such_thing": 1})

    assert materialising.run_waiting() == 0

    run.refresh_from_db()
    assert (state_of(run), run.failure[:28]) == ("failed", "The criteria cannot be used:")
    CampaignExecution.objects.update(failure="")
    materialising.run_waiting()
    run.refresh_from_db()
    assert run.failure == ""


@pytest.mark.django_db(transaction=True)
def test_round_goes_on_after_a_step_that_fails(monkeypatch, capsys):
    run = started()

    def deadlock(**kwargs):
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(execution, "start_due", deadlock)
    monkeypatch.setattr(delivery, "sweep", deadlock)
    Dispatch.objects.update(starts_at=timezone.now() + dt.timedelta(days=1))

    call_command("dispatch", "--once")

    assert state_of(run) == "running"
    assert capsys.readouterr().out == "nothing to send\n"


def test_rounds_credit_what_changed_lately_and_everything_once_an_hour(monkeypatch):
    asked = []
    monkeypatch.setattr(
        attribution, "credit", lambda **options: asked.append(options.get("changed_since"))
    )
    command = dispatch.Command()

    for minutes in (0, 1, 59, 60, 61):
        command._credit(now=NOW + dt.timedelta(minutes=minutes))

    recent = [NOW + dt.timedelta(minutes=minutes - 120) for minutes in (1, 59, 61)]
    assert asked == [None, recent[0], recent[1], None, recent[2]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer and no row locks")
def test_crediting_does_not_hold_up_the_writing_of_the_same_audience():
    run = ExecutionFactory()
    customer, newcomer = CustomerFactory.create_batch(2, shop=run.shop)
    CampaignResponse.objects.create(shop=run.shop, execution=run, customer=customer)
    AppointmentFactory(customer=customer, status="booked")
    failed = []

    def write():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            CampaignResponse.objects.create(shop=run.shop, execution=run, customer=newcomer)
        except OperationalError as error:
            failed.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        assert attribution._held(run.shop, [customer.pk])
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()

    assert failed == []


@pytest.mark.parametrize(("how", "is_limited"), [("--loop", True), ("--once", False)])
def test_long_sending_is_interrupted_in_a_loop_only(monkeypatch, how, is_limited):
    asked = []
    monkeypatch.setattr(dispatch, "LONGEST_SENDING", -1)
    monkeypatch.setattr(dispatch.signal, "signal", lambda *_: None)

    def send_due(*, stop):
        asked.append(stop())
        raise KeyboardInterrupt  # the end of the loop, for this test

    monkeypatch.setattr(dispatch.delivery, "send_due", send_due)
    with pytest.raises(KeyboardInterrupt):
        call_command("dispatch", how)

    assert asked == [is_limited]
