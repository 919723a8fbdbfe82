import pytest

from campaigns import content
from campaigns.content import ContentError

EMAIL = {"subject": "Hello", "message": "Hi {{customer_first_name}}"}
SMS = {"message": "Hi {{ customer_first_name }}"}


def wrong(raw, campaign_type="email"):
    with pytest.raises(ContentError) as caught:
        content.parse(raw, campaign_type=campaign_type)
    return caught.value.fields


def test_content_of_both_channels_is_read_email_first():
    parts = content.parse({"sms": SMS, "email": EMAIL}, campaign_type="multi")

    assert list(parts) == ["email", "sms"]
    assert parts["email"].subject == "Hello"
    assert parts["sms"].personalization is True


def test_stored_form_is_read_again_as_the_same_content():
    parts = content.parse({"sms": SMS, "email": EMAIL}, campaign_type="multi")

    assert content.parse(content.as_json(parts), campaign_type="multi") == parts


@pytest.mark.parametrize(
    ("raw", "campaign_type", "path"),
    [
        ({"email": EMAIL}, "sms", "channels.sms"),
        ({"email": EMAIL}, "multi", "channels.sms"),
        ({"sms": SMS}, "email", "channels.email"),
        ({"email": EMAIL, "sms": SMS}, "email", "channels.sms"),
        ({}, "email", "channels.email"),
        ([], "email", "channels"),
        ({"email": "Hello"}, "email", "channels.email"),
        ({"email": {**EMAIL, "message": " "}}, "email", "channels.email.message"),
        ({"email": {**EMAIL, "message": 7}}, "email", "channels.email.message"),
        ({"email": {"message": "x"}}, "email", "channels.email.subject"),
        ({"email": {**EMAIL, "personalization": "yes"}}, "email", "channels.email.personalization"),
    ],
)
def test_content_that_does_not_fit_is_refused_at_its_place(raw, campaign_type, path):
    assert path in wrong(raw, campaign_type)


def test_every_wrong_place_is_named_at_once():
    fields = wrong({"email": {"subject": "", "mesage": "x"}})

    assert set(fields) == {
        "channels.email.mesage",
        "channels.email.subject",
        "channels.email.message",
    }
    assert fields["channels.email.mesage"] == ["Unknown key. Did you mean message?"]


def test_unknown_channel_names_the_nearest():
    assert wrong({"email": EMAIL, "emial": EMAIL})["channels.emial"] == [
        "Unknown channel. Did you mean email?"
    ]


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\v", "\f"])
def test_subject_with_any_kind_of_line_break_is_refused(line_break):
    raw = {"email": {**EMAIL, "subject": f"Hello{line_break}Bcc: everybody@example.test"}}

    assert wrong(raw) == {"channels.email.subject": ["May not contain a line break."]}


@pytest.mark.parametrize("unsendable", ["\x00", "\x1b", "\ud800"])
def test_characters_that_cannot_be_stored_are_refused(unsendable):
    raw = {"email": {**EMAIL, "message": f"Hello {unsendable}"}}

    assert wrong(raw) == {"channels.email.message": ["Contains a character that cannot be sent."]}


def test_message_may_have_several_lines():
    parts = content.parse(
        {"email": {**EMAIL, "message": "one\r\ntwo\n\tthree"}}, campaign_type="email"
    )

    assert parts["email"].message == "one\r\ntwo\n\tthree"


@pytest.mark.parametrize(
    ("channel", "key", "limit"),
    [("email", "subject", 250), ("email", "message", 100_000), ("sms", "message", 1_600)],
)
def test_longest_text_is_taken_and_one_more_character_is_not(channel, key, limit):
    whole = {"email": EMAIL, "sms": SMS}[channel]

    longest = content.parse({channel: {**whole, key: "x" * limit}}, campaign_type=channel)
    assert len(getattr(longest[channel], key)) == limit
    assert wrong({channel: {**whole, key: "x" * (limit + 1)}}, channel) == {
        f"channels.{channel}.{key}": [f"At most {limit} characters; this has {limit + 1}."]
    }


def test_unknown_merge_field_names_the_nearest_known_one():
    fields = wrong({"email": {**EMAIL, "message": "Hi {{customer_firstname}}"}})

    (said,) = fields["channels.email.message"]
    assert "customer_firstname" in said
    assert "{{ customer_first_name }}" in said


def test_without_personalization_a_merge_field_is_refused_and_plain_text_is_not():
    plain = {"subject": "Hello", "message": "Hi you", "personalization": False}

    assert content.parse({"email": plain}, campaign_type="email")["email"].personalization is False
    fields = wrong({"email": {**plain, "message": "Hi {{customer_first_name}}"}})
    assert fields["channels.email.message"][0].startswith("Personalization is off")


def test_part_of_a_merge_field_means_the_customers_own():
    fields = wrong({"email": {**EMAIL, "message": "Hi {{first_name}}"}})

    assert fields["channels.email.message"] == [
        "{{ first_name }} is not a merge field. Did you mean {{ customer_first_name }}?"
    ]


def test_longest_address_is_taken_and_one_more_character_is_not():
    start = "https://shop.example.test/"
    longest = start + "x" * (2_000 - len(start))

    content.parse({"email": {**EMAIL, "message": f"See {longest}."}}, campaign_type="email")
    fields = wrong({"email": {**EMAIL, "message": f"See {longest}x."}})

    (said,) = fields["channels.email.message"]
    assert said.endswith("has 2,001 characters; a link may have 2,000: shorten it.")
