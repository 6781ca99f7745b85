"""Small real files, each recognisable as made by the stand-in."""
