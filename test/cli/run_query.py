"""Runs a query of `vectormill files --query` and prints, as JSON, its columns and the ids and vectors of its rows."""

import json
import runpy
import sys

tool, path = sys.argv[1:]
if tool == "duckdb":
    import duckdb

    with open(path, encoding="utf-8") as file:
        table = duckdb.sql(file.read()).to_arrow_table()
elif tool == "pyarrow":
    import pyarrow

    table = pyarrow.concat_tables(runpy.run_path(path)["live_tables"]())
else:
    table = runpy.run_path(path)["live"].collect().to_arrow()
print(
    json.dumps(
        {
            "columns": table.column_names,
            "ids": table["chunk_id"].to_pylist(),
            "vectors": table["vector"].to_pylist(),
        }
    )
)
