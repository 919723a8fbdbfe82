"""A valid row of any model, in one given shop: for tests that walk all models."""

import datetime as dt
import importlib
import itertools
import uuid

from django.apps import apps
from django.db import models
from django.utils import timezone
from factory.django import DjangoModelFactory

from barbershop.models import Barbershop

FLOORS = ("barbershop", "customers", "communications", "campaigns", "analytics")
_count = itertools.count(1)


def make(model, *, shop):
    """A row of ``model`` whose whole family belongs to ``shop``; by its factory, if it has one."""
    if model is Barbershop:
        return shop
    factory = factories().get(model)
    values = {field.name: _related(field, shop) for field in _needed_relations(model)}
    if factory is not None:
        return factory(**values)
    for field in model._meta.concrete_fields:
        if field.name not in values and not _fills_itself(field):
            values[field.name] = _value(field)
    return model.objects.create(**values)


def factories() -> dict:
    """Model -> factory, of all floors (named as strings: tests of this floor import none)."""
    found = {}
    for floor in FLOORS:
        module = importlib.import_module(f"{floor}.tests.factories")
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, DjangoModelFactory):
                model = item._meta.model
                if isinstance(model, type) and item.__module__ == module.__name__:
                    found.setdefault(model, item)
    return found


def shop_models() -> list:
    """Every model of ours whose rows belong to a shop."""
    ours = [m for floor in FLOORS for m in apps.get_app_config(floor).get_models()]
    return [m for m in ours if any(f.name == "shop" for f in m._meta.concrete_fields)]


def _needed_relations(model):
    for field in model._meta.concrete_fields:
        owned = field.is_relation and (
            field.related_model is Barbershop or hasattr(field.related_model, "shop")
        )
        if owned and (not field.null or field.name == "shop"):
            yield field


def _related(field, shop):
    return make(field.related_model, shop=shop)


def _fills_itself(field) -> bool:
    automatic = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return field.has_default() or field.null or field.primary_key or automatic


def _value(field):
    number = next(_count)
    if field.choices:
        return field.choices[0][0]
    if field.is_relation:
        return make(field.related_model, shop=None)
    kinds = (
        (models.BooleanField, False),
        (models.DateTimeField, timezone.now()),
        (models.DateField, dt.date(2026, 11, 1)),
        (models.UUIDField, uuid.uuid4()),
        (models.JSONField, {}),
        (models.IntegerField, number),
        (models.FloatField, 1.0),
    )
    for kind, value in kinds:
        if isinstance(field, kind):
            return value
    return "" if field.blank else f"v{number}"[: field.max_length]
