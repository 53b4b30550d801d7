"""The rules by which an import meets what is there already."""

from enum import StrEnum


class OnConflict(StrEnum):
    """What to do with an entry whose address the glossary has already."""

    SKIP = "skip"  # leave the term alone
    UPDATE = "update"  # make the term say what the file says
    ADD_SENSE = "add-sense"  # add what the term does not say yet
    FAIL = "fail"  # change nothing at all
