"""What somebody would receive, and what is wrong with what everybody would."""

from typing import NoReturn

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from barbershop import whole_numbers
from barbershop.api.errors import ApiError
from barbershop.api.viewsets import ShopViewSet
from barbershop.nearest import did_you_mean
from campaigns import as_received, lint
from campaigns.lint.findings import LEVELS
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from customers.criteria import CriteriaError
from customers.models import Customer


class LinkSerializer(serializers.Serializer):
    url = serializers.CharField()
    trouble = serializers.CharField()
    is_tracked = serializers.BooleanField()


class InsteadSerializer(serializers.Serializer):
    field = serializers.CharField()
    text = serializers.CharField()


class ForeignSerializer(serializers.Serializer):
    character = serializers.CharField()
    instead = serializers.CharField(allow_null=True)
    is_value = serializers.BooleanField()


class ReceivedSerializer(serializers.Serializer):
    channel = serializers.CharField()
    will_receive = serializers.BooleanField()
    reason = serializers.CharField()
    not_before = serializers.DateTimeField(allow_null=True)
    subject = serializers.CharField()
    preheader = serializers.CharField()
    text = serializers.CharField(trim_whitespace=False)
    html = serializers.CharField(trim_whitespace=False)
    headers = serializers.DictField(child=serializers.CharField())
    fallbacks = InsteadSerializer(many=True)
    left_out = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    links = LinkSerializer(many=True)
    error = serializers.CharField()
    encoding = serializers.CharField()
    units = serializers.IntegerField()
    parts = serializers.IntegerField()
    culprits = ForeignSerializer(many=True)
    cost_micros = serializers.IntegerField()


class PreviewSerializer(serializers.Serializer):
    campaign = serializers.IntegerField(source="definition")
    customer = serializers.IntegerField(source="customer_id", allow_null=True)
    as_of = serializers.DateTimeField()
    in_audience = serializers.BooleanField()
    held_out = serializers.BooleanField()
    variant = serializers.CharField()
    variation = serializers.CharField()
    is_drawn = serializers.BooleanField()
    channels = ReceivedSerializer(many=True)


class ExampleSerializer(serializers.Serializer):
    customer = serializers.IntegerField()
    name = serializers.CharField()


class FindingSerializer(serializers.Serializer):
    level = serializers.ChoiceField(LEVELS)
    code = serializers.CharField()
    message = serializers.CharField()
    advice = serializers.CharField()
    channel = serializers.CharField()
    field = serializers.CharField()
    messages = serializers.IntegerField(allow_null=True)
    examples = ExampleSerializer(many=True)
    stops_start = serializers.BooleanField()


class CheckedReplacementSerializer(serializers.Serializer):
    character = serializers.CharField(trim_whitespace=False)
    field = serializers.CharField()
    instead = serializers.CharField(allow_null=True)


class CheckedCulpritSerializer(serializers.Serializer):
    sentence = serializers.CharField()
    replacements = CheckedReplacementSerializer(many=True)
    examples = serializers.ListField(child=serializers.CharField())
    texts = serializers.IntegerField()
    extra_parts = serializers.IntegerField()
    saving_micros = serializers.IntegerField()


class CheckedTextsSerializer(serializers.Serializer):
    texts = serializers.IntegerField()
    segments = serializers.IntegerField()
    by_parts = serializers.DictField(child=serializers.IntegerField())
    cost_micros = serializers.IntegerField()
    saving_micros = serializers.IntegerField()
    culprits = CheckedCulpritSerializer(many=True)


class LintSerializer(serializers.Serializer):
    as_of = serializers.DateTimeField()
    checked = serializers.DictField(child=serializers.IntegerField())
    stops_start = serializers.BooleanField()
    errors = serializers.IntegerField()
    warnings = serializers.IntegerField()
    notes = serializers.IntegerField()
    findings = FindingSerializer(many=True)
    texts = CheckedTextsSerializer(allow_null=True)


