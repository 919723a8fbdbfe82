"""The editor of blocks without a page: what its buttons do, and where errors go."""

import pytest

from campaigns import content
from campaigns.forms_blocks import LABELS, BlocksEditor
from communications.blocks.parsing import TYPES

BLOCKS = [
    {"type": "heading", "text": "Hello"},
    {
        "type": "image",
        "url": "https://example.com/a.jpg",
        "alt": "",
        "link": "https://example.com/",
    },
    {"type": "openings", "count": 2},
    {"type": "divider"},
]


def typed(blocks) -> dict:
    """What a browser sends for these blocks."""
    sent = {}
    for index, block in enumerate(blocks):
        sent |= {f"block-{index}-{name}": str(value) for name, value in block.items()}
    return sent


def test_every_type_of_block_can_be_added():
    assert set(LABELS) == set(TYPES)

    editor = BlocksEditor(data={})
    for kind in TYPES:
        assert editor.press("block-add", {"block-new": kind})

    assert [block["type"] for block in editor.blocks] == list(TYPES)


def test_blocks_come_back_as_they_were_stored():
    shown = BlocksEditor(raw=BLOCKS)
    sent = {field.html_name: field.value() or "" for row in shown.rows for field in row} | {
        f"{row.prefix}-type": row.kind for row in shown.rows
    }

    assert BlocksEditor(data=sent).blocks == BLOCKS


@pytest.mark.parametrize(
    ("pressed", "kinds"),
    [
        ("block-up-1", ["image", "heading", "openings", "divider"]),
        ("block-down-1", ["heading", "openings", "image", "divider"]),
        ("block-up-0", ["heading", "image", "openings", "divider"]),
        ("block-down-3", ["heading", "image", "openings", "divider"]),
        ("block-remove-2", ["heading", "image", "divider"]),
        ("block-remove-9", ["heading", "image", "openings", "divider"]),
        ("block-remove-x", ["heading", "image", "openings", "divider"]),
        ("block-add", ["heading", "image", "openings", "divider", "button"]),
    ],
)
def test_buttons_move_remove_and_add_and_keep_what_was_typed(pressed, kinds):
    editor = BlocksEditor(data=typed(BLOCKS))

    assert editor.press(pressed, {"block-new": "button"})

    assert [block["type"] for block in editor.blocks] == kinds
    known = {block["type"]: block for block in BLOCKS}
    kept = [block for block in editor.blocks if block["type"] in known]
    assert kept == [known[block["type"]] for block in kept]
    assert editor.problems == []


@pytest.mark.parametrize("pressed", ["save", "block-", "block-fly-1", "other-up-1", ""])
def test_other_buttons_are_not_the_editors(pressed):
    editor = BlocksEditor(data=typed(BLOCKS))

    assert not editor.press(pressed, {})
    assert editor.blocks == BLOCKS


def test_unknown_types_and_nonsense_from_outside_are_left_out():
    sent = {"block-0-type": "script", "block-1-type": "text", "block-1-text": "Hi"}

    editor = BlocksEditor(data=sent)
    assert editor.press("block-add", {"block-new": "script"})

    assert editor.blocks == [{"type": "text", "text": "Hi"}]


@pytest.mark.parametrize("digits", ["²", "٣x", "9" * 5_000])
def test_digits_that_are_no_number_stay_as_they_were_typed(digits):
    sent = {"block-0-type": "openings", "block-0-count": digits}

    editor = BlocksEditor(data=sent)
    assert editor.press(f"block-remove-{digits}", sent)

    assert editor.blocks == [{"type": "openings", "count": digits}]


def test_errors_of_the_parser_stand_at_their_blocks():
    blocks = [
        {"type": "text", "text": "Hi {{ custmer_first_name }}"},
        {"type": "button", "label": "", "url": "nowhere"},
        {"type": "openings", "count": "many"},
    ]
    editor = BlocksEditor(data=typed(blocks))
    with pytest.raises(content.ContentError) as refused:
        content.parse({"email": {"subject": "", "blocks": editor.blocks}}, campaign_type="email")

    left = editor.take_errors(refused.value.fields, at="channels.email.blocks")

    assert left == {"channels.email.subject": ["May not be blank."]}
    assert [anchor for anchor, _ in editor.problems] == [
        "id_block-0-text",
        "id_block-1-label",
        "id_block-1-url",
        "id_block-2-count",
    ]
    assert "customer_first_name" in editor.rows[0].errors["text"][0]
    editor.forget_errors()
    assert editor.problems == []
