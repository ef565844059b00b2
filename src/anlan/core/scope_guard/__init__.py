"""What Anlan refuses to become, held by checks instead of promises. The refusals stand in SCOPE.md.

- ``fields.csv`` lists every field of every table: what kind of data, for what, how long, how masked.
  A field that isn't listed fails the checks.
- ``deny_words.csv`` names what may not appear as a field, code, tag, text or setting;
  ``exceptions.csv`` the reviewed places where a word means something else.
- ``deny_libraries.csv`` names packages that bring such abilities with them.
"""
