"""What people should look at: leaders, underperformers, and figures that ask for a check."""
