"""From a scenario to revenue by year: the forecast, its alternatives, what moves it and how sure it is."""
