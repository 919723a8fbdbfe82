from django.urls import path

from analytics import views, views_performance

urlpatterns = [
    path("", views.home, name="home"),
    path("running/", views.running, name="running"),
    path("messages/", views.messages, name="messages"),
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/<int:pk>/", views_performance.campaign, name="campaign"),
    path("campaigns/<int:pk>/live/", views_performance.live, name="campaign-live"),
    path(
        "campaigns/<int:pk>/recipients/", views_performance.recipients, name="campaign-recipients"
    ),
]
