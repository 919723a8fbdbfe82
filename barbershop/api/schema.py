"""What the OpenAPI document says beyond what is read from the code."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

ERROR = {"$ref": "#/components/schemas/Error"}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": {"type": "string", "description": "For programs: `invalid`, `not_found`…"},
                "message": {"type": "string", "description": "For people: one sentence."},
                "fields": {
                    "type": "object",
                    "description": "Messages by the dotted path of the field.",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 255},
    "description": "A repeated request with the same key and body gets the first answer again, "
    "with the header `Idempotency-Replayed: true`; another body under the same key is a 409.",
}
ALWAYS = {"401": "No valid token or session.", "403": "The scope or role is missing."}
WITH_BODY = {
    "400": "The request is not valid.",
    "409": "It does not fit the present state.",
    "413": "The body is too large.",
    "415": "The body has another content type.",
}

# A stand-in: ``document`` below puts the list of the sibling's bodies in its place.
bulk_request = OpenApiTypes.OBJECT


class BulkErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class BulkResultSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    status = serializers.ChoiceField(["created", "updated", "unchanged", "error"])
    id = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    error = BulkErrorSerializer(allow_null=True)


class BulkAnswerSerializer(serializers.Serializer):
    results = BulkResultSerializer(many=True)
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    errors = serializers.IntegerField()
    note = serializers.CharField(help_text="A sentence for people, or empty.")


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "barbershop.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made by `manage.py create_token`; scopes read, write, send.",
        }


def document(result, generator, request, public) -> dict:
    """Postprocessing hook: unslashed paths, the error shape, ``Idempotency-Key``."""
    result["paths"] = {
        path.rstrip("/") or "/": operations for path, operations in result["paths"].items()
    }
    result["components"].setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _complete(operation, path, method)
        if path.endswith("/bulk"):
            _take_lists(operations["post"], result["paths"][path.removesuffix("/bulk")]["post"])
    return result


def _take_lists(bulk: dict, single: dict) -> None:
    """A bulk call takes a list of what the single call takes, or an object around it."""
    item = single["requestBody"]["content"]["application/json"]["schema"]
    items = {"type": "array", "items": item, "minItems": 1, "maxItems": 1000}
    wrapped = {"type": "object", "required": ["items"], "properties": {"items": items}}
    bulk["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": {"oneOf": [items, wrapped]}}},
    }


def _complete(operation: dict, path: str, method: str) -> None:
    answers = dict(ALWAYS) if operation.get("security", [{}]) != [{}] else {}
    answers |= WITH_BODY if method in {"post", "put", "patch", "delete"} else {}
    if method == "get":
        answers["400"] = "A filter is unknown or wrong."
    if "{" in path:
        answers["404"] = "There is no such row in this shop."
    for code, description in answers.items():
        content = {"application/json": {"schema": ERROR}}
        operation["responses"].setdefault(code, {"description": description, "content": content})
    if method == "post":
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
