"""How soon a STOP holds while a campaign of texts goes out."""
