"""What pages show: read from the address and computed from tables; a page draws it."""
