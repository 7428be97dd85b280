"""Goldens for the sampler: which tokens stay, and with what probability, after transformers' logits processors.

requirements: torch==2.13.0 transformers==5.23.0

    python Scripts/goldens/sampling.py > Tests/NuthatchGenerationTests/Goldens/sampling.json
"""

import json

import torch
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

CASES = [
    dict(temperature=1.0),
    dict(temperature=0.7),
    dict(temperature=1.3, topK=5),
    dict(temperature=1.0, topP=0.8),
    dict(temperature=0.9, topP=0.05),
    dict(temperature=1.0, minP=0.1),
    dict(temperature=1.5, minP=0.02, topK=20),
    dict(temperature=0.8, topK=12, topP=0.9, minP=0.05),
    dict(temperature=1.0, repetitionPenalty=1.3),
    dict(temperature=0.6, repetitionPenalty=0.8, topP=0.95),
    dict(temperature=2.0, topK=1),
    dict(temperature=1.0, topK=1000),
]


def main():
    torch.manual_seed(7)
    goldens = []
    for case in CASES:
        logits = torch.randn(1, 40) * 3
        seen = torch.randint(0, 40, (1, 8))
        steps = []
        if "repetitionPenalty" in case:
            steps.append(RepetitionPenaltyLogitsProcessor(case["repetitionPenalty"]))
        steps.append(TemperatureLogitsWarper(case["temperature"]))
        if "topK" in case:
            steps.append(TopKLogitsWarper(case["topK"]))
        if "topP" in case:
            steps.append(TopPLogitsWarper(case["topP"]))
        if "minP" in case:
            steps.append(MinPLogitsWarper(case["minP"]))
        scores = logits.clone()
        for step in steps:
            scores = step(seen, scores)
        probabilities = torch.softmax(scores[0].double(), -1)
        goldens.append(
            dict(
                options=case,
                logits=logits[0].tolist(),
                seen=sorted(set(seen[0].tolist())),
                probabilities={
                    str(i): p for i, p in enumerate(probabilities.tolist()) if scores[0][i] > float("-inf")
                },
            )
        )
    print(json.dumps(goldens))


if __name__ == "__main__":
    main()
