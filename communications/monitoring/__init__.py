"""What Prometheus is told: the state of the ledger, of the inbox and of the web server."""
