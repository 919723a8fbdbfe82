"""Every route of the API, found in the resolver: what a test does not list, it cannot forget."""

import re
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver
from rest_framework.parsers import JSONParser

METHODS = ("get", "post", "put", "patch", "delete")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\[\]]|\[[^\]]*\])*\)")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_OWN_DOORS = {"schema", "api-docs"}


@dataclass(frozen=True)
class Route:
    template: str  # "/api/barbers/{pk}"
    view: Any  # the view class
    actions: tuple[tuple[str, str], ...]  # (("get", "list"), ("post", "create"))
    takes_json: bool = True  # a door for files takes none

    @property
    def words(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.template)

    @property
    def model(self):
        """The model of the rows behind it; ``campaigns/{pk}/x`` is about ``campaigns/{pk}``."""
        named = getattr(self.view, "model", None)
        if named is None and self.words:
            base = self.template[: self.template.rindex("}") + 1]
            others = (r for r in api_routes() if r.template == base and r.view is not self.view)
            return next((r.model for r in others), None)
        return named

    def methods(self) -> list[str]:
        return [method for method, _ in self.actions]

    def action(self, method: str) -> str | None:
        return dict(self.actions).get(method)

    def path(self, value="1") -> str:
        return re.sub(r"{\w+}", str(value), self.template)

    def __str__(self) -> str:
        return self.template


def api_routes() -> list[Route]:
    """All routes below ``/api/`` that answer with rows or do something to them."""
    found = {}
    for text, pattern in _patterns(get_resolver().url_patterns, ""):
        if not text.startswith("api/") or pattern.name in _OWN_DOORS:
            continue
        route = _route(text, pattern)
        found[route.template, route.actions] = route
    return sorted(found.values(), key=str)


def list_routes() -> list[Route]:
    return [r for r in api_routes() if r.action("get") == "list" and not r.words]


def distinct(routes: list[Route]) -> list[Route]:
    """Of two addresses of the same action, one: for walks that are long."""
    return list({(route.view, route.actions[-1]): route for route in reversed(routes)}.values())


def _patterns(patterns, prefix: str):
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield text, pattern
        else:
            yield from _patterns(pattern.url_patterns, text)


def _route(text: str, pattern: URLPattern) -> Route:
    text = _CONVERTER.sub(r"{\1}", _GROUP.sub(r"{\1}", text))
    template = "/" + re.sub(r"[\^$]|\\Z|/\?", "", text).strip("/")
    view = getattr(pattern.callback, "cls", None)
    actions = getattr(pattern.callback, "actions", None)
    if actions is None:
        actions = {m: m for m in METHODS if hasattr(view, m)}
    open_methods = getattr(view, "http_method_names", METHODS)
    actions = tuple(sorted(item for item in actions.items() if item[0] in open_methods))
    initkwargs = getattr(pattern.callback, "initkwargs", {})
    parsers = initkwargs.get("parser_classes", getattr(view, "parser_classes", ()))
    return Route(template, view, actions, any(issubclass(p, JSONParser) for p in parsers))