class _OfCampaign(ShopViewSet):
    model = CampaignDefinition

    def queryset_for(self, shop):
        found = super().queryset_for(shop)
        return found.select_related("shop", "offer__service", "offer__shop")

    def handle_exception(self, exc):
        if isinstance(exc, Refused):
            exc = ApiError(exc.code, exc.message, exc.fields, status=409 if exc.conflict else 400)
        elif isinstance(exc, CriteriaError):
            exc = ApiError("invalid_criteria", f"The criteria cannot be read: {exc}")
        return super().handle_exception(exc)

    def knows_only(self, *words: str) -> None:
        """Refuse a parameter that would do nothing."""
        for word in self.request.query_params:
            if word not in {*words, "format"}:
                hint = f" {did_you_mean(word, words)}" if words else ""
                _refuse(word, f"Unknown parameter.{hint}")


class PreviewViewSet(_OfCampaign):
    serializer_class = PreviewSerializer

    @extend_schema(
        summary="The campaign as one customer would receive it",
        description=(
            "Made by the renderer that sends. Without `customer` it is somebody who will receive "
            "it; null when the shop has nobody, and fields show their examples. `variant` and "
            "`variation` are those he is drawn for (`is_drawn`), or those asked for by `arm`, a "
            "label or label/variation. `reason` says why he would not get it: `not_matched`, "
            "`held_out`, `earlier_channel`, or a word of the ledger. `fallbacks` are fields that "
            "are empty for him, with what stands there; `left_out` the blocks that vanish for "
            "him; `missing` fields that leave a gap. `links` are where its links lead, with what "
            "is wrong; without `is_tracked` clicks are not counted. Codes of offers and the tokens "
            "in links are examples of the real length. `encoding`, `units`, `parts`, `culprits` "
            "and `cost_micros` (millionths of the currency unit) are of a text; a culprit's "
            "`instead` is empty for what is best left out, and null where nothing is known and "
            "with `is_value`: then it stands in what is known of him, and not in the words."
        ),
        parameters=[
            OpenApiParameter("customer", int, description="His id."),
            OpenApiParameter("arm", str, description="A label, or label/variation."),
        ],
        tags=["campaigns"],
    )
    def retrieve(self, request, pk):
        self.knows_only("customer", "arm")
        definition = self.get_object()
        found = as_received.preview(
            definition, customer=self._customer(), arm=self._arm(definition), now=timezone.now()
        )
        return Response(self.get_serializer(found).data)

    def _customer(self) -> Customer | None:
        value = self.request.query_params.get("customer")
        if value is None:
            return None
        number = whole_numbers.read(value)
        if number is None:
            _refuse("customer", "Give the id of a customer, a whole number.")
        people = Customer.objects.for_shop(self.shop).present().select_related("shop")
        found = people.filter(pk=number).first()
        return found or _refuse("customer", f"There is no customer {value} in this shop.")

    def _arm(self, definition) -> tuple[str, str] | None:
        value = self.request.query_params.get("arm")
        if value is None:
            return None
        known = {"/".join(filter(None, arm)): arm for arm in as_received.arms_of(definition)}
        if value not in known:
            _refuse("arm", f"This campaign has no arm {value[:60]!r}. {did_you_mean(value, known)}")
        return known[value]


class LintViewSet(_OfCampaign):
    serializer_class = LintSerializer

    @extend_schema(
        summary="Every text as everybody would get it, looked at for what is wrong",
        description=(
            "`checked` says by channel how many messages would go now. `messages` is how many of "
            "them a finding is about, null when it is about the words themselves. Only findings "
            "with `stops_start` keep the campaign from being started: what starting would be "
            "refused for. `texts` is what the texts cost: `by_parts` says how many have so many "
            "parts, `segments` is their sum, and `culprits` name the characters that make texts "
            "longer, with what may stand for them and what that saves. It is null without texts."
        ),
        tags=["campaigns"],
    )
    def retrieve(self, request, pk):
        self.knows_only()
        found = lint.check(self.get_object(), now=timezone.now())
        return Response(self.get_serializer(found).data)


def _refuse(word: str, message: str) -> NoReturn:
    raise ApiError("invalid", f"{word}: {message}", {word: [message]})
