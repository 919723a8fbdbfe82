from django.urls import path

from customers import views, views_rights

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/import/", views.import_customers, name="customers-import"),
    path("customers/imports/<int:pk>/", views.imported, name="customers-imported"),
    path("customers/<int:pk>/data/", views_rights.data, name="customer-data"),
    path("customers/<int:pk>/data.html", views_rights.data_html, name="customer-data-html"),
    path("customers/<int:pk>/data.json", views_rights.data_json, name="customer-data-json"),
    path("customers/<int:pk>/erase/", views_rights.erase, name="customer-erase"),
]
