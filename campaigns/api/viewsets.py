"""Campaigns: what may be asked of them, and which verb answers."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from barbershop.api.fields import StrictCharField, StrictIntegerField
from barbershop.api.permissions import ShopAccess
from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import automations, execution, planning, progress, shelf, trial
from campaigns.api.automations import AutomationsSerializer, SetupSerializer
from campaigns.api.executions import ExecutionSerializer, PausedSerializer, paused_answer
from campaigns.api.fields import StrictSerializer, in_the_future
from campaigns.api.refusing import RefusalsAnswered
from campaigns.api.serializers import CampaignSerializer
from campaigns.api.templates import TemplatesSerializer
from campaigns.api.trial import TrialAnswerSerializer, TrialSerializer
from campaigns.models import Automation, CampaignDefinition
from campaigns.refusals import Conflict
from customers.api.moments import ShopDateTimeField

Status = CampaignDefinition.Status


class CampaignFilter(django_filters.FilterSet):
    campaign_type = django_filters.ChoiceFilter(choices=CampaignDefinition.Type.choices)
    campaign_category = django_filters.ChoiceFilter(
        field_name="category", choices=CampaignDefinition.Category.choices
    )
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = CampaignDefinition
        fields = ["status", "trigger"]


class ExecuteSerializer(StrictSerializer):
    undo_seconds = StrictIntegerField(min_value=0, max_value=3600, default=0)


class NothingSerializer(StrictSerializer):
    """A body with nothing in it."""


class CloneSerializer(StrictSerializer):
    campaign_name = StrictCharField(max_length=160, required=False)


class ScheduleSerializer(StrictSerializer):
    scheduled_for = ShopDateTimeField(validators=[in_the_future])


class _Sending:
    """For a request that becomes a send later: a scheduled campaign."""

    needs_send = True


class CampaignViewSet(RefusalsAnswered, ReadOnlyShopViewSet):
    model = CampaignDefinition
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    search_fields = ["name"]
    ordering_fields = ["name", "status", "created_at", "scheduled_for"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    send_actions = frozenset({"execute", "resume", "retry", "schedule", "test", "automated_setup"})

    def queryset_for(self, shop):
        campaigns = super().queryset_for(shop).select_related("shop", "offer")
        campaigns = campaigns.prefetch_related("variants", "campaign_segments")
        return progress.with_current_execution(campaigns)

    def paginate_queryset(self, queryset):
        page = super().paginate_queryset(queryset)
        return page if page is None else progress.attach_executions(page)

    def get_object(self):
        return progress.attach_executions([super().get_object()])[0]

    def create(self, request):
        fields = self._valid(CampaignSerializer(data=request.data, context=self._context))
        definition = planning.create(shop=self.shop, fields=fields, **self._actor)
        return self._campaign(definition, status=201)

    def partial_update(self, request, pk):
        definition = self.get_object()
        serializer = CampaignSerializer(
            definition, data=request.data, partial=True, context=self._context
        )
        fields = self._valid(serializer)
        return self._campaign(planning.edit(definition, fields=fields, **self._actor))

    def destroy(self, request, pk):
        planning.delete(self.get_object(), **self._actor)
        return Response(status=204)

    @extend_schema(request=ExecuteSerializer, responses={202: ExecutionSerializer})
    @action(detail=True, methods=["post"])
    def execute(self, request, pk):
        """Start the one manual run. A second one is a 409: clone the campaign instead."""
        definition = self.get_object()
        options = self._valid(ExecuteSerializer(data=request.data))
        started = execution.start(definition, **options, **self._actor)
        return self._execution(started, status=202)

    @extend_schema(request=NothingSerializer, responses={200: paused_answer()})
    @action(detail=True, methods=["post"])
    def pause(self, request, pk):
        """Nothing begins after this; ``begun`` lists the calls that had begun by then."""
        paused = execution.pause(self._running(), **self._actor)
        return self._execution(paused, serializer=PausedSerializer)

    @extend_schema(request=NothingSerializer, responses=ExecutionSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request, pk):
        return self._execution(execution.resume(self._running(), **self._actor))

    @extend_schema(request=NothingSerializer, responses=ExecutionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        return self._execution(execution.cancel(self._running(), **self._actor))

    @extend_schema(request=NothingSerializer, responses=ExecutionSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request, pk):
        """Try again what was rejected, could not be rendered or counts as not sent.

        Nothing that was accepted or is unknown. 409 `nothing_failed`, or `cancelled`.
        """
        return self._execution(execution.retry_failed(self._running(), **self._actor))

    @extend_schema(request=CloneSerializer, responses={201: CampaignSerializer})
    @action(detail=True, methods=["post"])
    def clone(self, request, pk):
        """A draft with the same content, audience and offer; its name may be given."""
        definition = self.get_object()
        name = self._valid(CloneSerializer(data=request.data)).get("campaign_name", "")
        return self._campaign(execution.clone(definition, name=name, **self._actor), status=201)

    @extend_schema(request=ScheduleSerializer, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def schedule(self, request, pk):
        """Let a draft start by itself."""
        definition = self.get_object()
        fields = self._valid(ScheduleSerializer(data=request.data, context=self._context))
        return self._campaign(planning.schedule(definition, **fields, **self._actor))

    @extend_schema(responses=TemplatesSerializer, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def templates(self, request):
        """Every starting point: the ready ones, then the shop's own."""
        found = shelf.everything(self.shop)
        page = {"results": found, "next": None, "previous": None, "count": len(found)}
        return Response(TemplatesSerializer(page, context=self._context).data)

    @extend_schema(request=TrialSerializer, responses=TrialAnswerSerializer)
    @action(detail=False, methods=["post"])
    def test(self, request):
        """Send the campaign to a few addresses, marked as a test and counted nowhere."""
        given = self._valid(TrialSerializer(data=request.data, context=self._context))
        definition = given.pop("campaign_id")
        results = trial.send(definition, **given, **self._actor)
        return Response(
            TrialAnswerSerializer({"campaign_id": definition.pk, "results": results}).data
        )

    @extend_schema(request=SetupSerializer, responses=AutomationsSerializer)
    @action(detail=False, methods=["post"], url_path="automated/setup")
    def automated_setup(self, request):
        """Create or update the automations; repeating it changes nothing."""
        serializer = SetupSerializer(data=request.data)
        active = self._valid(serializer)["active"]
        made = automations.setup(
            shop=self.shop, rules=serializer.rules(), active=active, **self._actor
        )
        found = Automation.objects.for_shop(self.shop).prefetch_related("steps")
        found = found.filter(pk__in=[each.pk for each in made]).order_by("pk")
        return Response(AutomationsSerializer({"automations": found}).data)

    @property
    def _actor(self) -> dict:
        return {"by": self.actor, "token": self.token}

    @property
    def _context(self) -> dict:
        return self.get_serializer_context()

    def _valid(self, serializer) -> dict:
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        if fields.get("status") == Status.SCHEDULED and not ShopAccess().has_permission(
            self.request, _Sending
        ):
            raise PermissionDenied('Scheduling needs the scope "send".')
        return fields

    def _running(self):
        """The current execution; a body that says something would be ignored, so it is refused."""
        definition = self.get_object()
        self._valid(NothingSerializer(data=self.request.data))
        if definition.current_execution is None:
            raise Conflict(
                "not_running",
                f"The campaign has not been executed; {planning.state_of(definition)}",
            )
        return definition.current_execution

    def _execution(self, found, *, status=200, serializer=ExecutionSerializer) -> Response:
        return Response(serializer(progress.attach_counts([found])[0]).data, status=status)

    def _campaign(self, definition, *, status=200) -> Response:
        found = progress.attach_executions(self.get_queryset().filter(pk=definition.pk))[0]
        return Response(CampaignSerializer(found, context=self._context).data, status=status)
