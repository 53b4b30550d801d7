from terms.models.answer import KeptAnswer
from terms.models.attempt import Attempt
from terms.models.bundle import Bundle, BundleEntry
from terms.models.change import Change
from terms.models.coverage import TopicCoverage
from terms.models.draft import FormDraft
from terms.models.glossary import Glossary
from terms.models.imported import ImportedTerm, ImportRun
from terms.models.miss import Miss
from terms.models.name import Alias
from terms.models.planned import PlannedPublication
from terms.models.proposal import Proposal
from terms.models.relation import Relation
from terms.models.release import FrozenEntry, Release
from terms.models.responsibility import Responsibility
from terms.models.sense import Example, Sense
from terms.models.subject import Source, Topic
from terms.models.term import Term
from terms.models.token import ApiToken, Scope

__all__ = [
    "Alias",
    "ApiToken",
    "Attempt",
    "Bundle",
    "BundleEntry",
    "Change",
    "Example",
    "FormDraft",
    "FrozenEntry",
    "Glossary",
    "ImportRun",
    "ImportedTerm",
    "KeptAnswer",
    "Miss",
    "PlannedPublication",
    "Proposal",
    "Relation",
    "Release",
    "Responsibility",
    "Scope",
    "Sense",
    "Source",
    "Term",
    "Topic",
    "TopicCoverage",
]
