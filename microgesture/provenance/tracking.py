"""Edges between jobs: plain where a job has changed, ancient where it has not.

Snakemake runs every job again that lies behind one that runs, whatever that one writes; and where
an edge is ancient it hides the reasons that a job behind it has of its own. Both are mended here. A
job whose signature is the recorded one takes its files as ancient: nothing that runs before it
concerns it. A job whose signature is another takes them plain, and with them a file that is always
written anew: so it runs, whatever lies between it and the jobs that run. So does one whose file was
asked for and is not there: Snakemake overlooks that where a job before it runs.
"""

import os
from collections.abc import Callable
from functools import cached_property

from snakemake.io import AnnotatedString, IOFile, ancient, apply_wildcards

from microgesture.provenance.errors import BadInput
from microgesture.provenance.identity import Identities
from microgesture.provenance.records import Memory, recorded_signature
from microgesture.provenance.seals import mark_of, marked

CHANGED = "results/state/changed"
MEMORY = ".snakemake/made_from"
# Jobs whose reasons are worth a line: the long ones.
TOLD = (
    "extract_keypoints",
    "pretrain_modality",
    "train_modality",
    "train_fusion",
    "predict_modality",
)


class Tracking:
    """What of the jobs' lineage differs from Snakemake's records of their last runs.

    lineage: `signature(rule, **wildcards)`, `parts(...)`. workflow: Snakemake's. tell: called with
    a line for every long job that runs again.
    """

    def __init__(self, lineage, workflow, identities: Identities, tell: Callable[[str], None]):
        self._lineage, self._workflow, self._identities = lineage, workflow, identities
        self._tell, self._memory = tell, Memory(MEMORY)
        self._told: set = set()
        self._marked = marked()

    def signature(self, rule: str, wildcards) -> str:
        """The signature of a job."""
        try:
            return self._lineage.signature(rule, **dict(wildcards.items()))
        except BadInput as error:
            from snakemake.exceptions import WorkflowError

            raise WorkflowError(str(error)) from None

    def changed(self, rule: str, wildcards) -> bool:
        """The job has no record, or one of another signature."""
        now, before = self.signature(rule, wildcards), self._recorded(rule, wildcards)
        if rule in TOLD and now not in self._told:
            self._told.add(now)
            self._explain(rule, wildcards, now, before)
        return now != before

    def inputs(self, rule: str, files: dict) -> Callable:
        """An input function of a rule, to be unpacked. files: name -> pattern, list of patterns, or
        function of the wildcards that gives a path, a list, or (name "") a dictionary of these."""

        def given(wildcards):
            changed = self.changed(rule, wildcards) or self._is_missed(rule, wildcards)
            found = {}
            for name, value in files.items():
                value = value(wildcards) if callable(value) else value
                found |= value if isinstance(value, dict) else {name: value}
            inputs = {name: _edges(value, wildcards, changed) for name, value in found.items()}
            return {**inputs, "changed": [CHANGED] if changed else []}

        return given

    def _recorded(self, rule: str, wildcards) -> str | None:
        persistence = self._workflow.persistence
        if persistence is None:
            return None
        patterns = self._patterns(rule)
        if self._marked and any(
            mark_of(apply_wildcards(pattern, wildcards)) in self._marked for pattern in patterns
        ):
            return None  # damaged: made anew, whatever the record says
        output = IOFile(apply_wildcards(patterns[0], wildcards))
        return recorded_signature(persistence.params(output))

    def _patterns(self, rule: str) -> list[str]:
        return [str(pattern) for pattern in self._workflow.get_rule(rule).output]

    def _is_missed(self, rule: str, wildcards) -> bool:
        """A file of the job was asked for and is not there."""
        return bool(self._missed) and any(
            os.path.normpath(apply_wildcards(pattern, wildcards)) in self._missed
            for pattern in self._patterns(rule)
        )

    @cached_property
    def _missed(self) -> set[str]:
        """What was asked for, by name or by a rule that collects, and is not there."""
        dag = self._workflow.dag
        if dag is None or not self._workflow.is_main_process:
            return set()
        asked = {str(path) for path in dag.targetfiles or ()}
        for rule in dag.targetrules or ():
            asked |= {str(path) for path in (rule.output or rule.input)}
        return {os.path.normpath(path) for path in asked if not os.path.lexists(path)}

    def _explain(self, rule: str, wildcards, now: str, before: str | None) -> None:
        self._identities.save()
        parts = self._lineage.parts(rule, **dict(wildcards.items()))
        self._memory.keep(parts)
        if before is not None and before != now:
            title = " ".join([rule, *(word for word in map(str, wildcards) if word)])
            self._memory.explain(before, parts, self._tell, f"{title} runs again")


def _edges(value, wildcards, changed: bool):
    if isinstance(value, list | tuple):
        return [_edges(item, wildcards, changed) for item in value]
    path = value
    if isinstance(value, str) and not isinstance(value, AnnotatedString) and "{" in value:
        path = apply_wildcards(value, wildcards)
    return path if changed else ancient(path)
