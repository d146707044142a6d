"""The local model: llama.cpp's server in one supervised child process."""
