"""What the product reads from the environment is what its documents name, no more and no less."""

import ast
import re

from barbershop.env import BASE_DIR

READERS = {"boolean", "text", "items", "per_second", "per_day", "url", "provider"}
READERS |= {"secret", "secret_list"}
OF_THEIR_OWN = {"DATABASE_URL"}  # read by env.database()


def variables_read() -> set[str]:
    """The names given to env's readers in the settings, and to its own text() in env itself."""
    found = set()
    for name in ("settings.py", "env.py"):
        tree = ast.parse((BASE_DIR / "barbershop" / name).read_text())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            function = call.func
            called = function.attr if isinstance(function, ast.Attribute) else function.id
            if called in READERS and call.args and isinstance(call.args[0], ast.Constant):
                found.add(call.args[0].value)
    return found


def test_settings_read_variables_at_all():
    assert variables_read() >= OF_THEIR_OWN | {"SECRET_KEY", "TWILIO_BASE_URL", "DEBUG"}


def test_example_names_every_variable_and_no_other():
    example = (BASE_DIR / ".env.example").read_text()

    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == variables_read()


def test_configuration_page_explains_every_variable_and_no_other():
    page = (BASE_DIR / "docs" / "configuration.md").read_text()

    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == variables_read()
