import os

from django.core.asgi import get_asgi_application

from barbershop import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barbershop.settings")
startup.read_settings(exit_code=startup.GIVE_UP)

application = get_asgi_application()
