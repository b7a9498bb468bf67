"""What every room rests on and that knows no subject: errors, files, coordinates, readers, the workspace."""
