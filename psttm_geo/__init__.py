"""The Territorial Strategic Plan of the Metropolitan City of Milan, on the map.

    import psttm_geo as pg

    city = pg.open(osm="synthetic.osm.pbf")  # pg.open() alone: the embedded data, no streets
    city.municipalities
    city.goals("2025-2027")
    city.isochrones(lon=9.19, lat=45.46, minutes=[5, 10, 15])
    city.accessibility(by="zone", profile="adulto")
    city.what_if([pg.Add("farmacia", lon=9.2, lat=45.5)]).gains(by="municipality")
    city.site("farmacia", 3).sites
    city.to_geopackage("psttm.gpkg")

The streets of the example are made by the command ``psttm-geo synthetic -o synthetic.osm.pbf``.
"""

import lazy_loader

__version__ = "0.2.0"

# A command loads only what its own job needs: the library takes a second.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
