"""Which error codes were returned during a run of tests, summed over servers and processes."""
import textwrap
from typing import Any, Dict, Iterable, List

WIDTH = 100
SUCCESS = "ok"
Counts = Dict[str, int]


class Coverage:
    """For each action, how often it returned each outcome: the "documented" ones, which are success and the codes that
    its documentation lists, and "common" codes of the gateway."""

    def __init__(self) -> None:
        self.actions: Dict[str, Dict[str, Counts]] = {}

    def add(self, report: Iterable[Dict[str, Any]]) -> None:
        """Adds what the control API reports of the called actions."""
        for action in report:
            if action["action"]:  # a call that names no action has no documented codes
                documented = {SUCCESS: action["done"], **_counts(action["codes"])}
                self.merge({action["action"]: {"documented": documented, "common": _counts(action["others"])}})

    def merge(self, actions: Dict[str, Dict[str, Counts]]) -> None:
        """Adds the counts of another process."""
        for action, kinds in actions.items():
            for kind, counts in kinds.items():
                sums = self.actions.setdefault(action, {}).setdefault(kind, {})
                for code, count in counts.items():
                    sums[code] = sums.get(code, 0) + count

    @property
    def percent(self) -> float:
        """How many of the documented outcomes of the called actions were returned."""
        counts = [count for kinds in self.actions.values() for count in kinds["documented"].values()]
        return 100 * sum(count > 0 for count in counts) / len(counts) if counts else 0.0

    def lines(self) -> List[str]:
        """Returns for each action which outcomes were returned, with their counts, and which were not."""
        lines = []
        for action, kinds in sorted(self.actions.items()):
            documented, common = kinds["documented"], sorted(kinds["common"].items())
            seen = [f"{code} {count}" for code, count in [*documented.items(), *common] if count]
            never = [code for code, count in documented.items() if not count]
            lines.append(f"{action}: {len(documented) - len(never)} of {len(documented)}")
            lines += _wrapped("returned", seen) + _wrapped("never   ", never)
        return lines


def _counts(codes: Iterable[Dict[str, Any]]) -> Counts:
    return {code["code"]: code["natural"] + code["injected"] for code in codes}


def _wrapped(name: str, words: List[str]) -> List[str]:
    text = f"    {name} {', '.join(words)}"
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * 13, break_on_hyphens=False) if words else []
