"""The browser UI as it is served: built files and the headers that keep foreign code out of it."""
