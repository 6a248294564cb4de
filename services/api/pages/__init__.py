"""The wall board: what it says, how it is laid out, its template, styles and scripts."""
