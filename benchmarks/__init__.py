"""What is measured of the running product. Nothing here is imported by it."""
