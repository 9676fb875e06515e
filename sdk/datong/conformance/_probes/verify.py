"""Requests of the class verify: claims of every kind, too few keys, too many claims, probing, timing."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from datong.conformance._context import Access, Context, records
from datong.conformance._derive import Subject, subjects
from datong.conformance._registry import probe
from datong.conformance._values import another

SHARE: Final = 0.7
"""What samples leave of the time that is left when they begin."""
FORMS: Final = ("width", "trim", "case")
"""Kinds of claims whose keys are written in another form."""
_PROBING: Final = 60
"""Most claims about one subject that are spent on meeting the declared limit."""


def offering(context: Context) -> list[str]:
    offered = [name for name in context.published if isinstance(context.entry(name).get("verify"), dict)]
    return offered[: context.settings.entries]


@probe("verify")
def claims(context: Context) -> None:
    """Each claim of the fixtures alone, and several in one request."""
    for entry in offering(context):
        access = context.access(entry)
        given = context.given(entry).claims
        for number, each in enumerate(given):
            told = {"kind": each.kind, "outcome": each.outcome, "number": number}
            context.verify(context.access(entry, consumer=f"c{number}"), [each.claim], "verify.claim", **told)
        most = context.entry(entry)["verify"].get("maxClaims") or 1
        several = [each for each in given if each.kind not in FORMS][:most]
        if len(several) > 1:
            outcomes = ",".join(each.outcome for each in several)
            context.verify(access, [each.claim for each in several], "verify.several", outcomes=outcomes)


@probe("verify")
def malformed(context: Context) -> None:
    """Claims with too few keys, with items that may not be claimed, and bodies of another shape."""
    for entry in offering(context):
        access = context.access(entry)
        declared = context.entry(entry)["verify"]
        known = _true(context, entry)
        for missing in declared.get("keys") or ():
            rest = {name: value for name, value in known.items() if name != missing}
            context.verify(access, [rest], "verify.fewKeys", missing=str(missing))
        context.verify(access, [{}], "verify.fewKeys", missing="all")
        context.verify(access, [{**known, "zzUnknown": "1"}], "verify.malformed", case="unknown item")
        context.verify(access, [], "verify.malformed", case="no claims")
        context.verify(access, [{**known, "zz.gte": "1"}], "verify.malformed", case="unknown predicate")
        path = f"/datasets/{quote(entry, safe='')}/_verify"
        bodies: tuple[Any, ...] = ({}, {"claims": "all"}, [], {"claims": [known], "fields": ["name"]})
        for body in bodies:
            context.call("POST", path, "verify.malformed", access.token(), {"entry": entry, "case": "shape"}, json=body)


def _true(context: Context, entry: str) -> dict[str, Any]:
    """A claim that matches, cut to the keys; made up where none is known."""
    keys = context.entry(entry)["verify"].get("keys") or ()
    claim = next((each.claim for each in context.given(entry).claims if each.kind == "true"), {})
    return {key: claim.get(key, "kit") for key in keys}


@probe("verify")
def batches(context: Context) -> None:
    for entry in offering(context):
        most = context.entry(entry)["verify"].get("maxClaims")
        if isinstance(most, int) and most <= 1000:  # noqa: PLR2004 - what the standard allows
            known = _true(context, entry)
            many = [{k: another(context.random, v) for k, v in known.items()} for _ in range(most + 1)]
            context.verify(context.access(entry), many, "verify.batch", most=most, claims=most + 1)
            context.verify(context.access(entry), many[:most], "verify.batch", most=most, claims=most)


@probe("verify")
def probing(context: Context) -> None:
    """One subject, asked about until the target has enough of it."""
    for entry in offering(context)[:1]:
        attempts = context.entry(entry)["verify"].get("attempts")
        allowed = attempts.get("count") if isinstance(attempts, dict) else None
        tries = min((allowed if isinstance(allowed, int) else _PROBING) + 2, _PROBING)
        access, known = context.access(entry, consumer="prober"), _true(context, entry)
        for number in range(tries):
            seen = context.verify(access, [known], "verify.probing", number=number, allowed=allowed)
            if seen.status == 429:  # noqa: PLR2004
                break


@probe("verify")
def timing(context: Context) -> None:
    """Absent subjects and wrong values, interleaved; each subject is asked about a few times only."""
    for entry in offering(context)[:1]:
        known = [each for each in subjects(context, entry) if each.wrong is not None]
        if not known or context.once(entry):
            continue
        allowed = (context.entry(entry)["verify"].get("attempts") or {}).get("count") or 10
        each_one, ends = max(1, min(4, allowed - 1)), context.session.left * SHARE
        for number in range(context.settings.samples):
            subject = known[number % len(known)]
            access = context.access(entry, consumer=f"t{number // len(known) // each_one}")
            _sampled(context, access, subject, number)
            if context.session.left < ends:
                break


def _sampled(context: Context, access: Access, subject: Subject, number: int) -> None:
    """One claim of each kind, in turn the one and the other first."""
    wrong = subject.wrong or {}
    absent = {name: another(context.random, value) if name in subject.keys else value for name, value in wrong.items()}
    pair = [("wrong", wrong), ("absent", absent)]
    for kind, claim in pair if number % 2 else pair[::-1]:
        context.verify(access, [claim], "verify.sample", kind=kind, number=number)


@probe("verify")
def verify_only(context: Context) -> None:
    """A grant that allows verifying and nothing else."""
    for entry in offering(context):
        access = context.access(entry, "verify")
        place = f"/datasets/{quote(entry, safe='')}"
        context.get(
            f"{records(entry)}?limit=1", "verify.only", access.token(), entry=entry, path="records", cls="query"
        )
        context.get(
            f"{records(entry)}/kit-no-such-record",
            "verify.only",
            access.token(),
            entry=entry,
            path="record",
            cls="query",
        )
        body: dict[str, Any] = {"limit": 1}
        tags = {"entry": entry, "path": "search", "cls": "query"}
        context.call("POST", f"{records(entry)}/_search", "verify.only", access.token(), tags, json=body)
        tags = {"entry": entry, "path": "exports", "cls": "batch"}
        context.call("POST", f"{place}/exports", "verify.only", access.token(), tags, json={})
        context.get(f"{place}/changes", "verify.only", access.token(), entry=entry, path="changes", cls="changes")
        claim = next((each.claim for each in context.given(entry).claims if each.kind == "true"), None)
        if claim is not None:
            context.verify(access, [claim], "verify.onlyVerify")
