"""A shop's own templates: what they say now, what they said, and going back to it."""

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from barbershop.api.fields import KnownChoiceField, StrictCharField, StrictIntegerField
from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import content, progress, shelf, template_versions
from campaigns.api.fields import CriteriaField, StrictSerializer, wrong_criteria
from campaigns.api.refusing import RefusalsAnswered
from campaigns.api.serializers import CHANNELS_HELP, VARIATIONS_HELP, CampaignSerializer
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.refusals import Conflict
from campaigns.shelf import with_current
from campaigns.template_versions import Said
from customers.criteria import CriteriaError


class TemplateWorthSerializer(StrictSerializer):
    discount_percentage = StrictIntegerField(min_value=1, max_value=100)
    valid_days = StrictIntegerField(min_value=1, max_value=365, required=False, allow_null=True)


class VersionSerializer(serializers.Serializer):
    """What a template said at one time. ``restored_from`` is the version that it repeats."""

    number = serializers.IntegerField()
    campaign_type = serializers.SerializerMethodField()
    channels = serializers.JSONField()
    variations = serializers.JSONField()
    target_criteria = serializers.JSONField()
    primary_goal = serializers.CharField()
    offer = serializers.SerializerMethodField()
    note = serializers.CharField()
    restored_from = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_campaign_type(self, version) -> str:
        return template_versions.of_version(version).campaign_type

    @extend_schema_field(TemplateWorthSerializer(allow_null=True))
    def get_offer(self, version) -> dict | None:
        if not version.discount_percent:
            return None
        return {
            "discount_percentage": version.discount_percent,
            "valid_days": version.valid_days,
        }


class OwnTemplateSerializer(serializers.Serializer):
    """``current`` is the newest version, if any; ``archived_at`` is set while it is put away."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    description = serializers.CharField()
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    current = VersionSerializer(allow_null=True)


@extend_schema_field({"type": "string", "enum": CampaignDefinition.Category.values})
class CategoryField(KnownChoiceField):
    """The word of a campaign's category."""


class WriteSerializer(StrictSerializer):
    """What one version says."""

    channels = serializers.JSONField(help_text=CHANNELS_HELP)
    variations = serializers.JSONField(required=False, help_text=VARIATIONS_HELP)
    target_criteria = CriteriaField(required=False)
    primary_goal = StrictCharField(max_length=60, required=False, allow_blank=True)
    offer = TemplateWorthSerializer(required=False, allow_null=True)

    @property
    def said(self) -> Said:
        fields = dict(self.validated_data)
        offer = fields.get("offer") or {}
        if not isinstance(fields["channels"], dict):
            said = 'Must be an object such as {"email": {...}}.'
            raise serializers.ValidationError({"channels": [said]})
        return Said(
            channels=fields["channels"],
            variations=fields.get("variations", []),
            target_criteria=fields.get("target_criteria") or {},
            primary_goal=fields.get("primary_goal", ""),
            discount_percent=offer.get("discount_percentage"),
            valid_days=offer.get("valid_days"),
        )


class NewTemplateSerializer(WriteSerializer):
    name = StrictCharField(max_length=120)
    key = serializers.SlugField(max_length=60, required=False)
    category = CategoryField(choices=CampaignDefinition.Category.choices, required=False)
    description = StrictCharField(max_length=300, required=False, allow_blank=True)


class NewVersionSerializer(WriteSerializer):
    note = StrictCharField(max_length=200, required=False, allow_blank=True)
    version = StrictIntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="Number of the version that it was made from: 409 when it is the newest no more.",
    )


class RestoreSerializer(StrictSerializer):
    number = StrictIntegerField(min_value=1, max_value=2**31 - 1)


class StartSerializer(StrictSerializer):
    campaign_name = StrictCharField(max_length=160, required=False)


