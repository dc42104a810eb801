"""The ground floor: what two towns must agree on. It knows neither node nor registry."""
