"""The edge: who may come in, which world is meant, and how GraphQL is spoken over HTTP and WebSocket."""
