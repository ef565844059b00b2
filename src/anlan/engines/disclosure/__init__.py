"""Counts that may leave the house: no export, and no two together, tell that a cell holds few people's matters.

One fixed lattice of finest cells (area, closed month, family of types). Each cell is released **once**: held back
where it counts fewer than ``k``, else brought to a multiple of ``step`` by a draw that is the same for ever (random
rounding without bias, Fellegi 1975; the draw keyed by the cell, Fraser and Wooton 2005). Everything coarser is a sum
of released cells and never a count of its own. So the difference of two exports, a total less its parts, or the same
rows cut another way is again a sum of released cells, and says nothing that the cells did not.

What is lost: cells held back count as nothing in sums. How many those are is told beside each sum.
"""

from anlan.engines.disclosure.release import Released, Rule, cell_released, table_of

__all__ = ["Released", "Rule", "cell_released", "table_of"]
