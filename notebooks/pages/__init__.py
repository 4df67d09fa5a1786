"""The tabs of the results page, one file a tab: each says what may be asked (`filters`) and draws it (`show`). Nothing here writes."""
