"""The HTTP API: Instagram's webhook, the forwarder behind it, chatbots' callbacks, and health."""
