"""The map application, in Streamlit."""


def main() -> None:
    """Show the application; Streamlit calls this on every interaction."""
    from psttm_geo.app.navigation import show  # noqa: PLC0415 - the server imports this package before Streamlit runs

    show()
