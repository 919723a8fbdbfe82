"""What single answers mean: keywords in any writing, and the edges of the rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbershop.tests.steps import within
from communications.inbound.meaning import Answers, Meaning, meaning


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop",
        " Stop. ",
        "S T O P",
        "s.t.o.p!!",
        "STOP \N{OCTAGONAL SIGN}",
        "\N{FULLWIDTH LATIN CAPITAL LETTER S}TOP",
        "\N{CYRILLIC CAPITAL LETTER DZE}TO\N{CYRILLIC CAPITAL LETTER ER}",
        "ST\N{ZERO WIDTH SPACE}OP",
        "st0p",
        "sotp",
        "stoppppp",
        "STOPALL",
        "stop all",
        "Unsubscribe",
        "un-subscribe",
        "unsubcribe",
        "END",
        "quit\n",
        "CANCEL",
        "Revoke",
        "opt out",
        "OPT-OUT",
        "Stop please",
        "ok stop it now thanks",
        "stop stop stop",
        "ALTO",
        "baja",
        "Arr\N{LATIN SMALL LETTER E WITH CIRCUMFLEX}t",
        "ARRETEZ svp",
        "\N{OCTAGONAL SIGN}",
    ],
)
def test_keyword_in_any_writing_stops_whatever_it_answers(body):
    assert {meaning(body, answers=answers) for answers in Answers} == {Meaning.STOP}


@pytest.mark.parametrize(
    "body",
    [
        "please stop texting me",
        "take me off your list",
        "do not contact me",
        "Don\N{RIGHT SINGLE QUOTATION MARK}t text me again",
        "wrong number",
        "lose my number",
        "no me escriban",
        "dejen de mandarme mensajes",
        "n\N{LATIN SMALL LETTER U WITH ACUTE}mero equivocado",
        "ne m'\N{LATIN SMALL LETTER E WITH ACUTE}crivez plus",
        "retirez-moi de votre liste",
        "STOP. And cancel my 3pm.",
    ],
)
def test_clear_phrase_stops_whatever_it_answers(body):
    assert {meaning(body, answers=answers) for answers in Answers} == {Meaning.STOP}


@pytest.mark.parametrize("body", ["no", "Nope.", "non", "No!!"])
def test_no_stops_as_answer_to_an_offer_and_is_talk_as_answer_to_a_reminder(body):
    assert meaning(body, answers=Answers.OFFER) is Meaning.STOP
    assert meaning(body, answers=Answers.REMINDER) is Meaning.TALK
    assert meaning(body, answers=Answers.NOTHING) is Meaning.HELD


@pytest.mark.parametrize("body", ["remove", "Exit", "s", "off"])
def test_other_weak_words_stop_as_answer_to_an_offer_and_else_are_read_by_a_person(body):
    assert meaning(body, answers=Answers.OFFER) is Meaning.STOP
    assert meaning(body, answers=Answers.REMINDER) is Meaning.HELD
    assert meaning(body, answers=Answers.NOTHING) is Meaning.HELD


@pytest.mark.parametrize(
    "body",
    [
        "cancel my 3pm",
        "please don't stop the fade too high",
        "I'll stop in later",
        "cancelar mi cita",
        "annuler mon rendez-vous",
        "Thanks, see you Friday",
        "How much is a fade?",
        "",
        "\N{THUMBS UP SIGN}",
        "4",
    ],
)
def test_talk_with_the_barber_is_talk(body):
    assert meaning(body) is Meaning.TALK


@pytest.mark.parametrize(
    "body", ["\u505c\u6b62", "\u0421\u0442\u043e\u043f", "\u062a\u0648\u0642\u0641"]
)
def test_another_alphabet_is_held_since_no_rule_reads_it(body):
    assert meaning(body) is Meaning.HELD


@pytest.mark.parametrize(
    "body",
    ["D0 N0T TEXT ME", "d0nt text me", "D0n't text me", "d0 n0t c0ntact me", "D0N'T T3XT ME"],
)
def test_digits_that_look_like_letters_are_read_as_letters(body):
    assert {meaning(body, answers=answers) for answers in Answers} == {Meaning.STOP}


@pytest.mark.parametrize(
    "body", ["see you at 3pm", "5am works", "1st chair at 10am?", "the 4th is fine", "4 pm or 5pm"]
)
def test_times_and_numbers_stay_what_they_are(body):
    assert meaning(body) is Meaning.TALK


@pytest.mark.parametrize(
    "body",
    [
        "new phone who dis",
        "New phone, who is this?",
        "this is a landline",
        "You are texting a land line",
        "this is an office phone",
        "este es un tel\N{LATIN SMALL LETTER E WITH ACUTE}fono fijo",
        "c'est un fixe",
    ],
)
def test_number_of_somebody_else_is_held(body):
    assert meaning(body) is Meaning.HELD


@pytest.mark.parametrize("body", ["why do you keep texting", "how did you get my number", "ugh"])
def test_what_may_be_a_revocation_is_held(body):
    assert meaning(body) is Meaning.HELD


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("START", Meaning.START),
        ("unstop", Meaning.START),
        ("Yes!", Meaning.YES),
        ("s\N{LATIN SMALL LETTER I WITH ACUTE}", Meaning.ASSENT),
        ("HELP", Meaning.HELP),
        ("info?", Meaning.HELP),
        ("ayuda", Meaning.HELP),
    ],
)
def test_words_that_ask_for_something(body, expected):
    assert meaning(body) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("STOP", Meaning.STOP), ("START", Meaning.START), ("help", Meaning.HELP)],
)
def test_what_twilio_has_decided_wins_over_the_text(kind, expected):
    assert meaning("STOP", opt_out_type=kind) is expected
    assert meaning("thanks", opt_out_type=kind) is expected


def test_unknown_decision_leaves_it_to_the_text():
    assert meaning("STOP", opt_out_type="something new") is Meaning.STOP


@settings(max_examples=300, deadline=None)
@given(st.text(), st.sampled_from(Answers))
def test_any_text_has_a_meaning(body, answers):
    assert isinstance(meaning(body, answers=answers), Meaning)


@pytest.mark.parametrize("piece", ["stop ", "no more ", "a", "dont ", "~ ", ". ", "x1 "])
def test_the_longest_answer_takes_no_more_work_than_a_long_one(piece):
    meaning("warm")

    within(40_000, lambda: meaning(piece * 50_000))
