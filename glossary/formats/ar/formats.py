"""The rest is Django's, whose month stands before a comma that Arabic does without."""

DATE_FORMAT = "j F Y"
