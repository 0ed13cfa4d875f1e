"""The demo shop: a simulated Dutch web shop whose truth is known, and its exports. Nothing here knows how the pipeline reads them."""

from pipeline.sources.demo.export import write_exports
from pipeline.sources.demo.simulate import Shop, simulate

__all__ = ["Shop", "simulate", "write_exports"]
