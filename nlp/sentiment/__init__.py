"""What a text feels: VADER for English, a trained head for French."""
