"""The compiled loops of the accessibility engine."""
