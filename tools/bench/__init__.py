"""`make bench`: our figures beside those of peers, taken in turns in the same run; nothing else of the project needs it."""
