/**
 * `npm run coverage`: how many lines of code of `src/expand` and `src/providers` their own unit tests run. Prints a table
 * for each folder and ends with 1 when a room is below the bar, a test fails, or nothing was measured.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { lastLines, runChild } from './child.ts';
import { codeLines } from './coverage/code-lines.ts';
import type { CoverageLine } from './coverage-reporter.ts';

/** What one file has; a file of types alone has no lines. */
export interface FileCoverage {
  /** From the root. */
  readonly path: string;
  readonly lines: number;
  readonly covered: number;
  /** Some test runs it, or it has nothing to run. */
  readonly imported: boolean;
}

export interface Coverage {
  readonly files: readonly FileCoverage[];
  readonly passed: number;
  /** Why the figures cannot be believed; empty: they can. */
  readonly problems: readonly string[];
}

export interface CoverageOptions {
  readonly root: string;
  /** Folders from the root. */
  readonly rooms: readonly string[];
  readonly limitMs: number;
}

const rooms = ['src/expand', 'src/providers'] as const;
const BAR = 0.9;
const LIMIT_MS = 20 * 60_000;
const NO_CODE = ['**/*.test.ts', '**/*.fixture.ts'] as const;
const LEAST = 8;
const reporter = resolve(import.meta.dirname, 'coverage-reporter.ts');

/** Runs the unit tests of the rooms in one process, and counts every file of them, loaded or not. */
export async function measure({ root, rooms: measured, limitMs }: CoverageOptions): Promise<Coverage> {
  const tests = globSync(
    measured.map((room) => `${room}/**/*.test.ts`),
    { cwd: root, exclude: ['**/*.real.test.ts'] },
  ).sort();
  if (tests.length === 0) return { files: [], passed: 0, problems: [`no test file in ${measured.join(', ')}`] };
  const folder = mkdtempSync(join(tmpdir(), 'larder-coverage-'));
  const destination = join(folder, 'report');
  try {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env; // set inside a test of a runner, where this would run nothing
    const child = await runChild({
      command: process.execPath,
      args: [
        ...['--disable-warning=ExperimentalWarning', '--test', '--test-isolation=none'],
        '--experimental-test-coverage',
        ...measured.map((room) => `--test-coverage-include=${room}/**/*.ts`),
        ...NO_CODE.map((glob) => `--test-coverage-exclude=${glob}`),
        ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`],
        ...tests,
      ],
      cwd: root,
      env,
      limitMs,
    });
    const text = existsSync(destination) ? readFileSync(destination, 'utf8') : '';
    const told = text.split('\n').slice(0, -1).map(parseLine);
    const failed = told.flatMap((line) => (line.kind === 'failed' ? [`this test fails: ${line.name}`] : []));
    const ended =
      child.code === 0 || failed.length > 0 ? [] : [`node --test ended with ${child.code}: ${lastLines(child.output)}`];
    return {
      files: filesOf(root, measured, told),
      passed: told.filter(({ kind }) => kind === 'passed').length,
      problems: [...failed, ...ended],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseLine(line: string): CoverageLine {
  return JSON.parse(line);
}

/** Node tells only of files that were loaded; the others count with all their lines. */
function filesOf(root: string, measured: readonly string[], told: readonly CoverageLine[]): readonly FileCoverage[] {
  const missed = new Map(
    told.flatMap((line) => (line.kind === 'file' ? [[relative(root, line.path), new Set(line.missed)] as const] : [])),
  );
  const globs = measured.map((room) => `${room}/**/*.ts`);
  return globSync(globs, { cwd: root, exclude: [...NO_CODE] })
    .sort()
    .map((path) => {
      const lines = codeLines(path, readFileSync(join(root, path), 'utf8'));
      const own = missed.get(path);
      const covered = own ? lines.filter((line) => !own.has(line)).length : 0;
      return { path, lines: lines.length, covered, imported: own !== undefined || lines.length === 0 };
    });
}

interface Row {
  readonly name: string;
  readonly files: number;
  readonly lines: number;
  readonly covered: number;
}

function rowOf(name: string, files: readonly FileCoverage[]): Row {
  const sum = (pick: (file: FileCoverage) => number): number => files.reduce((all, file) => all + pick(file), 0);
  return { name, files: files.length, lines: sum(({ lines }) => lines), covered: sum(({ covered }) => covered) };
}

const share = ({ lines, covered }: Pick<Row, 'lines' | 'covered'>): number => (lines === 0 ? 1 : covered / lines);
const percent = (row: Pick<Row, 'lines' | 'covered'>): string =>
  row.lines === 0 ? '-' : `${(Math.floor(share(row) * 1_000) / 10).toFixed(1)} %`;

/** Rooms below the bar, and rooms in which nothing was counted. */
export function shortfalls(files: readonly FileCoverage[], measured: readonly string[]): readonly string[] {
  return measured.flatMap((room) => {
    const row = rowOf(
      room,
      files.filter(({ path }) => path.startsWith(`${room}/`)),
    );
    if (row.lines === 0) return [`${room} has no line to count`];
    if (share(row) >= BAR) return [];
    return [`${percent(row)} of the lines of ${room} are covered, at least ${BAR * 100} % must be`];
  });
}

/** At most 80 columns wide. */
export function tableOf(files: readonly FileCoverage[], measured: readonly string[]): string {
  const folders = Map.groupBy(files, ({ path }) => dirname(path));
  const within = (room: string): readonly FileCoverage[] => files.filter(({ path }) => path.startsWith(`${room}/`));
  const cells = ({ name, files: count, ...row }: Row): string =>
    `${name.padEnd(46)}${String(count).padStart(6)}${String(row.lines).padStart(8)}${String(row.covered).padStart(9)}${percent(row).padStart(9)}`;
  const least = files
    .filter(({ lines, covered }) => covered < lines)
    .sort((one, other) => one.covered - one.lines - (other.covered - other.lines))
    .slice(0, LEAST);
  const absent = files.filter(({ imported }) => !imported);
  return [
    `${'Folder'.padEnd(46)}${'Files'.padStart(6)}${'Lines'.padStart(8)}${'Covered'.padStart(9)}${'Share'.padStart(9)}`,
    ...[...folders.keys()].sort().map((folder) => cells(rowOf(folder, folders.get(folder) ?? []))),
    ...measured.map((room) => cells(rowOf(`all of ${room}`, within(room)))),
    '',
    'Most lines that no test runs:',
    ...least.map(({ path, lines, covered }) => `  ${path}: ${lines - covered} of ${lines}`),
    ...(absent.length === 0 ? [] : ['', 'Imported by no test:', ...absent.map(({ path }) => `  ${path}`)]),
  ].join('\n');
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '../..');
  process.stderr.write(`runs the unit tests of ${rooms.join(' and ')}: a minute or more\n`);
  const { files, passed, problems } = await measure({ root, rooms, limitMs: LIMIT_MS });
  const findings = [...problems, ...shortfalls(files, rooms)];
  process.stdout.write(`${tableOf(files, rooms)}\n\n${passed} tests passed\n`);
  for (const finding of findings) process.stderr.write(`${finding}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
