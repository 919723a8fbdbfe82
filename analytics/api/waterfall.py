"""Who gets a campaign and who does not: in numbers, and for one customer."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from analytics import explainer, falls
from analytics.api.shapes import serializer_of
from barbershop import whole_numbers
from barbershop.api.errors import ApiError
from barbershop.api.viewsets import ShopViewSet
from barbershop.nearest import did_you_mean
from campaigns import progress
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from customers.criteria import CriteriaError
from customers.models import Customer

FallsSerializer = serializer_of(falls.Falls)
ExplanationSerializer = serializer_of(explainer.Explanation)


class _OfCampaign(ShopViewSet):
    """A fact of this floor under the campaigns' prefix."""

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


class WaterfallViewSet(_OfCampaign):
    serializer_class = FallsSerializer

    @extend_schema(
        summary="From everybody who matches to everybody who is written to",
        description=(
            "`forecast` is what sending now would do, until the campaign has been executed; then "
            "it is null and `fact` is what its newest run did, in the same shape. `matched` and "
            "`held_out` are people; hold-outs are drawn before anything else is asked. Of each "
            "channel, in messages: `considered` = the sum of `blocked` (by the first reason) + "
            "the sum of `failed` (of a fact: rejected, unknown, cancelled) + `now` + `later`. "
            "`later` wait, or waited, for their local hours, also when a slow number could not "
            "have passed them on in time. `cost_micros` are millionths of the currency unit and "
            "`cost` minor units: estimated in a forecast, spent so far in a fact."
        ),
        tags=["campaigns"],
    )
    def retrieve(self, request, pk):
        self.knows_only()
        definition = self.get_object()
        run = progress.current_execution(definition)
        found = falls.of(definition, now=timezone.now(), execution=run)
        return Response(self.get_serializer(found).data)


class ExplainViewSet(_OfCampaign):
    serializer_class = ExplanationSerializer

    @extend_schema(
        summary="Why one customer gets a campaign, or not, and when he would",
        description=(
            "What every run did for the customer, and every rule with what was found. `verdict` "
            "is what a run that begins now would do: `now`, `later` or `no`, once nothing of "
            "`not_ready` keeps it from starting; `reason` the first one why not: `not_matched`, "
            "`held_out`, or a word of the ledger. `missing` says what he lacks to match, and "
            "`asked` all that is asked of him, line by line. `qualifies_at` is the next moment at "
            "which he would get it if nothing changes but the time, null when never within a "
            "year, or not before `known_until`; `waits_for` what is in the way until then."
        ),
        parameters=[OpenApiParameter("customer", int, required=True, description="His id.")],
        tags=["campaigns"],
    )
    def retrieve(self, request, pk):
        self.knows_only("customer")
        definition = self.get_object()
        value = request.query_params.get("customer", "")
        number = whole_numbers.read(value)
        if number is None:
            _refuse("customer", "Give the id of a customer, a whole number.")
        customers = Customer.objects.for_shop(self.shop).select_related("shop")
        customer = customers.filter(pk=number).first()
        if customer is None:
            _refuse("customer", f"There is no customer {value} in this shop.")
        found = explainer.explain(definition, customer, now=timezone.now())
        return Response(self.get_serializer(found).data)


def _refuse(word: str, message: str):
    raise ApiError("invalid", f"{word}: {message}", {word: [message]})
