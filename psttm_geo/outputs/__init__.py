"""Layers to disk and to the map."""
