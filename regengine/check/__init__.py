"""What can be known of a rulebook before anyone is graded by it: rows that never apply, proofs, sources, coverage, comparisons.

Everything is asked of the compiled program, so that what is found and proved is what runs. A witness is an enterprise, and each is run
through the program before it is reported.
"""
