"""The catalogues: what the Japanese sentences of all three packages say in other languages."""
