"""Rules and the alerts they raise."""
