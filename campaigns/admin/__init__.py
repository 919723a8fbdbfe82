from campaigns.admin import (  # noqa: F401 - they register
    automations,
    definitions,
    executions,
    offers,
    parts,
    responses,
    templates,
)
