"""The three promises: nothing lost or bought twice, no surprise spending, nothing leaks."""
