"""The editor of an email's blocks: a form of rows, for any page.

Read it with ``BlocksEditor(raw=)`` or ``BlocksEditor(data=)``, show it with
``campaigns/_blocks.html``. It needs no script: "add", "remove", "up" and "down" are buttons that
send the form (``name="do"``), and nothing that was typed is lost. What the blocks may hold is
judged by ``campaigns.content``; ``take_errors`` brings its words back to their rows.
"""

from collections.abc import Mapping

from django import forms

from communications.blocks.parsing import MOST_BLOCKS, TYPES
from communications.visit_facts import MOST_TIMES

LABELS = {
    "heading": "Heading",
    "text": "Text",
    "image": "Picture",
    "button": "Button",
    "offer": "The offer",
    "divider": "Line",
    "openings": "Next free times",
}
MOST_DIGITS = 9  # of a number that somebody types
_NAMES = {
    "text": "Words",
    "url": "Address",
    "alt": "What the picture shows",
    "link": "Where it leads",
    "label": "Words on the button",
    "count": "How many",
}
_HELP = {
    ("button", "url"): "A web address, or a merge field such as {{ booking_link }}.",
    ("image", "url"): "A web address such as https://example.com/picture.jpg.",
    ("image", "alt"): "Read aloud, and shown where pictures are off.",
    ("offer", "text"): "Stands above the discount, the code and the last day.",
    ("openings", "text"): "Stands above the times; the block goes where there are none.",
}


class BlockRow(forms.Form):
    """One block. Its fields follow from its type."""

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.kind = kind
        required, optional = TYPES[kind]
        for name in (*required, *optional):
            self.fields[name] = _field(kind, name, required=name in required)

    @property
    def title(self) -> str:
        return LABELS[self.kind]

    @property
    def typed(self) -> dict[str, str]:
        """What stands in it, judged or not."""
        return {name: self[name].value() for name in self.fields}

    @property
    def block(self) -> dict:
        """In the form that ``campaigns.content`` parses."""
        found = {"type": self.kind}
        for name, value in self.typed.items():
            value = (value or "").replace("\r\n", "\n")
            if name == "count" and value:
                found["count"] = int(value) if _is_number(value) else value
            elif value or name == "alt":
                found[name] = value
        return found


class BlocksEditor:
    """All blocks of one email.

    Attributes:
        rows: the forms of the blocks, in the order of the email.
        error: what is wrong with them as a whole.
    """

    def __init__(self, *, raw: list | None = None, data=None, prefix: str = "block"):
        self.prefix, self.error = prefix, ""
        self.rows: list[BlockRow] = []
        if data is None:
            self._set([(each["type"], _initial(each)) for each in raw or ()])
            return
        for index in range(MOST_BLOCKS):
            kind = data.get(f"{prefix}-{index}-type")
            if kind is None:
                return
            if kind in TYPES:
                self.rows.append(BlockRow(data, kind=kind, prefix=f"{prefix}-{index}"))

    @property
    def blocks(self) -> list[dict]:
        """In the form that ``campaigns.content`` parses, not judged yet."""
        return [row.block for row in self.rows]

    @property
    def types(self) -> list[tuple[str, str]]:
        """(type, words) of all blocks that can be added."""
        return list(LABELS.items())

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(anchor, sentence) of everything that is wrong, in the order of the page."""
        found = [(f"{self.prefix}-rows", self.error)] if self.error else []
        for number, row in enumerate(self.rows, start=1):
            for name, said in row.errors.items() if row.is_bound else ():
                anchor = row.prefix if name == "__all__" else row[name].id_for_label
                where = f"Block {number}, {row.title.lower()}"
                if name in row.fields:
                    where += f", {row.fields[name].label.lower()}"
                found += [(anchor, f"{where}: {each}") for each in said]
        return found

    def press(self, pressed: str, data: Mapping[str, str]) -> bool:
        """Do what a button of the editor says; False when it is no button of the editor."""
        verb, _, place = pressed.removeprefix(f"{self.prefix}-").partition("-")
        if not pressed.startswith(f"{self.prefix}-") or verb not in _VERBS:
            return False
        kept = [(row.kind, row.typed) for row in self.rows]
        if verb == "add":
            kind = data.get(f"{self.prefix}-new", "")
            kept += [(kind, {})] if kind in TYPES and len(kept) < MOST_BLOCKS else []
        elif _is_number(place) and int(place) < len(kept):
            _VERBS[verb](kept, int(place))
        self._set(kept)
        return True

    def forget_errors(self) -> None:
        """Show what was typed without judging it."""
        self._set([(row.kind, row.typed) for row in self.rows])

    def take_errors(self, errors: Mapping[str, list[str]], *, at: str) -> dict[str, list[str]]:
        """Bring errors by dotted path beneath ``at`` to their rows; the others are given back."""
        left = {}
        for path, said in errors.items():
            if path == at:
                self.error = " ".join(said)
                continue
            place, _, name = path.removeprefix(f"{at}.").partition(".")
            if not path.startswith(f"{at}.") or not place.isdecimal():
                left[path] = said
                continue
            row = self.rows[int(place)]
            row.errors  # noqa: B018 - cleaned before something is added
            row.add_error(name if name in row.fields else None, said)
        return left

    def _set(self, blocks: list[tuple[str, dict]]) -> None:
        self.rows = [
            BlockRow(kind=kind, prefix=f"{self.prefix}-{index}", initial=typed)
            for index, (kind, typed) in enumerate(blocks)
        ]


def _is_number(typed: str) -> bool:
    """Whether ``int`` takes it: neither a superscript nor more digits than it reads."""
    return typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS


def _remove(blocks: list, place: int) -> None:
    del blocks[place]


def _up(blocks: list, place: int) -> None:
    if place:
        blocks[place - 1], blocks[place] = blocks[place], blocks[place - 1]


def _down(blocks: list, place: int) -> None:
    if place + 1 < len(blocks):
        _up(blocks, place + 1)


_VERBS = {"add": None, "remove": _remove, "up": _up, "down": _down}


def _initial(block: dict) -> dict[str, str]:
    return {name: str(value) for name, value in block.items() if name != "type"}


class _Unjudged(forms.CharField):
    """What is typed into it, the parser of contents judges, in its own words."""

    def validate(self, value):
        pass

    def run_validators(self, value):
        pass


def _field(kind: str, name: str, *, required: bool) -> forms.Field:
    if name == "count":
        numbers = [(str(n), str(n)) for n in range(1, MOST_TIMES + 1)]
        widget = forms.Select(choices=[("", "3"), *[each for each in numbers if each[0] != "3"]])
        field = _Unjudged(widget=widget)
    else:
        is_long = kind == "text"
        widget = forms.Textarea(attrs={"rows": 5}) if is_long else forms.TextInput()
        field = _Unjudged(strip=False, widget=widget)
    field.label, field.help_text = _NAMES[name], _HELP.get((kind, name), "")
    field.required = required and name != "alt"  # for "(optional)" beside the label
    return field
