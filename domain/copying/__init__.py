"""The 30-second cycle: trades are judged, ordered, booked."""
