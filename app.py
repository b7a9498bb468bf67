"""The map application: ``streamlit run app.py``, or better ``psttm-geo app``."""

from psttm_geo.app import main

main()
