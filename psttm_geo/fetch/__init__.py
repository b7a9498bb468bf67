"""Downloads from publishers."""
