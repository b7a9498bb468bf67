"""Open a GeoPackage in QGIS and say what is seen there; run by the system's own Python, which has QGIS.

Usage: look.py FILE FOLDER LAYER...; the folder holds psttm.qgz, the same project exported; pictures are written there,
what is seen to standard output as JSON.
"""

import json
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIZE = (600, 450)

DPI = 40


def look_at_layer(file, name):
    layer = QgsVectorLayer(f"{file}|layername={name}", name, "ogr")
    fields = layer.fields()
    forms = {field.name(): layer.editorWidgetSetup(at) for at, field in enumerate(fields)}
    return {
        "valid": layer.isValid(),
        "rows": layer.featureCount(),
        "crs": layer.crs().authid(),
        "style": layer.renderer().type() if layer.renderer() else None,
        "legend": [item.label() for item in layer.renderer().legendSymbolItems()] if layer.renderer() else [],
        "labels": layer.labelsEnabled(),
        "aliases": {field.name(): field.alias() for field in fields},
        "codes": {
            name: {code: text for pair in form.config()["map"] for text, code in pair.items()}
            for name, form in forms.items()
            if form.type() == "ValueMap"
        },
        "display": layer.displayExpression(),
    }


def look_at_group(group):
    return {
        child.name(): look_at_group(child) if hasattr(child, "isMutuallyExclusive") else child.layerId()
        for child in group.children()
    }


def draw(project, theme, path):
    layers = project.mapThemeCollection().mapThemeVisibleLayers(theme)
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setOutputSize(QSize(*SIZE))
    settings.setBackgroundColor(QColor("white"))
    settings.setFlags(QgsMapSettings.Flags())
    settings.setExtent(project.mapLayer("psttm_comuni").extent())
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(str(path))
    points = ((x, y) for x in range(SIZE[0]) for y in range(SIZE[1]))
    return {
        "layers": [layer.id() for layer in layers],
        "colours": sorted({QColor(picture.pixel(x, y)).name() for x, y in points}),
    }


def look_at_project(project, address):
    read = project.read(address)
    relations = project.relationManager().relations().values()
    return {
        "read": read,
        "title": project.title(),
        "crs": project.crs().authid(),
        "layers": {layer.id(): layer.isValid() for layer in project.mapLayers().values()},
        "groups": look_at_group(project.layerTreeRoot()),
        "relations": {one.id(): one.isValid() for one in relations},
    }


def look_at_maps(project, folder):
    themes = project.mapThemeCollection().mapThemes()
    sheets = project.layoutManager().printLayouts()
    options = QgsLayoutExporter.ImageExportSettings()
    options.dpi = DPI
    first = next(sheet for sheet in sheets if "Territorio" in sheet.name())
    done = QgsLayoutExporter(first).exportToImage(str(folder / "sheet.png"), options)
    return {
        "themes": {theme: draw(project, theme, folder / f"theme {at}.png") for at, theme in enumerate(themes)},
        "sheets": [sheet.name() for sheet in sheets],
        "printed": done == QgsLayoutExporter.Success,
    }


def main():
    file, folder, *names = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]
    messages = []
    QgsApplication.messageLog().messageReceived.connect(lambda text, tag, _: messages.append(f"{tag}: {text}"))
    project = QgsProject.instance()
    seen = {
        "layers": {name: look_at_layer(file, name) for name in names},
        "inside": look_at_project(project, f"geopackage:{file}?projectName=PSTTM"),
        "maps": look_at_maps(project, folder),
        "beside": look_at_project(project, str(folder / "psttm.qgz")),
        "messages": messages,
    }
    project.clear()
    print(json.dumps(seen))


application = QgsApplication([], False)  # noqa: FBT003 - QGIS takes no names: no windows
application.initQgis()
main()
application.exitQgis()
