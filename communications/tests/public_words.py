"""Every sentence of the public pages and messages that has to be there in each language."""

import ast
import re
from pathlib import Path

from django.conf import settings

_TRANSLATE = re.compile(r"{%\s*translate\s+(?P<quote>[\"'])(?P<said>.*?)(?P=quote)")
_BLOCK = re.compile(r"{%\s*blocktranslate\s*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
_VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")
MODULES = ("confirmations.py", "forms.py")


def sentences() -> list[str]:
    """As gettext knows them."""
    found: list[str] = []
    for path in sorted((settings.BASE_DIR / "templates/communications").glob("*.html")):
        text = path.read_text()
        found += [match["said"] for match in _TRANSLATE.finditer(text)]
        found += [_VARIABLE.sub(r"%(\1)s", block) for block in _BLOCK.findall(text)]
    for name in MODULES:
        found += _of_module(settings.BASE_DIR / "communications" / name)
    return list(dict.fromkeys(found))


def _of_module(path: Path) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "_"
    ]
