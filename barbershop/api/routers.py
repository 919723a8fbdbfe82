from rest_framework.routers import SimpleRouter


class ApiRouter(SimpleRouter):
    """Routes with and without a trailing slash; ids are digits, so literal paths never collide."""

    def __init__(self):
        super().__init__()
        self.trailing_slash = "/?"

    def get_lookup_regex(self, viewset, lookup_prefix=""):
        name = getattr(viewset, "lookup_url_kwarg", None) or viewset.lookup_field
        value = getattr(viewset, "lookup_value_regex", "[0-9]+")
        return f"(?P<{lookup_prefix}{name}>{value})"
