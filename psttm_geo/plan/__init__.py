"""The strategic plan: editions, goals, where they apply, drivers, projects."""
