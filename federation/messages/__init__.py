"""All that crosses the wire between towns: frozen messages, one noun a file."""
