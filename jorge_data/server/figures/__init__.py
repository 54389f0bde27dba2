"""The wall's figures: asked of the history by the definitions of the pages, once for all their readers."""
