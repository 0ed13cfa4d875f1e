"""What customers will do: churn risk and expected value, and how good the predictions were. What they have done belongs to `behaviour`."""
