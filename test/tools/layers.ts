/** The layers of the test suite, as data. A floor is the number of tests below which a layer fails: raise it with the suite. */
import { programs } from './control-plane/flags.ts';
import { type Gate, gates } from './gate.ts';
import { type ToolName, testTools } from './tool.ts';

export interface Layer {
  readonly name: string;
  /** Programs that each count as one test. */
  readonly gates: readonly Gate[];
  /** Test files, as globs from the repository's root, without those that `except` matches. */
  readonly files: readonly string[];
  readonly except: readonly string[];
  /** Real tools that its tests use. They are provided before `limitMs` starts to count. */
  readonly tools: readonly ToolName[];
  /**
   * `control plane`: one is started for the layer, and its tests find it in LARDER_CONFORMANCE_URL, _TOKEN and _CA.
   * Without its programs the layer is skipped.
   */
  readonly target: 'own' | 'control plane';
  /** `shared`: all files in one process per core; `each`: every file in a process of its own, `concurrency` at once. */
  readonly processes: { readonly kind: 'shared' } | { readonly kind: 'each'; readonly concurrency: number };
  readonly floor: number;
  readonly limitMs: number;
  /** Part of `npm test`; if not, why, and how it is run. */
  readonly usual: { readonly kind: 'yes' } | { readonly kind: 'no'; readonly why: string };
}

const MINUTE_MS = 60_000;
const REAL = '**/*.real.test.ts';
/** Clusters of machines; what a machine and one role of it are is tried with the other real tools. */
const RIG =
  'test/rig/{access,cluster-drills,drift,guards,image,k3s,power,preflight,releases,restore,restore-refusals,roles,run,split-brain,stranger,token,vip}.real.test.ts';
const CONFORMANCE = ['test/conformance/**/*.test.ts'];
const real = { kind: 'no', why: 'needs real tools: npm run test:real' } as const;
const usual = { kind: 'yes' } as const;
const nothing = { tools: [], target: 'own' } as const;
const each = (concurrency: number) => ({ kind: 'each', concurrency }) as const;

export const layers: readonly Layer[] = [
  {
    name: 'check',
    gates: [gates.types, gates.consoleTypes, gates.lint, gates.deadCode],
    files: ['test/rooms/**/*.test.ts', 'test/guides/**/*.test.ts'],
    except: [REAL],
    ...nothing,
    processes: { kind: 'shared' },
    floor: 28,
    limitMs: 6 * MINUTE_MS,
    usual,
  },
  {
    name: 'unit',
    gates: [],
    files: [
      ...['src/**/*.test.ts', 'bench/**/*.test.ts', 'test/{cluster,ledger,nomad,tools}/**/*.test.ts'],
      'test/console/view.test.ts',
    ],
    except: [REAL],
    ...nothing,
    processes: { kind: 'shared' },
    floor: 600,
    limitMs: 15 * MINUTE_MS,
    usual,
  },
  {
    name: 'conformance',
    gates: [],
    files: CONFORMANCE,
    except: [REAL],
    ...nothing,
    processes: each(2),
    floor: 1000,
    limitMs: 15 * MINUTE_MS,
    usual,
  },
  {
    name: 'simulation',
    gates: [],
    files: ['test/simulation/**/*.test.ts'],
    except: [],
    ...nothing,
    processes: each(1), // it uses all processors itself
    floor: 40,
    limitMs: 60 * MINUTE_MS,
    usual,
  },
  {
    name: 'e2e',
    gates: [],
    files: ['test/e2e/**/*.test.ts', 'test/attack/**/*.test.ts'],
    except: [REAL],
    ...nothing,
    processes: each(2), // most of their time they wait for servers
    floor: 35,
    limitMs: 20 * MINUTE_MS,
    usual,
  },
  {
    name: 'console',
    gates: [],
    files: ['test/console/**/*.test.ts'],
    except: [REAL, 'test/console/view.test.ts'],
    ...nothing,
    processes: each(2), // each has a Chromium and a Larder
    floor: 1, // the others say themselves where Chromium does not start
    limitMs: 20 * MINUTE_MS,
    usual,
  },
  {
    name: 'conformance-real',
    gates: [],
    files: CONFORMANCE,
    except: [REAL],
    tools: programs,
    target: 'control plane',
    processes: each(2),
    floor: 1000,
    limitMs: 15 * MINUTE_MS,
    usual: real,
  },
  {
    name: 'real',
    gates: [],
    files: ['{src,test,bench}/**/*.real.test.ts'],
    except: [RIG],
    tools: testTools,
    target: 'own',
    processes: each(2), // most of their time they wait for servers
    floor: 45,
    limitMs: 60 * MINUTE_MS,
    usual: real,
  },
  {
    name: 'rig',
    gates: [],
    files: [RIG],
    except: [],
    tools: testTools,
    target: 'own',
    processes: each(1), // each starts up to four machines, and both processors are theirs
    floor: 20,
    limitMs: 100 * MINUTE_MS,
    usual: { kind: 'no', why: 'starts machines, and takes longer than all the others together: npm run test:rig' },
  },
];

/** The same files on the embedded API and on a real control plane: as many tests must run on both. */
export const sameTests = ['conformance', 'conformance-real'] as const;
