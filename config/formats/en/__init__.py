"""How the pages write dates."""
