"""The engine of bigger houses: Elasticsearch, on machines of its own."""

from repo.search.elasticsearch.engine import ElasticsearchEngine as ElasticsearchEngine
