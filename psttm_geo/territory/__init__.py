"""Municipalities and who lives where: boundaries, residents, census, Degree of Urbanisation."""
