"""OpenStreetMap: extracts, tags, the walkable network, Overpass, and a synthetic territory in its format."""
