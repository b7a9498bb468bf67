"""The Territorial Strategic Plan of the Metropolitan City of Milan, on the map."""

__version__ = "0.1.0"
