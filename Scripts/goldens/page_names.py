"""Golden names of pages: hashlib over bytes that are put together here, field by field.

requirements: none beside Python

    python3 Scripts/goldens/page_names.py Tests/NuthatchCacheTests/Goldens/page-names.json

The roots' digests are 32 times one byte: 1 for weights, 2 tokenizer, 3 positions, 4 configuration. Each chain has the
names of its pages from page 0 on; images are [start, rows, columns, the byte that its digest repeats].
"""

import hashlib
import json
import pathlib
import struct
import sys


def root(page_length, salt):
    digests = b"".join(bytes([aspect]) * 32 for aspect in (1, 2, 3, 4))
    return hashlib.sha256(
        b"nuthatch root 1\n" + struct.pack("<I", page_length) + digests + struct.pack("<Q", len(salt)) + salt
    ).digest()


def page(parent, tokens, images):
    fields = b"nuthatch page 1\n" + parent + struct.pack("<I", len(tokens))
    fields += struct.pack(f"<{len(tokens)}i", *tokens)
    fields += struct.pack("<I", len(images))
    for start, rows, columns, digest in images:
        fields += bytes([digest]) * 32 + struct.pack("<QQQ", start, rows, columns)
    return hashlib.sha256(fields).digest()


def chain(page_length, salt, tokens, images):
    name = root(page_length, salt)
    names = []
    for start in range(0, len(tokens) - page_length + 1, page_length):
        end = start + page_length
        inside = [image for image in images if image[0] < end and image[0] + image[1] * image[2] > start]
        name = page(name, tokens[start:end], inside)
        names.append(name.hex())
    return {
        "pageLength": page_length, "salt": list(salt), "tokens": tokens, "images": images,
        "root": root(page_length, salt).hex(), "names": names,
    }


tokens = [7 + 65_537 * index for index in range(70)]
cases = [
    chain(16, b"", tokens, []),
    chain(16, b"tenant", tokens, []),
    chain(64, b"", tokens, []),
    # One image within a page, one that begins in a page and ends two further on.
    chain(16, b"", tokens, [[2, 1, 3, 9], [20, 5, 6, 8]]),
]
pathlib.Path(sys.argv[1]).write_text(json.dumps({"chains": cases}, indent=None, separators=(",", ":")) + "\n")
