from communications.admin import (  # noqa: F401 - they register
    accounts,
    attempts,
    dispatches,
    events,
    evidence,
    incidents,
    messages,
    money,
    opt_outs,
    replies,
)
