"""The canonical form of a Word contract: what survives a re-save by a word processor, and nothing else.

``document.read_form`` gives a list of items (paragraphs, table marks, sections) with text, label and formatting;
``rendering.render`` numbers them and resolves references. Two files say the same exactly when their forms are equal.
"""
