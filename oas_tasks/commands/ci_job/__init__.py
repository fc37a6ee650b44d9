"""The command `ci`: what a CI job does, on GitHub, GitLab, Azure and Jenkins."""
