from communications.admin import (  # noqa: F401 - they register
    accounts,
    attempts,
    dispatches,
    evidence,
    incidents,
    messages,
    money,
)
