"""What a person waits for in a conversation."""
