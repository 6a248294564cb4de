"""What is published of an evaluation beside its scores: rows, movement, reports to parents."""
