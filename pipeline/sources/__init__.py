"""From files to staged batches."""
