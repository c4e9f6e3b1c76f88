"""The commands of feecalc, a file for each one or each group; ``feecalc.cli.COMMANDS`` lists them."""
