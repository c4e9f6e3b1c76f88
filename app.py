from feecalc.ui import main

main()
