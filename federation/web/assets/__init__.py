"""The sources of style sheets and fonts, their build, and the list of what was built."""
