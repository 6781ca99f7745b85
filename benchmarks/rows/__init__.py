"""The measurements, one module for each kind; each gives rows of the table."""
