"""Changes the analysis of access and plan in 400 places, one at a time, and says which changes no test notices.

The places are drawn with a fixed seed from all that mutmut can change; kernels are left out, for compiled code does not
run what is changed. It takes an hour or more on two cores. Results and changed files are left in ``mutants/``; what was
found there before is kept for files that have not changed since.
"""

import os
import sys
from collections import Counter

import numpy as np
from mutmut import __main__ as mutmut
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths

SEED = 18
COUNT = 400
NOTICED = ("killed", "timeout", "segfault")
TARGET = 0.85


def main() -> int:
    cores = os.cpu_count() or 1
    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    mutmut.create_mutants(cores)
    all_mutants, _ = mutmut.collect_source_file_mutation_data(mutant_names=())
    names = sorted(name for _, name, _ in all_mutants)
    drawn = [names[position] for position in np.random.default_rng(SEED).choice(len(names), COUNT, replace=False)]
    mutmut._run(drawn, cores)  # noqa: SLF001 - the command `mutmut run`, without 400 names on its line
    results, _ = mutmut.collect_source_file_mutation_data(mutant_names=drawn)
    status = {name: status_by_exit_code[code] for _, name, code in results}
    for name in sorted(name for name, found in status.items() if found not in NOTICED):
        print(f"\n{status[name]}: {name}\n{get_diff_for_mutant(name)}")
    noticed = sum(found in NOTICED for found in status.values()) / COUNT
    print(f"\n{dict(Counter(status.values()))} of {COUNT} drawn from {len(names)}: {noticed:.1%} noticed")
    return int(noticed < TARGET)


if __name__ == "__main__":
    sys.exit(main())
