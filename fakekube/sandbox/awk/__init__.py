"""awk: the language without user-defined functions, getline and pipes."""
