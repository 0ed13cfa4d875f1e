"""What the commands of `loyalty` do beside running the job. Arguments and errors belong to `cli`."""
