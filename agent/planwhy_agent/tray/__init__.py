"""For the person at the desktop: the icon with its menu, notifications, small windows; a process of its own."""
