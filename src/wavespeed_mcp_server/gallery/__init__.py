"""The page for people, on loopback: every run, everything saved, and what it cost.

`access` decides who may ask, `app` has the routes, `collection` has the runs, `sources` keeps them up to
date and takes nothing from the servers that made them. `site/` is the page: plain HTML, CSS and JavaScript.
"""
