"""The parts of ``make bench`` that judge; the measuring itself needs a quiet machine."""

import json

import pytest

from benchmarks.sending.figures import Figures, measured, read
from benchmarks.sending.recorder import ACCEPTED, Connection, Counts
from benchmarks.sending.report import Promise, print_promises


class Wire:
    """What the recorder answers with."""

    def __init__(self):
        self.written = []

    def write(self, data: bytes) -> None:
        self.written.append(data)


def call(*addresses):
    people = [{"to": [{"email": address}]} for address in addresses]
    body = json.dumps({"personalizations": people}).encode()
    return b"POST /v3/mail/send HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def received(*pieces):
    counts, wire = Counts(), Wire()
    connection = Connection(counts)
    connection.connection_made(wire)
    for piece in pieces:
        connection.data_received(piece)
    return counts, wire


@pytest.mark.parametrize("size", [1, 7, 60, 10_000])
def test_recorder_counts_a_call_once_however_it_is_cut(size):
    sent = call("a@example.test", "b@example.test") + call("a@example.test")

    counts, wire = received(*(sent[at : at + size] for at in range(0, len(sent), size)))

    assert (counts.calls, counts.recipients, len(counts.addresses)) == (2, 3, 2)
    assert wire.written == [ACCEPTED, ACCEPTED]


def test_recorder_forgets_what_it_has_told():
    counts, wire = received(call("a@example.test"), b"GET / HTTP/1.1\r\n\r\n")

    said = json.loads(wire.written[1].partition(b"\r\n\r\n")[2])
    assert (said["recipients"], said["people"]) == (1, 1)
    assert counts.recipients == 0


def test_recorder_does_not_count_half_a_call():
    counts, wire = received(call("a@example.test")[:-1])

    assert (counts.recipients, wire.written) == (0, [])


@pytest.mark.parametrize(
    ("value", "bounds", "kept"),
    [
        (15, {"at_least": 15}, True),
        (14.9, {"at_least": 15}, False),
        (1.2, {"at_most": 1.2}, True),
        (1.21, {"at_most": 1.2}, False),
    ],
)
def test_promise_is_kept_up_to_its_bound(value, bounds, kept):
    assert Promise("it", value, **bounds).is_kept is kept


def test_one_broken_promise_is_enough(capsys):
    assert not print_promises([Promise("a", 2, at_least=1), Promise("b", 0, at_least=1)])
    assert "NOT KEPT  b 0.00 (promised >= 1)" in capsys.readouterr().out


def test_middle_run_is_the_one_with_the_median_rate():
    runs = [Figures(100, seconds, cpu=seconds, peak_mb=1) for seconds in (1, 10, 2)]

    assert Figures.middle(runs) == runs[2]


def test_figures_survive_the_way_from_process_to_process(capsys):
    with measured(5):
        pass

    (run,) = read("a line of something else\n" + capsys.readouterr().out)
    assert run.messages == 5
    assert run.seconds >= 0
