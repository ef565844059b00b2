"""Equipment: what there is, whose it is, who has it, whether it is fit for use, and what a door with readers saw."""
