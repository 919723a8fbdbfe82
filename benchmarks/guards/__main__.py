"""``make guards``: take every guard out in turn and demand that its tests fail."""

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from benchmarks.guards import GUARDS
from benchmarks.guards.guard import POSTGRESQL, SQLITE, Guard, Moved
from benchmarks.guards.trial import Trial, Verdict, database_url

ROOT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", "var", "staticfiles", "__pycache__", ".*_cache", ".hypothesis", ".env"
)


def main() -> int:
    options = _options()
    chosen = [g for g in GUARDS if not options.only or options.only.lower() in g.name.lower()]
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        trees = Trees(Path(folder))
        urls = {SQLITE: "", POSTGRESQL: database_url()}
        if not urls[POSTGRESQL] and any(guard.database == POSTGRESQL for guard in chosen):
            print("PostgreSQL does not answer: the guards that need it are NOT PROVEN.")
        # Without this, a test that fails anyway would pass for one that notices.
        if not options.no_baseline and not _is_green(chosen, trees, urls):
            return 1
        with ThreadPoolExecutor(options.jobs) as pool:
            verdicts = list(
                pool.map(lambda guard: _try(guard, trees.copy(), urls[guard.database]), chosen)
            )
    return _report(chosen, verdicts)


class Trees:
    """Copies of the code, each for one guard to be missing from."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.first = folder / "0"
        shutil.copytree(ROOT, self.first, ignore=LEFT_BEHIND)
        self._numbers = count(1)

    def copy(self) -> Path:
        return shutil.copytree(self.first, self.folder / str(next(self._numbers)))


def _is_green(chosen: list[Guard], trees: Trees, urls: dict[str, str]) -> bool:
    for database, url in urls.items():
        tests = {test for guard in chosen if guard.database == database for test in guard.tests}
        if not tests or (database == POSTGRESQL and not url):
            continue
        trial = Trial(trees.copy(), url=url).run(sorted(tests), processes="2")
        if trial.verdict is not Verdict.SURVIVED:
            print(f"With every guard in place these tests must pass on {database}:\n{trial.said}")
            return False
    return True


def _try(guard: Guard, tree: Path, url: str) -> tuple[Verdict, str]:
    verdict, said = _verdict(guard, tree, url)
    shutil.rmtree(tree)
    print(f"{verdict.value:<10} {guard.name}", flush=True)
    return verdict, said


def _verdict(guard: Guard, tree: Path, url: str) -> tuple[Verdict, str]:
    try:
        guard.take_out(tree)
    except Moved as error:
        return Verdict.MOVED, str(error)
    if guard.database == POSTGRESQL and not url:
        return Verdict.NOT_PROVEN, "PostgreSQL does not answer"
    trial = Trial(tree, url=url).run(guard.tests)
    return trial.verdict, trial.said


def _report(chosen: list[Guard], verdicts: list[tuple[Verdict, str]]) -> int:
    width = max(len(guard.name) for guard in chosen)
    print(f"\n{'guard':<{width}}  {'database':<10}  {'without it':<10}  where, and its tests")
    for guard, (verdict, said) in zip(chosen, verdicts, strict=True):
        tests = ", ".join(test.rpartition("/")[2] for test in guard.tests)
        print(
            f"{guard.name:<{width}}  {guard.database:<10}  {verdict.value:<10}  "
            f"{guard.file}: {tests}"
        )
        if verdict not in {Verdict.NOTICED, Verdict.NOT_PROVEN}:
            print(f"    {said}")
    noticed = sum(verdict is Verdict.NOTICED for verdict, _ in verdicts)
    print(f"\n{noticed} of {len(chosen)} guards are noticed when they are missing.")
    return 0 if noticed == len(chosen) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make guards", description=__doc__)
    parser.add_argument("--only", default="", help="guards whose name holds these words")
    parser.add_argument("--jobs", type=int, default=2, help="guards tried at once (2)")
    parser.add_argument(
        "--no-baseline",
        action="store_true",
        help="do not first show that the tests pass with every guard in place",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
