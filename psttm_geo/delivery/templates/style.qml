<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="{{ version }}" styleCategories="AllStyleCategories" labelsEnabled="{{ label is not none }}">
{{ style }}
</qgis>
