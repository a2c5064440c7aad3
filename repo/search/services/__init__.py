"""Services of search: `finding` answers readers, `indexing` keeps the index true to the rows."""
