from django.urls import path

from analytics import views, views_delivery, views_export, views_performance, views_why

urlpatterns = [
    path("", views.home, name="home"),
    path("running/", views.running, name="running"),
    path("messages/", views.messages, name="messages"),
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/<int:pk>/", views_performance.campaign, name="campaign"),
    path("campaigns/<int:pk>/why/", views_why.why, name="campaign-why"),
    path("campaigns/<int:pk>/live/", views_performance.live, name="campaign-live"),
    path("campaigns/<int:pk>/delivery/", views_delivery.delivery, name="campaign-delivery"),
    path(
        "campaigns/<int:pk>/delivery/live/",
        views_delivery.delivery_live,
        name="campaign-delivery-live",
    ),
    path(
        "campaigns/<int:pk>/recipients/", views_performance.recipients, name="campaign-recipients"
    ),
    path(
        "campaigns/<int:pk>/recipients.csv",
        views_export.recipients_csv,
        name="campaign-recipients-csv",
    ),
]
