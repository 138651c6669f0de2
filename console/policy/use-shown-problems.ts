import { useState } from 'react';
import type { PolicyProblem } from '../../src/operator/policies/policy-api.ts';

/** Of something new: nobody is told that a field is wrong before they were there. */
export interface ShownProblems {
  readonly shown: readonly PolicyProblem[];
  /** `place`: of the field that was left; empty: the YAML, in which all of them stand. */
  readonly leave: (place: string) => void;
  /** A save was tried: from then on all of them show. */
  readonly tried: () => void;
  readonly tries: number;
}

export function useShownProblems(problems: readonly PolicyProblem[]): ShownProblems {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [tries, setTries] = useState(0);
  return {
    shown: tries > 0 || left.has('') ? problems : problems.filter(({ field }) => left.has(field)),
    leave: (place) => setLeft((before) => (before.has(place) ? before : new Set([...before, place]))),
    tried: () => setTries((before) => before + 1),
    tries,
  };
}
