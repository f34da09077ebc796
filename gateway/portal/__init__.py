"""The portal's first pages, rendered on the server: each runs a GraphQL operation and fills a template."""
