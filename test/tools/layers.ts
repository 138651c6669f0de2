/** The layers of the test suite, as data. A floor is the number of tests below which a layer fails: raise it with the suite. */
import type { Gate } from './gate.ts';
import { gates } from './gate.ts';

export interface Layer {
  readonly name: string;
  /** Programs that each count as one test. */
  readonly gates: readonly Gate[];
  /** Test files, as globs from the repository's root, without those that `except` matches. */
  readonly files: readonly string[];
  readonly except: readonly string[];
  /** `shared`: all files in one process per core; `each`: every file in a process of its own, `concurrency` at once. */
  readonly processes: { readonly kind: 'shared' } | { readonly kind: 'each'; readonly concurrency: number };
  readonly floor: number;
  readonly limitMs: number;
  /** Part of `npm test`; if not, why, and how it is run. */
  readonly usual: { readonly kind: 'yes' } | { readonly kind: 'no'; readonly why: string };
}

const MINUTE_MS = 60_000;
const usual = { kind: 'yes' } as const;
const each = (concurrency: number) => ({ kind: 'each', concurrency }) as const;

export const layers: readonly Layer[] = [
  {
    name: 'check',
    gates: [gates.types, gates.lint, gates.deadCode],
    files: ['test/rooms/**/*.test.ts'],
    except: [],
    processes: { kind: 'shared' },
    floor: 28,
    limitMs: 3 * MINUTE_MS,
    usual,
  },
  {
    name: 'unit',
    gates: [],
    files: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'test/tools/**/*.test.ts'],
    except: [],
    processes: { kind: 'shared' },
    floor: 600,
    limitMs: 3 * MINUTE_MS,
    usual,
  },
  {
    name: 'conformance',
    gates: [],
    files: ['test/conformance/**/*.test.ts'],
    except: [],
    processes: each(2),
    floor: 20,
    limitMs: 5 * MINUTE_MS,
    usual,
  },
  {
    name: 'simulation',
    gates: [],
    files: ['test/simulation/**/*.test.ts'],
    except: [],
    processes: each(1), // it uses all processors itself
    floor: 8,
    limitMs: 60 * MINUTE_MS,
    usual,
  },
  {
    name: 'e2e',
    gates: [],
    files: ['test/e2e/**/*.test.ts'],
    except: ['**/*.real.test.ts'],
    processes: each(1),
    floor: 35,
    limitMs: 10 * MINUTE_MS,
    usual,
  },
  {
    name: 'real',
    gates: [],
    files: ['test/e2e/**/*.real.test.ts'],
    except: [],
    processes: each(1),
    floor: 15,
    limitMs: 40 * MINUTE_MS,
    usual: { kind: 'no', why: 'needs real tools: npm run test:real' },
  },
];
