from django.urls import path

from campaigns import views, views_customer

urlpatterns = [
    path("campaigns/<int:pk>/execute/", views.execute, name="campaign-execute"),
    path("campaigns/<int:pk>/pause/", views.pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resume/", views.resume, name="campaign-resume"),
    path("campaigns/<int:pk>/cancel/", views.cancel, name="campaign-cancel"),
    path("campaigns/<int:pk>/clone/", views.clone, name="campaign-clone"),
    path("campaigns/<int:pk>/delete/", views.delete, name="campaign-delete"),
    path("customers/<int:pk>/", views_customer.customer, name="customer"),
]
