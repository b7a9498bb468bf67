"""``python -m psttm_geo``: the command, where its script is not on the path."""

from psttm_geo.cli import main

main()
