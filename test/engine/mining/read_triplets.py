"""Prints, as JSON, what `datasets` makes of folders of triplets as they are: the columns and rows of each split.

Arguments: the names of the folders in each folder of triplets, with commas between them, then the folders of triplets. One
process reads them all, since most of its time goes by until `datasets` is imported. NaN is printed as null.
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


def read(folder, kind):
    splits = load_dataset(f"{folder}/{kind}", cache_dir=f"{folder}/cache")
    return {
        name: {
            "features": {column: str(feature) for column, feature in split.features.items()},
            "rows": plain(split.to_list()),
        }
        for name, split in splits.items()
    }


kinds, folders = sys.argv[1].split(","), sys.argv[2:]
json.dump({folder: {kind: read(folder, kind) for kind in kinds} for folder in folders}, sys.stdout)
