"""The dashboard's live side: what one office's feed has built, told to every open tab as it changes."""
