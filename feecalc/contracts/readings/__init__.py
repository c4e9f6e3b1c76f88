"""What a contract leaves unsaid: the readings each silence allows, what each is worth, and the words that settle it."""
