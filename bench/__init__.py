"""What the README says about speed, measured again: one command for each set of figures."""
