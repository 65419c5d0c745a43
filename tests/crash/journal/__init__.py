"""The journal under kill -9, full disks and second processes."""
