from django.apps import AppConfig


class BarbershopConfig(AppConfig):
    name = "barbershop"
