"""One adapter, three formats: PEFT's, which is ours on disk, mlx-lm's and llama.cpp's."""
