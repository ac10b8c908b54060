"""Other programs' training logs: one small file a format, behind one interface, and what is made of them."""
