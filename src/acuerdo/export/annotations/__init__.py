"""Articles as annotation tools take them, so that people correct in their tool and come back."""
