"""What an agent may call: each tool with its schema, its effect and its limits."""
