"""The questions behind the results page, one file a tab: a house in, frames out. Nothing is drawn here and nothing is written."""
