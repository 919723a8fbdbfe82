from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from barbershop import views

handler400 = "barbershop.views.bad_request"
handler403 = "barbershop.views.permission_denied"
handler404 = "barbershop.views.not_found"
handler500 = "barbershop.views.server_error"

# Analytics first: it owns ``campaigns/{id}/performance``, a fact of its floor.
api = [
    path("", include("analytics.api.urls")),
    path("", include("campaigns.api.urls")),
    path("", include("communications.api.urls")),
    path("", include("customers.api.urls")),
    path("", include("barbershop.api.urls")),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    re_path(r"^docs/?$", views.ApiDocs.as_view(), name="api-docs"),
]

urlpatterns = [
    re_path(r"^livez/?$", views.livez, name="livez"),
    re_path(r"^readyz/?$", views.readyz, name="readyz"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("shop/", views.switch_shop, name="switch-shop"),
    path("admin/", admin.site.urls),
    re_path(r"^api/?$", views.api_index, name="api-index"),
    path("api/", include(api)),
    path("", include("analytics.urls")),
    path("", include("campaigns.urls")),
    path("", include("communications.urls")),
    path("", include("customers.urls")),
]
