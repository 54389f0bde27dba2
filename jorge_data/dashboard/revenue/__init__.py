"""The revenue page: its data, forecasts and charts."""
