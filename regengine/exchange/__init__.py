"""Rulebooks in the forms of other tools: workbooks of Excel, there and back as a reform, and DMN."""
