import pytest

from communications.inbound_words import Meaning, meaning


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop",
        " Stop. ",
        "S T O P",
        "s.t.o.p!!",
        "STOP 🛑",
        "\N{FULLWIDTH LATIN CAPITAL LETTER S}TOP",
        "STOPALL",
        "stop all",
        "Unsubscribe",
        "END",
        "quit\n",
        "CANCEL",
        "Revoke",
        "opt out",
        "OPT-OUT",
    ],
)
def test_exact_word_in_any_writing_stops(body):
    assert meaning(body) is Meaning.STOP


@pytest.mark.parametrize("body", ["START", "unstop", "Yes!", " y e s "])
def test_exact_word_in_any_writing_starts(body):
    assert meaning(body) is Meaning.START


@pytest.mark.parametrize("body", ["HELP", "info?"])
def test_help_is_help(body):
    assert meaning(body) is Meaning.HELP


@pytest.mark.parametrize(
    "body",
    [
        "please stop texting me",
        "Take me off, wrong number",
        "don't text me again",
        "Don\N{RIGHT SINGLE QUOTATION MARK}t contact me",
        "no",
        "remove",
        "cancel my 3pm",
        "I'll stop in later",
        "lose my number",
        "no me escriban",
        "arrêtez",
    ],
)
def test_answer_that_may_mean_stop_is_unclear(body):
    assert meaning(body) is Meaning.UNCLEAR


@pytest.mark.parametrize("body", ["Thanks, see you Friday", "", "👍", "How much is a fade?"])
def test_other_answers_mean_nothing(body):
    assert meaning(body) is Meaning.NOTHING


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("STOP", Meaning.STOP), ("START", Meaning.START), ("help", Meaning.HELP)],
)
def test_what_twilio_has_decided_wins_over_the_text(kind, expected):
    assert meaning("STOP", opt_out_type=kind) is expected
    assert meaning("thanks", opt_out_type=kind) is expected


def test_unknown_decision_leaves_it_to_the_text():
    assert meaning("STOP", opt_out_type="something new") is Meaning.STOP
