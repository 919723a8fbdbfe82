# ruff: noqa: N999 - the name gunicorn gives it
"""How the production web server runs: gunicorn --config barbershop/gunicorn.conf.py."""

wsgi_app = "barbershop.wsgi:application"
# Processes come from WEB_CONCURRENCY, gunicorn's own variable (default 1).
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
# Spread over a range, so that the processes do not restart together.
max_requests = 10_000
max_requests_jitter = 1_000
# Requests are logged by the proxy in front, if at all: paths such as /u/<token>/ are secrets.
accesslog = None
errorlog = "-"
