from customers.admin import (  # noqa: F401 - they register
    consent,
    customers,
    imports,
    segments,
    visits,
)
