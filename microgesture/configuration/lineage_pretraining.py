"""What a pre-training is made from, and whether it saw people who are scored."""

import numpy as np

from microgesture.configuration.lineage_data import FLAT_SKELETONS, FOREIGN_WEIGHTS, kind_of
from microgesture.pretraining.clips import chosen_clips, scored_people
from microgesture.pretraining.settings import group_of, settings_that_count, streams_seen


class PretrainingLineage:
    """Parts of the signatures of these jobs; a base of `Lineage`, which has what is used here."""

    def pretrain_modality(self, run: str, modality: str) -> dict:
        """Parts of the signature of a modality's pre-training."""
        settings = self._runs.modality_settings(run, modality)
        foreign = settings.get("initial_weights")
        without = () if foreign else FOREIGN_WEIGHTS
        chosen = self._pretraining_clips(run, group_of(settings)["clips"])
        kinds = [kind_of(settings["stream"])]
        if len(streams_seen(settings)) > 1:  # the person's joints in the pictures
            kinds.append(FLAT_SKELETONS)
        return {
            **self._code("pretrain_modality", settings["model"], without=without),
            "settings": settings_that_count(settings),
            "seed": self._runs.config(run)["seed"],
            "layout": self.data.layout(),
            "clips": self.data.chosen_set(run, chosen, *kinds),
            "scored_people": self._scored_in_pretraining(run, modality),
            "initial_weights": self._weights(foreign) if foreign else None,
        }

    def pretrained_on_scored(self, run: str) -> bool:
        """Whether a network of the run was pre-trained on clips of people who are scored."""
        names = [name for name in self._runs.modalities(run) if self._runs.pretrains(run, name)]
        return any(self._scored_in_pretraining(run, name) for name in names)

    def _scored_in_pretraining(self, run: str, modality: str) -> list[str]:
        choice = group_of(self._runs.modality_settings(run, modality))["clips"]
        chosen = self._pretraining_clips(run, choice)
        return scored_people(self.data.clips(run), chosen, self._mode(run))

    def _pretraining_clips(self, run: str, choice: str) -> np.ndarray:
        """bool, by row of the run's clips."""
        return chosen_clips(self.data.clips(run), choice, self._mode(run))

    def _mode(self, run: str) -> str:
        return self._runs.config(run)["select_pseudo_labels"]["mode"]
