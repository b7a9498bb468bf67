"""What leaves the package: GeoPackage, QGIS, metadata, tables, documents, differences of two deliveries."""
