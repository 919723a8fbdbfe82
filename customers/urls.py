from django.urls import path

from customers import views

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/import/", views.import_customers, name="customers-import"),
    path("customers/imports/<int:pk>/", views.imported, name="customers-imported"),
]
