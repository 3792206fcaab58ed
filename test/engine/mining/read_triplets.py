"""Prints, as JSON, what `datasets` makes of folders of triplets as they are: the columns and rows of each split.

Arguments: the folder of the triplets, then the names of folders in it. NaN is printed as null.
"""

import json
import sys

from datasets import load_dataset


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return None if value != value else value


folder, kinds = sys.argv[1], sys.argv[2:]
seen = {}
for kind in kinds:
    seen[kind] = {
        name: {"features": {column: str(feature) for column, feature in split.features.items()}, "rows": plain(split.to_list())}
        for name, split in load_dataset(f"{folder}/{kind}", cache_dir=f"{folder}/cache").items()
    }
json.dump(seen, sys.stdout)
