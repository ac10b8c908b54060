"""All that touches Textual's private parts. Where they are not as they are known here, Textual goes its own way."""
