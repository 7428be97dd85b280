# requirements: numpy==2.4.6
"""Infini-attention (T. Munkhdalai, M. Faruqui, S. Gopal, arXiv:2404.07143), as its equations stand, in double.

Writes Tests/NuthatchCacheTests/Goldens/infini-attention.json: for each case the shape and the outputs,
[token, query head, value dimension], as little-endian float32 in base64.

Segment s of a head, with sigma(x) = ELU(x) + 1 and rows of tokens:

    A_dot = softmax(scale Q K^T) V                        causal, within the segment, Q and K at their positions
    A_mem = sigma(Q) M / (sigma(Q) z)                     of the segments before; 0 where there are none
    A     = sigmoid(beta) A_mem + (1 - sigmoid(beta)) A_dot
    M'    = M + sigma(K)^T V                              linear
    M'    = M + sigma(K)^T (V - sigma(K) M / (sigma(K) z))    delta
    z'    = z + sum over tokens of sigma(K)

The memory's Q and K have no positions. Inputs are the numbers of the tests' Token, so that no file holds them.
"""

import base64
import json
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests/NuthatchCacheTests/Goldens/infini-attention.json"
KINDS = {"key": 0, "value": 1, "query": 2}
SCALE = 0.25


def numbers(kind, token, position, count):
    """Token.number of the first layer: 24 bits of a hash, as a float from -1 to 1, queries from -4 to 4."""
    with np.errstate(over="ignore"):
        seed = np.uint64(1_000_003) + np.uint64(token)
        x = np.full(count, seed * np.uint64(0x9E3779B97F4A7C15) + np.uint64(KINDS[kind]), np.uint64)
        for part in (np.uint64(position), np.uint64(0), np.arange(count, dtype=np.uint64)):
            x = (x ^ part) * np.uint64(0xBF58476D1CE4E5B9)
            x ^= x >> np.uint64(29)
        x = (x ^ (x >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    unit = (x >> np.uint64(40)).astype(np.float64) / (1 << 23) - 1
    return unit * 4 if kind == "query" else unit


def turned(heads, position):
    """Rotary positions over the even part of each head, base 100, pairs half of it apart; rounded to float32."""
    half = heads.shape[-1] // 2
    angles = position * 100.0 ** (-np.arange(half) / max(half, 1))
    first, second = heads[:, :half], heads[:, half : 2 * half]
    result = heads.copy()
    result[:, :half] = first * np.cos(angles) - second * np.sin(angles)
    result[:, half : 2 * half] = second * np.cos(angles) + first * np.sin(angles)
    return result.astype(np.float32).astype(np.float64)


def sigma(x):
    return np.where(x > 0, x + 1, np.exp(x))


def retrieved(rows, matrix, normalizer):
    norms = sigma(rows) @ normalizer
    return np.where(norms[:, None] == 0, 0, sigma(rows) @ matrix / np.where(norms == 0, 1, norms)[:, None])


def attended(queries, keys, values):
    scores = SCALE * queries @ keys.T
    scores[np.triu_indices(len(scores), 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ values


def outputs(case):
    query_heads, kv_heads = case["queryHeadCount"], case["kvHeadCount"]
    key_dimension, value_dimension = case["keyDimension"], case["valueDimension"]
    count, length = case["tokenCount"], case["segmentLength"]

    def heads(kind, head_count, dimension):
        rows = [numbers(kind, t, t, head_count * dimension).reshape(head_count, dimension) for t in range(count)]
        return np.stack(rows)

    queries = heads("query", query_heads, key_dimension)
    keys = heads("key", kv_heads, key_dimension)
    values = heads("value", kv_heads, value_dimension)
    near_queries = np.stack([turned(row, t) for t, row in enumerate(queries)])
    near_keys = np.stack([turned(row, t) for t, row in enumerate(keys)])
    result = np.zeros((count, query_heads, value_dimension))
    for head in range(query_heads):
        kv_head = head // (query_heads // kv_heads)
        gate = 1 / (1 + np.exp(-np.float64(np.float32(case["gates"][head]))))
        matrix = np.zeros((key_dimension, value_dimension))
        normalizer = np.zeros(key_dimension)
        for start in range(0, count, length):
            segment = slice(start, min(start + length, count))
            local = attended(
                near_queries[segment, head], near_keys[segment, kv_head], values[segment, kv_head])
            recalled = retrieved(queries[segment, head], matrix, normalizer)
            result[segment, head] = gate * recalled + (1 - gate) * local
            news = values[segment, kv_head]
            if case["rule"] == "delta":
                news = news - retrieved(keys[segment, kv_head], matrix, normalizer)
            matrix = matrix + sigma(keys[segment, kv_head]).T @ news
            normalizer = normalizer + sigma(keys[segment, kv_head]).sum(axis=0)
    return result


def case(query_heads, kv_heads, key_dimension, value_dimension, segment, rule, count):
    gates = [round(-1.5 + 3.5 * head / query_heads, 3) for head in range(query_heads)]
    made = {
        "queryHeadCount": query_heads, "kvHeadCount": kv_heads, "keyDimension": key_dimension,
        "valueDimension": value_dimension, "segmentLength": segment, "rule": rule, "tokenCount": count,
        "gates": gates,
    }
    made["outputs"] = base64.b64encode(outputs(made).astype("<f4").tobytes()).decode()
    return made


def main():
    cases = [
        # Odd dimensions, three query heads to a kv head, segments that no page divides.
        case(6, 2, 5, 7, 24, "linear", 90),
        case(6, 2, 5, 7, 24, "delta", 90),
        # Every token a segment.
        case(4, 4, 16, 16, 1, "linear", 24),
        case(4, 4, 16, 16, 1, "delta", 24),
        # More than a vector, and no multiple of one.
        case(3, 1, 33, 20, 30, "delta", 75),
        # A segment is a page.
        case(2, 1, 8, 8, 16, "linear", 70),
        # The first segment is not over.
        case(2, 2, 6, 3, 200, "delta", 20),
    ]
    GOLDEN.write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
