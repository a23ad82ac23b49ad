"""Mail folders: newsletters and Google Alerts, read over IMAP."""
