"""What every page is built from: shell, controls, cards, tables, drill-down."""
