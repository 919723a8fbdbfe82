"""Forms of rows that belong to one shop."""

import json
import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CharField, EmailField, Model, SlugField, URLField

from barbershop.plain_text import validate_one_line

_LINES = frozenset({CharField, EmailField, SlugField, URLField})
# What PostgreSQL does not store in JSON: NUL and halves of surrogate pairs.
_UNSTORABLE = re.compile("\\\\u0000|[\ud800-\udfff]")


class StorableJSONField(forms.JSONField):
    """JSON that both databases can store; whatever else is typed is a form error."""

    def to_python(self, value):
        try:
            value = super().to_python(value)
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except RecursionError as error:
            raise ValidationError("This is nested too deeply.", code="invalid") from error
        except ValueError as error:
            raise ValidationError("Numbers must be finite.", code="invalid") from error
        if _UNSTORABLE.search(text):
            raise ValidationError("Contains a character that cannot be stored.", code="invalid")
        return value


class OneShopForm(forms.ModelForm):
    """Refuses a row that points to rows of another shop, and a single line that holds two."""

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        self._check_lines(cleaned)
        shop_id = self.shop_id()
        for name, value in list(cleaned.items()):
            other = getattr(value, "shop_id", None) if isinstance(value, Model) else None
            if shop_id is not None and other is not None and other != shop_id:
                self.add_error(name, "This belongs to another shop.")
        return cleaned

    def _check_lines(self, cleaned: dict) -> None:
        """Names, subjects and addresses may come to stand in a header. As the API does."""
        lines = {field.name for field in self._meta.model._meta.fields if type(field) in _LINES}
        for name in lines & {name for name, value in cleaned.items() if isinstance(value, str)}:
            try:
                validate_one_line(cleaned[name])
            except ValidationError as error:
                self.add_error(name, error)

    def shop_id(self) -> int | None:
        """The shop of the row, as chosen in this form or as it has been."""
        chosen = self.cleaned_data.get("shop")
        return chosen.pk if chosen else getattr(self.instance, "shop_id", None)

    def validate_unique(self):
        """Ask every constraint, also those that name a field which is not in the form.

        Django leaves these out (the shop of an existing row is in most of ours), and the database
        would answer instead.
        """
        exclude = self._get_validation_exclusions()
        if getattr(self.instance, "shop_id", None) is not None:
            exclude.discard("shop")
        if not self.instance._state.adding:
            exclude &= set(self.fields)
        try:
            self.instance.validate_unique(exclude=exclude)
            if not self.errors:
                self.instance.validate_constraints(exclude=exclude)
        except ValidationError as error:
            self._update_errors(error)
