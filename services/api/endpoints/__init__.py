"""The addresses of the api, one module a resource."""
