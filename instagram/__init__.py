"""Talking to Instagram: webhooks in, Graph calls out, and nothing about the rest of Switchboard."""
