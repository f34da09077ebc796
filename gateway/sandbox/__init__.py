"""One process with everything in it: the gateway and both simulators. The only importer of mockidp and mailsink."""