class OwnTemplateFilter(django_filters.FilterSet):
    archived = django_filters.BooleanFilter(
        field_name="archived_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = CampaignTemplate
        fields = ["category", "key"]


class OwnTemplateViewSet(RefusalsAnswered, ReadOnlyShopViewSet):
    """The shop's own templates; the ready ones are at ``campaigns/templates``."""

    model = CampaignTemplate
    serializer_class = OwnTemplateSerializer
    filterset_class = OwnTemplateFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "updated_at"]
    http_method_names = ["get", "head", "options", "post", "delete"]

    def queryset_for(self, shop):
        return shelf.own(shop)

    def paginate_queryset(self, queryset):
        return with_current(super().paginate_queryset(queryset))

    def get_object(self):
        return with_current([super().get_object()])[0]

    @extend_schema(request=NewTemplateSerializer, responses={201: OwnTemplateSerializer})
    def create(self, request):
        given = self._valid(NewTemplateSerializer)
        about = {
            name: given.validated_data[name]
            for name in ("name", "key", "category", "description")
            if name in given.validated_data
        }
        made = self._tried(template_versions.create, shop=self.shop, said=given.said, **about)
        return self._shown(made.pk, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request, pk):
        """Put it away: campaigns that were made from it stay as they are."""
        template_versions.archive(self.get_object(), by=self.actor, token=self.token)
        return Response(status=204)

    @extend_schema(request=None, responses=OwnTemplateSerializer)
    @action(detail=True, methods=["post"])
    def unarchive(self, request, pk):
        """Take it out again."""
        template_versions.unarchive(self.get_object(), by=self.actor, token=self.token)
        return self._shown(pk)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def versions(self, request, pk):
        """Everything that it ever said, the newest first."""
        rows = self.get_object().versions.order_by("-number")
        return Response(VersionSerializer(rows, many=True).data)

    @extend_schema(request=NewVersionSerializer, responses=OwnTemplateSerializer)
    @versions.mapping.post
    def write(self, request, pk):
        """One more version; the one before stays as it is. With `version`, 409 `version_changed`
        where somebody has written another one since, unless it says the same."""
        template, given = self.get_object(), self._valid(NewVersionSerializer)
        note, base = (given.validated_data.get(name) for name in ("note", "version"))
        about = {"note": note or "", "base": base}
        self._tried(template_versions.write, template, said=given.said, **about)
        return self._shown(pk)

    @extend_schema(request=RestoreSerializer, responses=OwnTemplateSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """An old version becomes the newest one."""
        template, given = self.get_object(), self._valid(RestoreSerializer)
        number = given.validated_data["number"]
        self._tried(template_versions.restore, template, number=number)
        return self._shown(pk)

    @extend_schema(request=StartSerializer, responses={201: CampaignSerializer})
    @action(detail=True, methods=["post"])
    def campaign(self, request, pk):
        """A draft campaign that says what the template says; 400 where something that it names, a
        segment say, is gone, as by `campaigns/create`."""
        template, given = self.get_object(), self._valid(StartSerializer)
        if template.current is None:
            raise Conflict("no_version", "The template says nothing yet: write a version first.")
        made = self._tried(
            template_versions.start_from,
            self._checked(template_versions.of_version(template.current)),
            shop=self.shop,
            name=given.validated_data.get("campaign_name") or template.name,
            category=template.category,
        )
        rows = CampaignDefinition.objects.filter(pk=made.pk).select_related("shop", "offer")
        rows = rows.prefetch_related("variants", "campaign_segments")
        shown = progress.attach_executions(progress.with_current_execution(rows))[0]
        context = self.get_serializer_context()
        return Response(CampaignSerializer(shown, context=context).data, status=201)

    def _valid(self, serializer_class):
        given = serializer_class(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return given

    def _checked(self, said: Said) -> Said:
        try:
            return said.checked(shop=self.shop)
        except content.ContentError as error:
            raise serializers.ValidationError(error.fields) from error
        except CriteriaError as error:
            raise serializers.ValidationError({"target_criteria": wrong_criteria(error)}) from error

    def _tried(self, verb, *args, **kwargs):
        try:
            return verb(*args, by=self.actor, token=self.token, **kwargs)
        except content.ContentError as error:
            raise serializers.ValidationError(error.fields) from error

    def _shown(self, pk, *, status: int = 200) -> Response:
        found = with_current(list(self.queryset_for(self.shop).filter(pk=pk)))[0]
        return Response(OwnTemplateSerializer(found).data, status=status)
