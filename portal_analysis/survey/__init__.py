"""The survey wing: from microdata with a complex design to estimates."""
