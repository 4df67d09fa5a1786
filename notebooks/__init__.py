"""Looking at results. marimo notebooks: readable diffs, run as a notebook or as a web page."""
