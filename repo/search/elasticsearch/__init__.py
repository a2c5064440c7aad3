"""The engine of bigger houses: Elasticsearch, on machines of its own."""
