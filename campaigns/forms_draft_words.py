"""What a person types as the words of a draft."""

import re

from campaigns.draft_words import Words
from campaigns.forms_blocks import BlocksEditor
from campaigns.forms_wording import WordingForm

_OF_VARIATION = re.compile(r"variations\.(?P<place>\d+)\.(?P<path>.+)\Z")
_TELLS = {"email": "subject", "sms": "sms"}  # the field by which a form has the channel
_OWN = "Left empty: they get the campaign's own."


class DraftWordsForm(WordingForm):
    """All words but the blocks, on the channels on which something can be said there."""

    def __init__(self, data=None, *, words: Words, **kwargs):
        self.words = words
        super().__init__(data, channels=words.channels, **kwargs)
        self.keep_only(words.writable)
        if words.variation is not None:
            self._explain(subject=_OWN, sms=f"{_OWN} Check shows how many parts it has.")
        elif not words.is_only_arm:
            self._explain(subject="", sms="Check shows how many parts it has.")

    def take_all(self, errors: dict[str, list[str]], *, editor: BlocksEditor) -> None:
        """Bring the parser's words to their places; those of other variations stand above."""
        mine: dict[str, list[str]] = {}
        for path, said in errors.items():
            found = _OF_VARIATION.match(path)
            if found and int(found["place"]) != self.words.variation:
                name = self.words.arm.variations[int(found["place"])]["name"]
                self.add_error(None, [f"Other words “{name}”: {each}" for each in said])
            elif found and found["path"] == "criteria":
                self.add_error(None, [f"Whom these words are for: {each}" for each in said])
            else:
                mine[found["path"] if found else path] = said
        self.take_errors(mine, editor=editor)

    def _explain(self, **help_texts: str) -> None:
        for name, said in help_texts.items():
            if name in self.fields:
                self.fields[name].help_text = said


def form_of_gone(data) -> WordingForm:
    """What was typed for words that are there no more, on the channels that were asked for."""
    form = WordingForm(data, channels={})
    form.keep_only([name for name, field in _TELLS.items() if field in data])
    return form
