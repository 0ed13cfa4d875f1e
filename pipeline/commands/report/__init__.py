"""The report: one page of what an edition says. What its sentences are belongs to the core, what its pictures are to the charts."""
