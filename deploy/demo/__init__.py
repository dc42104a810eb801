"""The demo: a registry and four towns on one machine, from data to processes."""
