"""The editor of criteria for people: a form of rows, and a box of JSON for what rows cannot say.

Any page may use it: read it with ``RulesEditor(shop=, raw=)`` or ``RulesEditor(shop=, data=)``,
show it with ``campaigns/_rules.html``. It needs no script: "add" and "remove" are buttons that
send the form, and nothing that was typed is lost.
"""

import json
from typing import Any

from django import forms
from django.utils.functional import cached_property

from customers import criteria
from customers.criteria import FACTS, CriteriaError
from customers.segments import fields, inputs, meaning, rules
from customers.segments.rules import Rule

MOST_ROWS = 50
JOINS = ((rules.ALL, "All of these rules hold"), (rules.ANY, "At least one of them holds"))


class RuleRow(forms.Form):
    """One row. Its inputs come from the schema of its fact."""

    negated = forms.BooleanField(label="The opposite: everybody of whom this is not true")

    def __init__(self, *args, fact, shop, segment=None, stored=None, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fact, self.shop, self.segment, self.stored = fact, shop, segment, stored
        self.inputs = [
            each.with_values(self._chosen(each)) if each.choices else each
            for each in inputs.of(fact, shop=shop)
        ]
        for each in self.inputs:
            self.fields[each.name] = fields.field_of(each)
        self.order_fields([*(each.name for each in self.inputs), "negated"])
        self.fields["negated"].required = False

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        value = inputs.value_of(self.inputs, cleaned)
        try:
            parsed = criteria.parse({self.fact.name: value})
            criteria.check(parsed, shop=self.shop, segment=self.segment, stored=self.stored)
        except CriteriaError as error:
            raise forms.ValidationError(error.message, code="criteria") from error
        self.rule = Rule(self.fact.name, value, negated=cleaned["negated"])
        return cleaned

    @property
    def title(self) -> str:
        return inputs.title(self.fact.name)

    def shows(self, value: Any) -> bool:
        """Whether sending the row as it is shown says this value again."""
        try:
            read = {each.name: fields.shows_itself(self[each.name]) for each in self.inputs}
        except forms.ValidationError:
            return False
        return meaning.is_same_value(self.fact, inputs.value_of(self.inputs, read), value)

    def _chosen(self, each: inputs.Input) -> list:
        """What is ticked or chosen, from what was sent or from what is to be shown."""
        if self.is_bound:
            said = self.data.getlist(self.add_prefix(each.name))
        else:
            said = self.initial.get(each.name) or []
        found = []
        for one in said if isinstance(said, list) else [said]:
            try:
                found.append(each.read(str(one)))
            except ValueError:
                continue  # the field refuses it
        return [value for value in found if value != ""]


class RulesEditor:
    """All rows, how they are joined, and the box of JSON.

    Args:
        raw: criteria to show; with ``data``, those that the form has shown.
        data: what the form has sent.
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
        self.raw = raw or {}
        self.stored = meaning.read(self.raw)
        self.error, self.rule, self.strange = "", {}, ""
        self.join, self.written = rules.ALL, ""
        self.rows: list[RuleRow] = []
        if data is None:
            self._show(self.raw)
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
        if self.strange:
            self.error = f"There is no rule about {self.strange} (any more): look at what is left."
            return False
        self.rule = rules.as_criteria([row.rule for row in self.rows], join=self.join)
        if meaning.says_the_same(self.rule, self.raw):
            self.rule = self.raw  # nothing was changed, so not a bracket either
        return self._check(self.rule)

    @cached_property
    def facts(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(name, title) of the facts on offer by group, for the list under "add a rule"."""
        groups: dict[str, list] = {}
        for fact in FACTS.values():
            if fact.offered(self.shop):
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
        """In rows, where they send back what they show; else as JSON."""
        join, found = rules.as_rules(raw) or (rules.ALL, None)
        if found is not None and len(found) <= MOST_ROWS:
            rows = [self._row_of(index, rule) for index, rule in enumerate(found)]
            if None not in rows and meaning.says_the_same(rules.as_criteria(found, join=join), raw):
                self.join, self.rows = join, rows
                return
        self.written = json.dumps(raw, indent=2)

    def _row_of(self, index: int, rule: Rule) -> RuleRow | None:
        """A row that shows a rule; None where none can show all of it."""
        shown = inputs.of(FACTS[rule.fact], shop=self.shop)
        given = inputs.given_by(shown, rule.value)
        if given is None:
            return None
        initial = inputs.as_sent(shown, given) | {"negated": rule.negated}
        row = self._row(index, rule.fact, initial=initial)
        return row if row.shows(rule.value) else None

    def _read(self, data) -> None:
        self.join = rules.ANY if data.get(f"{self.prefix}-join") == rules.ANY else rules.ALL
        self.written = data.get(f"{self.prefix}-json", "").strip()
        for index in range(MOST_ROWS):
            name = data.get(f"{self.prefix}-{index}-fact")
            if name is None:
                return
            if name in FACTS:
                self.rows.append(self._row(index, name, data=data))
            else:
                # Left out in silence, the others would mean more people.
                self.strange = f"“{name[:60]}”" if name.isprintable() else "that"

    def _row(self, index: int, name: str, *, data=None, initial=None) -> RuleRow:
        return RuleRow(
            data,
            fact=FACTS[name],
            shop=self.shop,
            segment=self.segment,
            stored=self.stored,
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
            parsed = criteria.parse(rule)
            criteria.check(parsed, shop=self.shop, segment=self.segment, stored=self.stored)
        except CriteriaError as error:
            self.error = str(error)
            return False
        return True
