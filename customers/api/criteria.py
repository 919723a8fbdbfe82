"""``GET criteria/``: the language in which customers are chosen, told by its own words."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from barbershop.api.viewsets import ShopAPIView
from customers import criteria

OPERATORS = {
    "all": ("A list of objects: every one must hold.", [{"tags": "vip"}, {"reachable": "sms"}]),
    "any": ("A list of objects: at least one must hold.", [{"tags": "vip"}, {"tags": "beard"}]),
    "not": ("An object: it must not hold.", {"has_upcoming_booking": True}),
}


class CriteriaWordSerializer(serializers.Serializer):
    name = serializers.CharField()
    description = serializers.CharField()
    example = serializers.JSONField(help_text="Of the value.")
    sentence = serializers.CharField(help_text="What the example means.")


class CriteriaFactSerializer(CriteriaWordSerializer):
    group = serializers.CharField()
    schema = serializers.DictField(help_text="Of the value, in the words of JSON Schema.")


class CriteriaGrammarSerializer(serializers.Serializer):
    description = serializers.CharField()
    most_levels = serializers.IntegerField(help_text="Objects within objects.")
    most_conditions = serializers.IntegerField()
    operators = CriteriaWordSerializer(many=True)


class CriteriaLanguageSerializer(serializers.Serializer):
    grammar = CriteriaGrammarSerializer()
    facts = CriteriaFactSerializer(many=True)


class CriteriaLanguageView(ShopAPIView):
    """The same for every shop but for its money; what a shop has (barbers, segments, …) is looked
    up elsewhere."""

    @extend_schema(operation_id="criteria_language", responses=CriteriaLanguageSerializer)
    def get(self, request):
        """Every word of the criteria language: what it means, its schema and an example."""
        return Response(CriteriaLanguageSerializer(described(request.shop)).data)


def described(shop) -> dict:
    """The grammar and the facts, as they are registered; examples in the money of the shop."""
    names = criteria.Names(shop, rows=False)
    return {
        "grammar": {
            "description": "An object holds when all of its keys do; a key is a fact or one of "
            "these operators. {} is everybody.",
            "most_levels": criteria.MAX_DEPTH,
            "most_conditions": criteria.MAX_LEAVES,
            "operators": [
                _word(name, description, example, names)
                for name, (description, example) in OPERATORS.items()
            ],
        },
        "facts": [
            _word(fact.name, fact.description, fact.example, names)
            | {"group": fact.group, "schema": fact.schema}
            for fact in criteria.FACTS.values()
        ],
    }


def _word(name: str, description: str, example, names: criteria.Names) -> dict:
    return {
        "name": name,
        "description": description,
        "example": example,
        "sentence": criteria.parse({name: example}).sentence(names),
    }
