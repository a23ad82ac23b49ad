"""The trustpilot collector."""
