"""The pages that people read: each shapes what named queries answer for its template."""
