"""What people who do not see or do not use a mouse need: names, announcements, and the lint that proves both."""
