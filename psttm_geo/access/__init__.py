"""Travel times on foot, and what follows from them: indicators, isochrones, scenarios."""
