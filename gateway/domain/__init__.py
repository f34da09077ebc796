"""Pure rules of the sandbox: no await, no clock, no rows. Everything here can be read without knowing a library."""
