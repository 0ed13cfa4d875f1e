"""From files and databases to staged batches: settings, inputs, mappings, presets. What the rows then mean belongs to `core`."""
