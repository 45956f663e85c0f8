"""Reports: one page for a reviewer who has nothing but the page, with JSON and JUnit beside it."""
