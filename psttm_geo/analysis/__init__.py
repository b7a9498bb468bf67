"""Tables to tables: no file, no network, no screen."""
