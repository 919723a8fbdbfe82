"""What a browser sends for a form as it stands on a page: nothing changed, one button pressed."""

from html.parser import HTMLParser


def sent(page: str, *, having: str) -> dict[str, list[str]]:
    """The values of the form that has a control of this name, without those of its buttons."""
    found = _Forms()
    found.feed(page)
    (form,) = [form for form in found.forms if any(name == having for name, _ in form)]
    values: dict[str, list[str]] = {}
    for name, value in form:
        values.setdefault(name, []).append(value)
    return values


class _Forms(HTMLParser):
    """Successful controls, as HTML calls them: checked boxes, selected options, all the text."""

    def __init__(self):
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self.text: list[str] | None = None
        self.select = self.textarea = ""
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and self.forms:
            self._input(told)
        elif tag == "select":
            self.select, self.options = told["name"], []
        elif tag == "option":
            self.options.append((told.get("value", ""), "selected" in told))
        elif tag == "textarea":
            self.textarea, self.text = told["name"], []

    def handle_data(self, data):
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag):
        if tag == "select" and self.forms:
            chosen = [value for value, is_chosen in self.options if is_chosen]
            self._add(self.select, *(chosen or [value for value, _ in self.options[:1]]))
        elif tag == "textarea":
            text = "".join(self.text).removeprefix("\n")
            self._add(self.textarea, text.replace("\r\n", "\n").replace("\n", "\r\n"))
            self.text = None

    def _input(self, told: dict) -> None:
        kind = told.get("type", "text")
        if "name" not in told or kind in ("submit", "button", "image", "file"):
            return
        if kind not in ("checkbox", "radio"):
            self._add(told["name"], told.get("value", ""))
        elif "checked" in told:
            self._add(told["name"], told.get("value", "on"))

    def _add(self, name: str, *values: str) -> None:
        self.forms[-1] += [(name, value) for value in values]
