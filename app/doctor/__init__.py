"""The doctor: looks at everything a Vigie needs, and says what to do."""
