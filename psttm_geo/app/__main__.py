"""The script that Streamlit runs for ``psttm-geo app``."""

from psttm_geo.app import main

main()
