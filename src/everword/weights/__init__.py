"""Model weights: the catalogue of what can be had, and verified, resumable downloads into the home folder."""
