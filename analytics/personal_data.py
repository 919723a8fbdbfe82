"""Alerts are about campaigns and budgets; one that quotes a person is emptied with him."""

from analytics.models import Alert
from barbershop import personal_data
from barbershop.personal_data import GONE, Person, quoting


def register() -> None:
    personal_data.declare(
        Alert,
        title="Alerts",
        is_trace=True,
        rows=_alerts_about,
        emptied={"title": GONE, "body": ""},
        key="id shop key link",
        staff="acknowledged_by",
        fact="kind severity created_at resolved_at",
        machine="updated_at acknowledged_at",
    )


def _alerts_about(person: Person):
    return quoting(Alert.objects.filter(shop=person.shop_id), "title", "body", person=person)
