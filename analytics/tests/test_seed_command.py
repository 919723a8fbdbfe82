import pytest
from django.core.management import CommandError, call_command

from barbershop.models import Barbershop, User


@pytest.mark.django_db
def test_seed_command_refuses_outside_demo_and_debug(settings):
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(CommandError, match="DEMO=true"):
        call_command("seed_demo")

    assert not User.objects.exists()
    assert not Barbershop.objects.exists()
