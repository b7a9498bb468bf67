"""What a correct table, column and layer is: contracts, code lists, colours."""
