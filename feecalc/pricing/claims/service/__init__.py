"""The rules of one service by itself: the row that pays it, its modifiers, both sides of the body, anesthesia."""
