"""The latent lab: what readers try on the space, each operation beside its control."""
