"""Who may do what in admin.

A superuser runs the installation: every shop, everything that may be written at all. Everybody
else with ``is_staff`` is a member of shops: he sees the rows of his shops, and his role in the
shop *of the row* decides what he may do with it. Django's own permission rows (groups, user
permissions) do not count for our models: two sources of truth would disagree one day. They go on
to count for the models of other packages, which members therefore do not see.
"""

from barbershop.models import Barbershop, Membership
from barbershop.tenancy import reaches, roles_of

Role = Membership.Role


class RoleAccess:
    """Permissions and scope by role; for admin classes and inlines alike.

    Attributes:
        verbs: what may be done here at all, by anybody: of add, change, delete.
        view_role, add_role, change_role, delete_role: the least role in the row's shop that may;
            None leaves it to superusers.
        edit_role: for actions on rows that have no form.
        send_role: for actions after which messages leave.
        stop_role: for actions after which fewer leave: whoever works here may pull the brake.
    """

    verbs = frozenset({"add", "change", "delete"})
    view_role = Role.READ_ONLY
    add_role = Role.STAFF
    change_role = Role.STAFF
    delete_role = Role.STAFF
    send_role = Role.MANAGER
    stop_role = Role.STAFF
    edit_role = Role.STAFF

    def may(self, request, verb: str, obj=None) -> bool:
        """Whether the person may; without an object: in any of his shops."""
        if verb in {"add", "change", "delete"} and verb not in self.verbs:
            return False
        if request.user.is_superuser:
            return True
        return bool(self.shops_where(request, verb).intersection(self.concerned(request, obj)))

    def shops_where(self, request, verb: str) -> set[int]:
        """The shops in which the person's role is high enough."""
        needed = getattr(self, f"{verb}_role")
        if needed is None:
            return set()
        return {shop for shop, role in _roles(request).items() if reaches(role, needed)}

    def concerned(self, request, obj) -> set[int]:
        """The shops a permission for this object is asked in."""
        if obj is None:
            return set(_roles(request))
        return self.shop_ids_of(obj)

    def shop_ids_of(self, obj) -> set[int]:
        return {obj.shop_id}

    def in_shops(self, queryset, shops):
        """The rows that belong to the given shops."""
        return queryset.filter(shop__in=shops)

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.user.is_superuser:
            return queryset
        return self.in_shops(queryset, Barbershop.objects.for_user(request.user).order_by())

    def get_field_queryset(self, db, db_field, request):
        """Choices of a foreign key: what the person may see of the other model."""
        choices = super().get_field_queryset(db, db_field, request)
        model = db_field.remote_field.model
        if request.user.is_superuser:
            return choices
        if model is Barbershop:
            verb = "change" if "change" in self.verbs else "add"
            return Barbershop.objects.filter(pk__in=self.shops_where(request, verb))
        other = self.admin_site._registry.get(model)
        return other.get_queryset(request) if other else model._default_manager.none()

    def has_module_permission(self, request):
        return self.may(request, "view")

    def has_view_permission(self, request, obj=None):
        return self.may(request, "view", obj)

    def has_add_permission(self, request, obj=None):
        return self.may(request, "add", obj)

    def has_change_permission(self, request, obj=None):
        return self.may(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self.may(request, "delete", obj)

    def has_send_permission(self, request, obj=None):
        return self.may(request, "send", obj)

    def has_stop_permission(self, request, obj=None):
        return self.may(request, "stop", obj)

    def has_edit_permission(self, request, obj=None):
        """For actions of rows that have no form; ``change`` would offer one."""
        return self.may(request, "edit", obj)


def _roles(request) -> dict[int, Role]:
    """Asked once per request: a page asks for permissions dozens of times."""
    if not hasattr(request, "_roles_in_admin"):
        request._roles_in_admin = roles_of(request.user)
    return request._roles_in_admin
