"""What all commands share: their options, what a person types, what is printed, files written, exit codes."""
