"""What the commands of `loyalty` do beside running the job."""
