"""A random walk through the ledger: workers that die, answers that lie, and a provider that knows.

``machine`` draws the steps, ``provider`` remembers what was truly accepted, ``books`` compares the
two after every step, ``tables`` holds what SENDING allows, ``world`` the people.
"""
