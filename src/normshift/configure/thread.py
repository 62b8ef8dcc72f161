"""Whether the thread's questions and the claims fit one another."""

from collections.abc import Iterator, Mapping

from normshift.params import QUESTIONS, Asked, Claim, Claims

DECIDED = ("Supported", "Contradicted", "No meaningful effect")
SENTENCES = {True: ("By definition", "Contradicted", "Undecided"), False: (*DECIDED, "Undecided")}  # of identities


def thread_faults(claims: Claims) -> Iterator[str]:
    """Yield a line for every question or sentence that is missing, and for every claim asked for in the wrong place."""
    for key in QUESTIONS:
        if key not in claims.thread:
            yield f"claims.thread.{key}: missing"
    for key, asked in claims.thread.items():
        if key not in QUESTIONS:
            yield f"claims.thread.{key}: unknown question; allowed: {', '.join(QUESTIONS)}"
        yield from _short_faults(f"claims.thread.{key}.short", asked)
        yield from _claim_faults(key, asked, claims.claims)
    for name, claim in claims.claims.items():
        if claim.question in claims.thread and name not in claims.thread[claim.question].claims:
            yield f"claims.thread.{claim.question}.claims.{name}: missing"


def _short_faults(key: str, asked: Asked) -> Iterator[str]:
    if not asked.short or asked.short[-1].when:
        yield f"{key}: the last case must hold whatever the verdicts"
    for name in dict.fromkeys(name for case in asked.short for name in case.when if name not in asked.claims):
        yield f"{key}: {name} is not among the question's claims"


def _claim_faults(key: str, asked: Asked, claims: Mapping[str, Claim]) -> Iterator[str]:
    for name, sentences in asked.claims.items():
        if name not in claims:
            continue
        if claims[name].question != key:
            yield f"claims.thread.{key}.claims.{name}: belongs to the question {claims[name].question}"
        for verdict in SENTENCES[claims[name].by_definition]:
            if verdict not in sentences:
                yield f"claims.thread.{key}.claims.{name}.{verdict}: missing"
