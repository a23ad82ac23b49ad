"""The list of jobs, and the two engines that run it."""
