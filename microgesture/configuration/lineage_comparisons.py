"""What the comparisons are made from: of members, of variants, of folds, of numbers of labels."""

from microgesture.configuration.lineage_data import ALL
from microgesture.configuration.lineage_segments import PREDICTED
from microgesture.configuration.runs import MAIN
from microgesture.provenance.records import signature


class ComparisonLineage:
    """Parts of the signatures of rules that no other rule rests on: a part of `Lineage`."""

    def compare_members(self, run: str) -> dict:
        return {
            **self.fit_temperatures(run),
            **self._code("compare_members"),  # in place of that rule's
            "compared": self._runs.config(run)["compare_members"],
        }

    def ablation(self, run: str = MAIN) -> dict:
        runs = self._runs
        scored = {name: self.signature("score_predictions", name) for name in runs.names}
        return {
            **self._code("ablation"),
            "pairs": runs.pairs,
            "seeds": runs.seeds,
            "runs": scored,
        }

    def rotation(self, run: str = MAIN) -> dict:
        folds = self._runs.folds(self.data.clips(MAIN))
        return {
            **self._code("rotation"),
            "folds": [self.signature("score_predictions", fold) for fold in folds],
        }

    def label_efficiency(self, run: str = MAIN) -> dict:
        votes = {}
        for name in self._runs.label_runs:
            networks = self._members(name, PREDICTED)
            votes[name] = signature([self.signature("probabilities", name), networks])
        return {
            **self._code("label_efficiency"),
            "runs": votes,
            "truth": signature(self.data.index_truth(run)),
            "people": self.data.people(run, ALL),
        }
