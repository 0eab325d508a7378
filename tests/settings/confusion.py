"""Said against measured, by framework: `python tests/settings/confusion.py`. Wrong answers are named."""

import collections

from test_measured import CASES, FRAMEWORKS, differences


def main() -> None:
    """Print a row for each framework: its cases, and how many modes, outcomes and password flags were said right."""
    print(f"{'framework':28} {'cases':>5} {'settings':>8} {'pastes':>6}   measured modes")
    for name in FRAMEWORKS:
        cases = [case for case in CASES if case["framework"] == name]
        pastes = [case for case in cases if "text" in case]
        wrong = {(case["id"], key): found for key in ("settings", "text") for case in cases if key in case
                 if (found := differences(case, case[key]))}
        right = [len(group) - sum(k == key for _, k in wrong)
                 for key, group in (("settings", cases), ("text", pastes))]
        modes = collections.Counter(case["mode"] for case in cases)
        print(f"{name:28} {len(cases):5} {right[0]:8} {right[1]:3}/{len(pastes):<3}  ",
              ", ".join(f"{mode} {n}" for mode, n in modes.most_common()))
        for (case, key), found in wrong.items():
            print(f"    {case} from {key}: {'; '.join(found)}")


if __name__ == "__main__":
    main()
