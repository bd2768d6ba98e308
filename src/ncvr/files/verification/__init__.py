"""The checks of a contract, each small and named. Nothing here shares code with the filling of contracts."""
