"""What Streamlit runs for every session at every rerun."""

from jorge_data.dashboard.ui import shell

shell.run()
