from psttm_geo.app import main

main()
