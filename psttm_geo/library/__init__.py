"""The library: the territory and its plan opened once, and what an analyst asks of them."""
