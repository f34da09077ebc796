"""A stand-alone catcher of mail (SMTP) and SMS (HTTP): it stores and understands messages and lets tests wait.

It imports nothing of the gateway; a host that embeds it implements the protocols of `mailsink.host`.
"""
