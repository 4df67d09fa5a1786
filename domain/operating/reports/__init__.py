"""What a day or a week came to, for a person: rows become figures, figures become text. Pure; reading and sending are done elsewhere."""
