"""Bytes to tables: everything that opens a file or the network."""
