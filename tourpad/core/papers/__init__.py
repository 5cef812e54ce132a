"""Papers for people and their accountants: receipts, settlement sheets, earnings of a year; as data, PDF and CSV."""
