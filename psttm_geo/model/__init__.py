"""What a correct table, plan and source are."""
