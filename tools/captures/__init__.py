"""The recorded sessions that come with the project: how each is made, and what a replay of it has to say."""
