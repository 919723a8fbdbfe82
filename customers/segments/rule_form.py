"""The editor of criteria for people: a form of rows, and a box of JSON for what rows cannot say.

Any page may use it: read it with ``RulesEditor(shop=, raw=)`` or ``RulesEditor(shop=, data=)``,
show it with ``campaigns/_rules.html``. It needs no script: "add" and "remove" are buttons that
send the form, and nothing that was typed is lost.
"""

import json

from django import forms
from django.utils.functional import cached_property

from customers import criteria
from customers.criteria import FACTS, CriteriaError
from customers.segments import inputs, rules
from customers.segments.rules import Rule

MOST_ROWS = 50
JOINS = ((rules.ALL, "All of these rules hold"), (rules.ANY, "At least one of them holds"))


class RuleRow(forms.Form):
    """One row. Its inputs come from the schema of its fact."""

    negated = forms.BooleanField(label="The opposite: everybody of whom this is not true")

    def __init__(self, *args, fact, shop, segment=None, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fact, self.shop, self.segment = fact, shop, segment
        self.inputs = inputs.of(fact, shop=shop)
        for each in self.inputs:
            self.fields[each.name] = _field(each)
        self.order_fields([*(each.name for each in self.inputs), "negated"])
        self.fields["negated"].required = False

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        value = inputs.value_of(self.inputs, cleaned)
        try:
            parsed = criteria.parse({self.fact.name: value})
            criteria.check(parsed, shop=self.shop, segment=self.segment)
        except CriteriaError as error:
            raise forms.ValidationError(error.message, code="criteria") from error
        self.rule = Rule(self.fact.name, value, negated=cleaned["negated"])
        return cleaned

    @property
    def title(self) -> str:
        return inputs.title(self.fact.name)


class RulesEditor:
    """All rows, how they are joined, and the box of JSON.

    Args:
        raw: criteria to show, or ``data``, what the form has sent.
        segment: the id of the segment that these are the rules of; it must not name itself.

    Attributes:
        rows: the forms of the rows.
        join: "all" or "any".
        written: the JSON in the box; when there is any, it counts and the rows do not.
        error: what is wrong with the box, or with the rules as a whole.
        rule: after ``is_valid()``, the criteria.
    """

    def __init__(self, *, shop, raw: dict | None = None, data=None, segment=None, prefix="rule"):
        self.shop, self.segment, self.prefix = shop, segment, prefix
        self.error, self.rule = "", {}
        self.join, self.written = rules.ALL, ""
        self.rows: list[RuleRow] = []
        if data is None:
            self._show(raw or {})
        else:
            self._read(data)

    def add(self, name: str) -> None:
        """One more row, empty, about a fact; an unknown name adds nothing."""
        if name in FACTS and len(self.rows) < MOST_ROWS:
            self.rows.append(self._row(len(self.rows), name))

    def remove(self, place: str) -> None:
        """The row at this place goes; the others move up with what was typed in them."""
        kept = [
            (row.fact.name, self._typed(row))
            for index, row in enumerate(self.rows)
            if str(index) != place
        ]
        self.rows = [
            self._row(index, name, initial=typed) for index, (name, typed) in enumerate(kept)
        ]

    def forget_errors(self) -> None:
        """Show what was typed without judging it yet, as after "add a rule"."""
        self.rows = [
            self._row(index, row.fact.name, initial=self._typed(row))
            for index, row in enumerate(self.rows)
        ]

    def is_valid(self) -> bool:
        if self.written:
            return self._read_json()
        valid = [row.is_valid() for row in self.rows]
        if not all(valid):
            return False
        self.rule = rules.as_criteria([row.rule for row in self.rows], join=self.join)
        return self._check(self.rule)

    @cached_property
    def facts(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(name, title) of all facts by group, for the list under "add a rule"."""
        groups: dict[str, list] = {}
        for fact in FACTS.values():
            groups.setdefault(fact.group, []).append((fact.name, inputs.title(fact.name)))
        return list(groups.items())

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(anchor, sentence) of everything that is wrong, in the order of the page."""
        found = []
        for number, row in enumerate(self.rows, start=1):
            for name, said in row.errors.items() if row.is_bound else ():
                target = row[row.inputs[0].name if name == "__all__" else name]
                where = f"Rule {number}, {row.title}"
                anchor = target.id_for_label or target.auto_id
                found += [(anchor, f"{where}: {each}") for each in said]
        if self.error:
            found.append((f"id_{self.prefix}-json", self.error))
        return found

    @property
    def joins(self):
        return JOINS

    def _show(self, raw: dict) -> None:
        found = rules.as_rules(raw)
        shown = found and [self._initial_of(rule) for rule in found[1]]
        if found is None or None in shown:
            self.written = json.dumps(raw, indent=2)
            return
        self.join = found[0]
        self.rows = [
            self._row(index, rule.fact, initial=initial)
            for index, (rule, initial) in enumerate(zip(found[1], shown, strict=True))
        ]

    def _initial_of(self, rule: Rule) -> dict | None:
        given = inputs.given_by(inputs.of(FACTS[rule.fact], shop=self.shop), rule.value)
        return None if given is None else given | {"negated": rule.negated}

    def _read(self, data) -> None:
        self.join = rules.ANY if data.get(f"{self.prefix}-join") == rules.ANY else rules.ALL
        self.written = data.get(f"{self.prefix}-json", "").strip()
        for index in range(MOST_ROWS):
            name = data.get(f"{self.prefix}-{index}-fact")
            if name is None:
                return
            if name in FACTS:
                self.rows.append(self._row(index, name, data=data))

    def _row(self, index: int, name: str, *, data=None, initial=None) -> RuleRow:
        return RuleRow(
            data,
            fact=FACTS[name],
            shop=self.shop,
            segment=self.segment,
            prefix=f"{self.prefix}-{index}",
            initial=initial,
        )

    def _typed(self, row: RuleRow) -> dict:
        """What stands in a row, understood or not."""
        return {name: row[name].value() for name in row.fields}

    def _read_json(self) -> bool:
        try:
            self.rule = json.loads(self.written)
        except (ValueError, RecursionError):
            self.error = "This is not JSON. Look for a missing quote, comma or bracket."
            return False
        if self.rule is None:  # to the language it is everybody; nobody writes "null" for that
            self.error = 'Write an object such as {"spending_tier": "medium"}.'
            return False
        return self._check(self.rule)

    def _check(self, rule) -> bool:
        try:
            criteria.check(criteria.parse(rule), shop=self.shop, segment=self.segment)
        except CriteriaError as error:
            self.error = str(error)
            return False
        return True


class DayField(forms.DateField):
    """A day as the criteria language writes it."""

    def clean(self, value):
        found = super().clean(value)
        return found and found.isoformat()


class WordsField(forms.CharField):
    """Words, or whole numbers, parted by commas."""

    def __init__(self, *args, number: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        words = [word.strip() for word in super().to_python(value).split(",") if word.strip()]
        if not self.number:
            return words
        try:
            return [int(word) for word in words]
        except ValueError as error:
            raise forms.ValidationError("Write whole numbers.", code="invalid") from error

    def validate(self, value):
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value):
        """The criteria language judges each word."""


def _field(each: inputs.Input) -> forms.Field:
    common = {"label": each.label, "required": each.required}
    if each.kind == inputs.NUMBER:
        return forms.IntegerField(min_value=each.least, max_value=each.most, **common)
    if each.kind == inputs.DECIMAL:
        return forms.FloatField(
            min_value=each.least,
            max_value=each.most,
            widget=forms.NumberInput(attrs={"step": "0.01"}),
            **common,
        )
    if each.kind == inputs.DATE:
        return DayField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
    if each.kind in (inputs.ONE, inputs.SOME):
        return _choice_field(each, common)
    if each.kind == inputs.FLAG:
        return forms.TypedChoiceField(
            choices=[("", "Any")] * (not each.required) + [("True", "Yes"), ("False", "No")],
            coerce=lambda word: word == "True",
            empty_value=None,
            **common,
        )
    if each.kind == inputs.WORDS:
        said = "Several are parted by commas."
        return WordsField(help_text=said, max_length=2_000, number=each.number, **common)
    if each.kind == inputs.JSON:
        return forms.JSONField(help_text="As JSON.", **common)
    return forms.CharField(max_length=120, **common)


def _choice_field(each: inputs.Input, common: dict) -> forms.Field:
    meant = {str(value): value for value, _ in each.choices}
    choices = [(str(value), label) for value, label in each.choices]
    if each.kind == inputs.SOME:
        return forms.TypedMultipleChoiceField(
            choices=choices,
            coerce=meant.__getitem__,
            widget=forms.CheckboxSelectMultiple,
            **common,
        )
    if not each.required:
        choices.insert(0, ("", "Any"))
    return forms.TypedChoiceField(choices=choices, coerce=meant.__getitem__, **common)
