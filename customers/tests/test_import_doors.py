"""The ways by which a file comes in: the command and the API."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from barbershop.tests.factories import ShopFactory
from customers.models import Customer, CustomerImport

pytestmark = pytest.mark.django_db

GOOD_AND_BAD = "external_id,email\n1,a@example.test\n2,wrong\n"


@pytest.fixture
def shop():
    return ShopFactory(slug="main-street")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(GOOD_AND_BAD)
    return path


def command(*args, **options):
    out = io.StringIO()
    call_command("import_customers", *map(str, args), stdout=out, **options)
    return out.getvalue().splitlines()


def test_the_command_says_the_counts_and_the_refused_rows(shop, file):
    ShopFactory(slug="other")

    lines = command(file, "--shop", "main-street")

    assert lines == [
        "2 rows: 1 created, 0 updated, 0 unchanged, 1 refused",
        "line 3: email: 'wrong' is not an email address.",
    ]
    assert Customer.objects.get().shop == shop


def test_the_command_shows_twenty_problems_and_writes_all_to_a_file(shop, file, tmp_path):
    file.write_text("external_id,email\n" + "".join(f"{n},wrong\n" for n in range(25)))
    errors = tmp_path / "errors.csv"

    lines = command(file, "--shop", "main-street", "--errors", errors)

    assert len(lines) == 22
    assert lines[-1] == f"… and 5 more; see {errors}"
    assert len(errors.read_text().splitlines()) == 26


def test_the_command_can_try_without_changing(shop, file):
    assert command(file, "--shop", "main-street", "--dry-run")[0] == (
        "2 rows: 1 created, 0 updated, 0 unchanged, 1 refused (dry run: nothing was changed)"
    )
    assert not Customer.objects.exists()


def test_the_command_refuses_what_it_cannot_use(shop, file, tmp_path):
    file.write_text("external_id,shoe_size\n1,44\n")

    with pytest.raises(CommandError, match="'shoe_size' is not known"):
        command(file, "--shop", "main-street")
    with pytest.raises(CommandError, match=r"no shop 'main'\. Shops are: main-street"):
        command(file, "--shop", "main")
    with pytest.raises(CommandError, match="No such file"):
        command(tmp_path / "missing.csv", "--shop", "main-street")
    assert command(file, "--shop", "main-street", "--ignore-unknown")[0].startswith("1 rows: 1 cr")


def upload(api, data, path="/api/customers/import", **fields):
    file = SimpleUploadedFile("people.csv", data.encode())
    return api.post(path, {"file": file, **fields}, format="multipart")


@pytest.mark.parametrize("path", ["/api/customers/import", "/api/customers/import/"])
def test_a_form_with_a_file_is_imported(api, shop, path):
    response = upload(api, GOOD_AND_BAD, path)

    body = response.json()
    assert response.status_code == 200, body
    assert body.pop("id") == CustomerImport.objects.get().pk
    assert body == {
        "filename": "people.csv",
        "encoding": "utf-8",
        "dry_run": False,
        "rows": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "kept_out": 0,
        "note": "",
        "errors": [{"line": 3, "column": "email", "message": "'wrong' is not an email address."}],
    }
    assert Customer.objects.get().shop == shop


def test_options_are_fields_of_the_form(api):
    body = upload(api, GOOD_AND_BAD, dry_run="true", ignore_unknown="true").json()

    assert (body["dry_run"], body["created"]) == (True, 1)
    assert not Customer.objects.exists()


def test_a_bare_csv_body_is_imported(api):
    response = api.generic(
        "POST", "/api/customers/import?dry_run=true", GOOD_AND_BAD, content_type="text/csv"
    )

    body = response.json()
    assert (response.status_code, body["dry_run"], body["created"]) == (200, True, 1)
    assert not Customer.objects.exists()


def test_the_same_upload_under_one_key_is_done_once(api):
    for replayed in (None, "true"):
        response = api.generic(
            "POST",
            "/api/customers/import",
            GOOD_AND_BAD,
            content_type="text/csv",
            HTTP_IDEMPOTENCY_KEY="k-1",
        )
        assert response.headers.get("Idempotency-Replayed") == replayed
        assert response.json()["created"] == 1
    assert CustomerImport.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("external_id,shoe_size\n1,44\n", {}),
        ("", {}),
        (GOOD_AND_BAD, {"dry_run": "perhaps"}),
        (GOOD_AND_BAD, {"dryrun": "true"}),
    ],
)
def test_a_file_or_option_that_cannot_be_used_is_a_400(api, data, fields):
    response = upload(api, data, **fields)

    assert response.status_code == 400
    assert set(response.json()["error"]["fields"]) == (set(fields) or {"file"})
    assert not CustomerImport.objects.exists()


def test_other_bodies_methods_and_strangers_are_turned_away(api):
    path = "/api/customers/import"

    assert api.post(path, {"file": "x"}, format="json").status_code == 415
    assert api.post(path, {"file": "text"}, format="multipart").status_code == 400
    assert api.get(path).status_code == 405
    assert APIClient().post(path, {}, format="multipart").status_code == 401
