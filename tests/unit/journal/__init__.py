"""The journal: tables, outbox, audit chain, sender."""
