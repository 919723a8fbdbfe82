"""The house stands: five floors, everything points down; files are small, named for a thing."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

FLOORS = ("barbershop", "customers", "communications", "campaigns", "analytics")
FORBIDDEN = {"services", "utils", "helpers", "selectors", "managers", "common"}
MOST_LINES = 300
SKIPPED = {"migrations", "tests"}
LINE_COUNTED = {".py", ".html", ".css", ".js"}


def floor_of(name: str) -> int | None:
    head = name.split(".")[0]
    return FLOORS.index(head) if head in FLOORS else None


def sources():
    for floor in FLOORS:
        for path in sorted((settings.BASE_DIR / floor).rglob("*.py")):
            if not SKIPPED & set(path.relative_to(settings.BASE_DIR).parts):
                yield floor, path


def imported(source: str) -> list[str]:
    """Every module that a source names in an import, also inside functions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append(node.module)
    return found


def upward_imports(floor: str, source: str) -> list[str]:
    height = FLOORS.index(floor)
    return [name for name in imported(source) if (floor_of(name) or 0) > height]


def upward_keys(all_models) -> list[str]:
    """Foreign keys and one-to-ones from a lower floor to a higher one."""
    found = []
    for model in all_models:
        for field in model._meta.get_fields(include_hidden=True):
            target = field.related_model
            if not field.is_relation or field.auto_created or not isinstance(target, type):
                continue
            mine, theirs = floor_of(model.__module__), floor_of(target.__module__)
            if mine is not None and theirs is not None and theirs > mine:
                found.append(f"{model.__name__}.{field.name} -> {target.__name__}")
    return found


def badly_named(paths) -> list[str]:
    return [str(path) for path in paths if FORBIDDEN & {*path.parts, path.stem}]


def too_long(texts: dict[str, str]) -> list[str]:
    return [name for name, text in texts.items() if len(text.splitlines()) > MOST_LINES]


def written_files() -> dict[str, str]:
    roots = [*FLOORS, "templates", "static"]
    files = (path for root in roots for path in (settings.BASE_DIR / root).rglob("*"))
    return {
        str(path.relative_to(settings.BASE_DIR)): path.read_text()
        for path in files
        if path.suffix in LINE_COUNTED and "migrations" not in path.parts
    }


def our_models() -> list:
    return [m for m in apps.get_models() if floor_of(m.__module__) is not None]


def test_imports_point_down():
    found = {str(path): upward_imports(floor, path.read_text()) for floor, path in sources()}

    assert {path: names for path, names in found.items() if names} == {}


def test_foreign_keys_point_down():
    assert len(our_models()) > 30
    assert upward_keys(our_models()) == []


def test_no_module_is_named_for_its_kind():
    paths = [path.relative_to(settings.BASE_DIR) for _, path in sources()]

    assert len(paths) > 50
    assert badly_named(paths) == []


def test_no_file_is_above_three_hundred_lines():
    assert too_long(written_files()) == []


def test_many_to_many_has_its_own_model_with_its_shop():
    implicit = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.local_many_to_many
        if field.remote_field.through._meta.auto_created
    ]

    # Django's own rights of a user belong to no shop.
    assert implicit == ["User.groups", "User.user_permissions"]


@pytest.mark.parametrize(
    ("floor", "source", "expected"),
    [
        ("customers", "from campaigns.models import Offer", ["campaigns.models"]),
        ("communications", "import analytics.metrics", ["analytics.metrics"]),
        ("barbershop", "def f():\n    from customers import consent", ["customers"]),
        ("campaigns", "if True:\n    import analytics", ["analytics"]),
        ("campaigns", "from communications import outbox\nimport customers", []),
        ("analytics", "import campaigns, customers", []),
        ("customers", "text = 'from campaigns import library'", []),
    ],
)
def test_planted_upward_import_is_found(floor, source, expected):
    assert upward_imports(floor, source) == expected


def test_planted_upward_key_is_found():
    class Planted(models.Model):
        upward = models.ForeignKey("campaigns.Offer", models.CASCADE, related_name="+")
        level = models.ForeignKey("customers.Tag", models.CASCADE, related_name="+")
        downward = models.ForeignKey("barbershop.Barber", models.CASCADE, related_name="+")

        class Meta:
            app_label = "customers"

        def __str__(self) -> str:
            return "planted"

    try:
        Planted.__module__ = "customers.models.planted"
        assert upward_keys([Planted]) == ["Planted.upward -> Offer"]
    finally:
        # It must not stay in the registry: other tests walk all models.
        del apps.all_models["customers"]["planted"]
        apps.clear_cache()
    assert "Planted" not in [model.__name__ for model in our_models()]


@pytest.mark.parametrize("path", ["customers/utils.py", "campaigns/services/a.py", "a/common.py"])
def test_planted_name_is_found(path):
    assert badly_named([Path(path), Path("customers/consent.py")]) == [path]


def test_planted_long_file_is_found():
    assert too_long({"a.py": "x\n" * 301, "b.py": "x\n" * 300}) == ["a.py"]
