"""What every room shares: ids, the clock, errors and small value types. Standard library only."""
