"""From what users have to a program's inputs: every value checked against its fact, nothing null, nothing lost."""
