import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from barbershop.models import ApiToken
from barbershop.tests.factories import ShopFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)


def create(capsys, name="till", **options) -> str:
    call_command("create_token", shop="main", name=name, **options)
    return capsys.readouterr().out


def test_token_is_all_that_is_printed_and_it_works(capsys, client):
    shop = ShopFactory(slug="main")

    out = create(capsys, scopes="read,send")

    assert out.count("\n") == 1
    answer = client.get("/api/barbers", headers={"Authorization": f"Bearer {out.strip()}"})
    token = ApiToken.objects.get()
    assert answer.status_code == 200
    assert (token.shop, token.name, token.scope_set) == (shop, "till", {"read", "send"})
    assert token.expires_at is None


def test_token_may_expire(capsys, time_machine):
    time_machine.move_to(NOW, tick=False)
    ShopFactory(slug="main")

    create(capsys, expires_days=30)

    assert ApiToken.objects.get().expires_at == NOW + dt.timedelta(days=30)


@pytest.mark.parametrize("scopes", ["", "read,delete", ","])
def test_unknown_scope_is_refused(capsys, scopes):
    ShopFactory(slug="main")

    with pytest.raises(CommandError, match="write some of read,write,send"):
        create(capsys, scopes=scopes)
    assert not ApiToken.objects.exists()


def test_unknown_shop_is_refused_naming_those_there_are(capsys):
    ShopFactory(slug="uptown")

    with pytest.raises(CommandError, match="Shops are: uptown"):
        create(capsys)


@pytest.mark.parametrize("days", [0, -1, 4000])
def test_expiry_out_of_range_is_refused(capsys, days):
    ShopFactory(slug="main")

    with pytest.raises(CommandError, match="between 1 and 3650"):
        create(capsys, expires_days=days)


@pytest.mark.parametrize("name", ["", " ", "x" * 121])
def test_name_that_does_not_fit_is_refused(capsys, name):
    ShopFactory(slug="main")

    with pytest.raises(CommandError, match="1 to 120 characters"):
        create(capsys, name=name)
    assert not ApiToken.objects.exists()
