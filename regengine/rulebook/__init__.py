"""The law as data: a rulebook's file, its form, its meaning at a day, and its identity."""
