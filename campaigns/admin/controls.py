"""Stopping and going on, as actions: the same for a campaign and for one of its runs."""

from django.contrib import admin

from campaigns.admin import steps


class RunControls:
    """``control_relations``: what the confirm page reads of each row besides its columns."""

    control_relations: tuple[str, ...] = ()

    @admin.action(description="Pause…", permissions=["stop"])
    def pause(self, request, queryset):
        return self._control(request, queryset, "pause", self.has_stop_permission)

    @admin.action(description="Resume…", permissions=["send"])
    def resume(self, request, queryset):
        return self._control(request, queryset, "resume", self.has_send_permission)

    @admin.action(description="Cancel…", permissions=["stop"])
    def cancel(self, request, queryset):
        return self._control(request, queryset, "cancel", self.has_stop_permission)

    def _control(self, request, queryset, verb, may):
        queryset = queryset.select_related(*self.control_relations)
        return steps.control(self, request, queryset, verb=verb, may=may)
