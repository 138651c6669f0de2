/** Runs test files with `node --test` and believes only what its report proves. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { type ChildResult, runChild } from './child.ts';
import type { Finding } from './finding.ts';
import type { Layer } from './layers.ts';
import type { ReportLine } from './reporter.ts';

export interface NodeTests {
  readonly passed: number;
  /** Failed tests, and every reason for which the others cannot be believed. */
  readonly findings: readonly Finding[];
  /** Why tests were skipped, one entry for each of them. */
  readonly skipped: readonly string[];
  /** What tests told by `t.diagnostic`. */
  readonly notes: readonly string[];
}

export interface NodeTestsOptions {
  /** Paths from `root`. */
  readonly files: readonly string[];
  readonly processes: Layer['processes'];
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs: number;
}

const MOST_PROCESSES = 4;
const SLOW_MS = 10_000;
const SLOWEST = 3;
const reporter = resolve(import.meta.dirname, 'reporter.ts');

export async function runNodeTests(options: NodeTestsOptions): Promise<NodeTests> {
  const { files, processes, root } = options;
  if (files.length === 0) return { passed: 0, skipped: [], notes: [], findings: [noFiles] };
  if (processes.kind === 'each') {
    const args = ['--test-isolation=process', `--test-concurrency=${processes.concurrency}`];
    const report = await runOnce(options, files, args);
    return judge(report, files, root, (file) => summaryOf(report, root, file));
  }
  const shards = shardsOf(files, Math.min(availableParallelism(), MOST_PROCESSES));
  const results = await Promise.all(
    shards.map(async (shard) => {
      const report = await runOnce(options, shard, ['--test-isolation=none']);
      return judge(report, shard, root, () => true);
    }),
  );
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    findings: results.flatMap(({ findings }) => findings),
    skipped: results.flatMap(({ skipped }) => skipped),
    notes: results.flatMap(({ notes }) => notes),
  };
}

const noFiles: Finding = { name: 'no test file', where: '', detail: 'the globs of this layer match no file' };

function shardsOf(files: readonly string[], count: number): readonly (readonly string[])[] {
  const shards = Array.from({ length: count }, (_, shard) => files.filter((_file, index) => index % count === shard));
  return shards.filter((shard) => shard.length > 0);
}

interface Report {
  readonly lines: readonly ReportLine[];
  readonly child: ChildResult;
}

async function runOnce(options: NodeTestsOptions, files: readonly string[], extra: readonly string[]): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-tests-'));
  const destination = join(folder, 'report');
  try {
    const { NODE_TEST_CONTEXT: _, ...env } = options.env; // set inside a test of this runner, where it would run nothing
    const child = await runChild({
      command: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        '--test',
        ...extra,
        `--test-reporter=${reporter}`,
        `--test-reporter-destination=${destination}`,
        ...files,
      ],
      cwd: options.root,
      env,
      limitMs: options.limitMs,
    });
    const text = existsSync(destination) ? readFileSync(destination, 'utf8') : '';
    return { lines: text.split('\n').slice(0, -1).map(parseLine), child };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseLine(line: string): ReportLine {
  return JSON.parse(line);
}

function summaryOf(report: Report, root: string, file: string): boolean {
  return report.lines.some((line) => line.kind === 'summary' && line.file === resolve(root, file));
}

type TestLine = Extract<ReportLine, { kind: 'test' }>;

function judge(report: Report, files: readonly string[], root: string, ended: (file: string) => boolean): NodeTests {
  const all = report.lines.filter((line) => line.kind === 'test');
  // Node reports a file without tests, and one that ended early, as a test that has the file's name.
  const tests = all.filter(
    (test) => test.outcome === 'failed' || resolve(root, test.name) !== resolve(root, test.file),
  );
  const findings = tests.map((test) => failureOf(test, root)).filter((finding) => finding !== undefined);
  const complete = report.lines.some((line) => line.kind === 'summary' && line.file === undefined);
  if (!complete) findings.push(cutShort(report, root));
  for (const file of files) {
    const own = tests.filter((test) => resolve(root, test.file) === resolve(root, file));
    const finding =
      own.some((test) => test.outcome === 'failed') || !complete ? undefined : doubt(file, own, ended(file));
    if (finding !== undefined) findings.push(finding);
  }
  if (report.child.code !== 0 && findings.length === 0) findings.push(cutShort(report, root));
  return {
    passed: tests.filter((test) => test.outcome === 'passed').length,
    findings,
    skipped: tests.filter((test) => test.outcome === 'skipped' && test.detail !== '').map((test) => test.detail),
    notes: [...report.lines.flatMap((line) => told(line, root)), ...slowest(tests, root)],
  };
}

/** One line: what a test prints beside it would push the failures out of a log that is cut. */
function told(line: ReportLine, root: string): readonly string[] {
  if (line.kind !== 'note') return [];
  const [first = '', ...more] = line.text.split('\n');
  return [`${relative(root, line.file)}: ${first}${more.length === 0 ? '' : ` (and ${more.length} lines)`}`];
}

/** Where a layer's time goes, when single tests take much of it. */
function slowest(tests: readonly TestLine[], root: string): readonly string[] {
  return tests
    .filter(({ ms }) => ms >= SLOW_MS)
    .sort((one, other) => other.ms - one.ms)
    .slice(0, SLOWEST)
    .map(
      ({ name, file, line, ms }) => `slow: ${(ms / 1000).toFixed(1)} s for ${name} (${relative(root, file)}:${line})`,
    );
}

function failureOf(test: TestLine, root: string): Finding | undefined {
  const at = { name: test.name, where: `${relative(root, test.file)}:${test.line}` };
  switch (test.outcome) {
    case 'passed':
      return undefined;
    case 'failed':
      return { ...at, detail: test.detail };
    case 'skipped':
      return test.detail === '' ? { ...at, detail: 'skipped without a reason' } : undefined;
    case 'todo':
      return { ...at, detail: 'marked as todo: finish it or remove it' };
    default:
      return test.outcome satisfies never;
  }
}

/** Why a file's tests cannot be believed although none failed. */
function doubt(file: string, tests: readonly TestLine[], ended: boolean): Finding | undefined {
  const at = { name: file, where: file };
  if (tests.length === 0)
    return { ...at, detail: 'no test heard of: it has none, or ended early (process.exit in a test?)' };
  if (!ended) return { ...at, detail: 'ended before all of its tests had run (process.exit in a test?)' };
  return undefined;
}

function cutShort({ child, lines }: Report, root: string): Finding {
  const how = child.code === 'late' ? 'was stopped at its time limit' : `ended with ${child.code} without a summary`;
  const over = lines.filter((line) => line.kind === 'test' || line.kind === 'ended');
  const open = lines
    .filter((line) => line.kind === 'begun')
    .filter(
      ({ name, file, line }) => !over.some((each) => each.name === name && each.file === file && each.line === line),
    );
  const names = open.map(({ name, file, line }) => `${name} (${relative(root, file)}:${line})`);
  const output = child.output.split('\n').slice(-40).join('\n').trimEnd();
  const detail = [how, ...names.map((name) => `not finished: ${name}`), output].join('\n');
  return { name: 'the test process', where: 'node --test', detail };
}
