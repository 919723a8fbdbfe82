"""Whether forecast, engine and explainer say the same of a random world."""
