"""A page of Prometheus' text format as figures."""

from prometheus_client.parser import text_string_to_metric_families


def figures(page: str) -> dict[tuple, float]:
    """``{(name, label values in the order of their names): value}``, without our prefix."""
    return {
        (sample.name.removeprefix("barbershop_"), *(v for _, v in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
