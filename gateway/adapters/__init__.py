"""Technology behind the ports. Only `gateway.bootstrap` imports from here; nothing here knows a rule of the sign-up."""
