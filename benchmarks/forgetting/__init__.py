"""How long forgetting takes."""
