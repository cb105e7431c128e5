"""How a program runs: one enterprise at a time (`single`), or a table of them (`frame`). No engine knows what a grade is."""
