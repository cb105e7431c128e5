"""What a change of rules would do, before it is made: who moves, what it costs, what it brings."""
