"""What Streamlit runs for every session at every rerun."""

from jorge_data.live import provider

provider.run()
