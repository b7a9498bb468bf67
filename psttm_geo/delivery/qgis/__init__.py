"""The QGIS project and styles, written as XML without QGIS."""
