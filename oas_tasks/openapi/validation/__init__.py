"""What is wrong with a slice, by phases. Values in, faults out; what was found of a part can be remembered."""
