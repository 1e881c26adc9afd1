"""What runs inside the product's own settings, as processes of their own."""
