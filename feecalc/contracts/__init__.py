"""Commercial terms: a contract as a file, priced over volumes and claims, compared, tested and solved for."""
