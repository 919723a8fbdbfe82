"""The product under kills, stalls, outages and lying providers, and its books afterwards.

``python -m benchmarks.chaos`` (``make chaos``) starts the real processes on loopback, sends
campaigns to many people while it ends and stops those processes at the worst moments, and then
reads ``manage.py ledger`` beside what the provider's emulator recorded.
"""
