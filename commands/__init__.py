"""What `switchboard` does: over the HTTP API, on files alone, and for operators in the store itself."""
