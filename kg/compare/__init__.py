"""What documents say of the same: answers, the rules by which they disagree, and the comparison view."""
