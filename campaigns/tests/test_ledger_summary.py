"""The ledger in figures: they add up, and they say what is open and what will settle it."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns import live, progress, summary
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import ExecutionFactory
from communications.delivery import resolve
from communications.models import Incident

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def run():
    """Something in every state, and another run that must not be counted."""
    execution = ExecutionFactory(definition__name="Summer")
    dispatch = execution.dispatch
    call(dispatch, "claimed", messages=2)
    call(dispatch, "sending", messages=3, now=NOW, ago=dt.timedelta(seconds=7))
    call(dispatch, "accepted", messages=4)
    call(dispatch, "unknown", messages=5, now=NOW, ago=12 * MINUTE, error="read timeout")
    call(dispatch, "not_sent", channel="sms", now=NOW, ago=180 * MINUTE)
    refused(dispatch, reason="550", messages=2)
    refused(dispatch, state="blocked", reason="no_consent")
    Incident.objects.create(
        shop=execution.shop, dispatch=dispatch, kind="unknown_outcome", detail="Who knows?"
    )
    other = ExecutionFactory(definition__shop=execution.shop, dispatch__state="done")
    call(other.dispatch, "accepted", messages=9)
    return execution


def printed(capsys, **options) -> str:
    call_command("ledger", **options)
    return capsys.readouterr().out


def test_summary_adds_up_to_the_rows_of_the_ledger(run, capsys):
    found = json.loads(printed(capsys, execution=run.pk, summary=True, format="json"))

    lines = printed(capsys, execution=run.pk).splitlines()
    words = ("pending", "sent", "blocked", "rejected", "unknown", "cancelled")
    assert [found["counts"][word] for word in words] == [5, 4, 1, 2, 6, 0]
    assert sum(found["counts"][word] for word in words) == found["counts"]["audience"]
    assert (found["rows"], found["adds_up"]) == (len(lines), True)


def test_summary_says_when_it_does_not_add_up(run, monkeypatch, capsys):
    """A state that nobody counts would be the fault."""
    count = progress.count

    def forgetful(executions):
        found = count(executions)
        for counts in found.values():
            counts.audience -= counts.unknown
            counts.unknown = 0
        return found

    monkeypatch.setattr(progress, "count", forgetful)

    text = printed(capsys, execution=run.pk, summary=True)

    assert "DOES NOT ADD UP: 18 rows" in text


def test_summary_lists_what_is_open_with_its_age_and_what_settles_it(run):
    found = summary.of(run, now=NOW)

    (wire,) = found["on_the_wire"]["oldest"]
    oldest, lost = found["unresolved"]["oldest"]
    attempt = live.calls(run.dispatch, ["unknown"]).get()
    assert (wire["messages"], wire["age_seconds"], wire["resolved_by"]) == (3, 7, "")
    assert (found["unresolved"]["calls"], found["unresolved"]["messages"]) == (2, 6)
    assert (oldest["state"], oldest["age_seconds"]) == ("not_sent", 180 * 60)
    assert (lost["attempt"], lost["error"]) == (str(attempt.uuid), "read timeout")
    assert lost["resolved_by"] == resolve.what_next(attempt, now=NOW)
    assert [each["detail"] for each in found["incidents"]] == ["Who knows?"]


def test_summary_in_words_for_a_terminal(run, capsys):
    text = summary.in_words(summary.of(run, now=NOW))

    assert printed(capsys, execution=run.pk, summary=True).startswith(text.splitlines()[0])
    assert "= 18 audience: adds up" in text
    assert "Outcome not known: 2 calls, 6 messages" in text
    assert "begun 12\u00a0min ago" in text
    assert "unknown_outcome: Who knows?" in text


def test_without_an_execution_the_unfinished_ones_are_listed(run, capsys):
    paused = ExecutionFactory(dispatch__state="paused", dispatch__paused_reason="too dear")
    lost = ExecutionFactory(dispatch__state="done")
    call(lost.dispatch, "unknown")
    ExecutionFactory(dispatch__state="done")
    ExecutionFactory(dispatch__state="cancelled")

    found = json.loads(printed(capsys, format="json"))

    assert {each["execution"] for each in found} == {run.pk, paused.pk, lost.pk}
    mine = next(each for each in found if each["execution"] == run.pk)
    assert (mine["on_the_wire"], mine["unresolved"], mine["counts"]["sent"]) == (1, 2, 4)
    text = printed(capsys)
    assert "paused (too dear)" in text


def test_listing_asks_as_often_for_three_runs_as_for_one(run, django_assert_num_queries):
    with django_assert_num_queries(4):
        summary.unfinished(now=NOW)
    for each in ExecutionFactory.create_batch(2):
        call(each.dispatch, "sending")

    with django_assert_num_queries(4):
        assert len(summary.unfinished(now=NOW)) == 3


def test_nothing_unfinished_is_said(capsys, db):
    assert printed(capsys).startswith("No execution runs")


@pytest.mark.parametrize(
    "options",
    [
        {"execution": 0},
        {"execution": 0, "summary": True},
        {"execution": 1, "format": "json"},
        {"execution": 1, "summary": True, "format": "jsonl"},
        {"format": "jsonl"},
    ],
)
def test_what_cannot_be_printed_is_refused_in_a_sentence(options):
    with pytest.raises(CommandError):
        call_command("ledger", **options)


def test_many_calls_are_counted_and_the_oldest_shown(run):
    for minutes in range(live.SHOWN + 5):
        call(run.dispatch, "unknown", channel="sms", now=NOW, ago=(20 + minutes) * MINUTE)

    found = live.of(run, now=NOW).unresolved

    assert (found.number, found.messages, len(found.oldest)) == (27, 31, live.SHOWN)
    assert found.more == 7
    assert [each.sending_at for each in found.oldest] == sorted(
        each.sending_at for each in found.oldest
    )
