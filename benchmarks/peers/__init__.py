"""`cn/henan-2022` in other engines, each written as its own documentation advises; `run.py` times them beside regengine."""
