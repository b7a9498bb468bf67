"""The folium map and its scripts."""
