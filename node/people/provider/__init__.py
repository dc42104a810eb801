"""This town vouches for its people, and takes other towns' word for theirs.

``visits`` is the host's side of a visit. The rest is the home as OpenID Provider (OpenID Connect Core 1.0, in the FAPI 2.0
Security Profile): ``asked`` what a town asks when one of our people signs in there, ``pushed`` where that waits for the
person, ``consents`` what the person agreed to, ``codes`` and ``codegrant`` what the town gets for it, ``told`` what it then
learns.
"""
