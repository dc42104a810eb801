"""Signing in by the town's own identity provider: OpenID Connect as a relying party, and nothing the provider says taken on trust."""
