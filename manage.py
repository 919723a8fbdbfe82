#!/usr/bin/env python
"""Run administrative commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barbershop.settings")
    if sys.argv[1:2] == ["demo"]:
        # Before the settings are read: the demo makes its own secrets instead of asking for them.
        os.environ["DEMO"] = "true"
    from django.core.management import execute_from_command_line

    from barbershop import startup

    startup.read_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
