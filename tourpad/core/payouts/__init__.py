"""Settlement of played concerts, and the transfers that pay artists and hosts."""
