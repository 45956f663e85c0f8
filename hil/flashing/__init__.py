"""Puts images on boards and resets them through well-kept tools; knows no protocol and opens no port."""
