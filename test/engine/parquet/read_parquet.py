"""Prints, as a JSON array with one object a file, what pyarrow, DuckDB, pandas and (where installed) Polars see in Parquet files."""

import json
import sys

import duckdb
import pandas
import pyarrow.parquet

try:
    import polars
except ImportError:
    polars = None


def plain(value):
    """A JSON value; integers as strings, because row keys do not fit a double."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value != value:
        return None
    return value


def columns_of(names, rows):
    return {name: [plain(row[index]) for row in rows] for index, name in enumerate(names)}


def report(path):
    table = pyarrow.parquet.read_table(path)
    parquet = pyarrow.parquet.ParquetFile(path)
    duck = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [path])
    duck_names = [column[0] for column in duck.description]
    duck_types = [str(column[1]) for column in duck.description]
    frame = pandas.read_parquet(path)
    seen = {
        "pyarrow": {
            "types": {field.name: str(field.type) for field in table.schema},
            "nullable": [field.name for field in table.schema if field.nullable],
            "columns": {name: plain(table.column(name).to_pylist()) for name in table.column_names},
            "metadata": {
                key.decode(): value.decode()
                for key, value in parquet.metadata.metadata.items()
                if key != b"ARROW:schema"
            },
        },
        "duckdb": {"types": dict(zip(duck_names, duck_types)), "columns": columns_of(duck_names, duck.fetchall())},
        "pandas": {
            "types": {name: str(kind) for name, kind in frame.dtypes.items()},
            "columns": {name: [plain(value) for value in frame[name]] for name in frame.columns},
        },
    }
    if "vector" in table.column_names:
        size = table.schema.field("vector").type.list_size
        cast = duckdb.connect().execute(f"SELECT typeof(vector::FLOAT[{size}]) FROM read_parquet(?) LIMIT 1", [path])
        seen["duckdb"]["cast"] = (cast.fetchone() or [None])[0]
        if len(frame):
            seen["pandas"]["elements"] = str(frame["vector"].iloc[0].dtype)
    if polars is not None:
        frame = polars.read_parquet(path)
        seen["polars"] = {
            "types": {name: str(kind) for name, kind in frame.schema.items()},
            "columns": {name: plain(frame[name].to_list()) for name in frame.columns},
        }
    return seen


print(json.dumps([report(path) for path in sys.argv[1:]]))
