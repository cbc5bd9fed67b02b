"""One turn of a conversation, by what it deals with; `routing.interpreter` puts the parts together."""
