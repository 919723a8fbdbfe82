from django.urls import path

from campaigns import (
    views,
    views_budget,
    views_customer,
    views_incidents,
    views_passport,
    views_resending,
)

urlpatterns = [
    path("budget/", views_budget.month, name="budget"),
    path("campaigns/<int:pk>/execute/", views.execute, name="campaign-execute"),
    path("campaigns/<int:pk>/pause/", views.pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resume/", views.resume, name="campaign-resume"),
    path("campaigns/<int:pk>/cancel/", views.cancel, name="campaign-cancel"),
    path("campaigns/<int:pk>/clone/", views.clone, name="campaign-clone"),
    path("campaigns/<int:pk>/budget/", views_budget.campaign, name="campaign-budget"),
    path("campaigns/<int:pk>/delete/", views.delete, name="campaign-delete"),
    path("campaigns/<int:pk>/retry/", views_resending.retry_failed, name="campaign-retry"),
    path(
        "campaigns/<int:pk>/calls/<int:call>/release/",
        views_resending.release,
        name="campaign-release",
    ),
    path("incidents/", views_incidents.listing, name="incidents"),
    path("incidents/<int:pk>/settle/", views_incidents.settle, name="incident-settle"),
    path("customers/<int:pk>/", views_customer.customer, name="customer"),
    path("customers/<int:pk>/passport/", views_passport.passport_page, name="customer-passport"),
]
