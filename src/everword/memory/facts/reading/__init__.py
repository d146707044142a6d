"""What sentences say: the claims and promises that the rules draw from an entry."""
