"""The doors through which providers report: verified over the raw body, stored, answered."""
