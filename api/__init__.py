"""The web service: reads a build, never writes one."""
