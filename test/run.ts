/**
 * The test suite: `node test/run.ts [LAYER…] [--OPTION VALUE…]`. Without a layer all that can run anywhere. An option
 * reaches the tests as an environment variable (`--seeds 10` as LARDER_TEST_SEEDS=10; `--kubernetes 1.N` builds and uses
 * another minor). Ends with a line for each layer and `N passed, N failed, N skipped`.
 */
import { resolve } from 'node:path';
import { killChildren } from './tools/child.ts';
import type { Finding } from './tools/finding.ts';
import { type LayerResult, runLayer } from './tools/layer.ts';
import { type Layer, layers } from './tools/layers.ts';
import { parity } from './tools/parity.ts';

const root = resolve(import.meta.dirname, '..');
const NAME_WIDTH = 16;
/** Options that take no test away. */
const KEEP_ALL: ReadonlySet<string> = new Set(['LARDER_TEST_KUBERNETES']);

interface Order {
  readonly chosen: readonly Layer[];
  /** No layer was named. */
  readonly all: boolean;
  readonly options: Readonly<Record<string, string>>;
}

function parse(argv: readonly string[]): Order | string {
  const names: string[] = [];
  const options: Record<string, string> = {};
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word.startsWith('--')) {
      const value = argv[index + 1];
      if (value === undefined || value.startsWith('--')) return `${word} needs a value`;
      options[`LARDER_TEST_${word.slice(2).toUpperCase().replaceAll('-', '_')}`] = value;
      index += 1;
    } else names.push(word);
  }
  const unknown = names.find((name) => !layers.some((layer) => layer.name === name));
  if (unknown !== undefined) return `no layer ${unknown}; there are ${layers.map(({ name }) => name).join(', ')}`;
  const all = names.length === 0;
  const chosen = layers.filter(({ name, usual }) => (all ? usual.kind === 'yes' : names.includes(name)));
  return { chosen, all, options };
}

/** The caller's, without what would make the outcome depend on who runs it. */
function environment(options: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const callers = /^(LARDER_|npm_|KUBECONFIG$|NODE_OPTIONS$|NODE_ENV$|FORCE_COLOR$)/;
  const kept = Object.entries(process.env).filter(([name]) => !callers.test(name));
  // Tests start hundreds of processes: half the time of each goes into taking types out of the same sources again.
  const compiled = process.env['NODE_COMPILE_CACHE'] ?? resolve(root, 'node_modules/.cache/larder');
  const own = { npm_config_cache: process.env['npm_config_cache'], NO_COLOR: '1', NODE_COMPILE_CACHE: compiled };
  return { ...Object.fromEntries(kept), ...own, ...options };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function title(layer: string, { name, where }: Finding): string {
  return `✗ ${layer}: ${name}${where === '' ? '' : ` (${where})`}`;
}

function printFinding(layer: string, finding: Finding): void {
  print(`\n${title(layer, finding)}`);
  print(finding.detail.replaceAll(/^/gm, '    '));
}

function reasons(skipped: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} × ${reason}`).join('; ');
}

function line({ name, passed, findings, skipped, seconds }: LayerResult): string {
  const counts = `${passed + findings.length} run, ${passed} passed, ${findings.length} failed, ${skipped.length} skipped`;
  const why = skipped.length === 0 ? '' : `  (${reasons(skipped)})`;
  return `${name.padEnd(NAME_WIDTH)} ${seconds.toFixed(1).padStart(6)} s  ${counts}${why}`;
}

async function runAll({ chosen, all, options }: Order): Promise<number> {
  const results: LayerResult[] = [];
  const floor = Object.keys(options).every((name) => KEEP_ALL.has(name));
  for (const layer of chosen) {
    print(`running ${layer.name} …`);
    const say = (text: string): void => print(`  ${text}`);
    const result = await runLayer(layer, { root, env: environment(options), floor, say });
    for (const note of result.notes) print(`  ${note}`);
    for (const finding of result.findings) printFinding(layer.name, finding);
    results.push(result);
  }
  const same = parity(results);
  if (same.finding !== undefined) printFinding('parity', same.finding);
  print('');
  for (const result of results) print(line(result));
  // Whoever runs the suite, or its part with real tools, sees what was not in it; whoever names layers knows.
  const whole = all || chosen.some(({ name }) => name === 'real');
  for (const { name, usual } of layers) {
    if (!whole || usual.kind === 'yes' || results.some((result) => result.name === name)) continue;
    print(`${name.padEnd(NAME_WIDTH)} not run here: ${usual.why}`);
  }
  if (same.line !== undefined) print(same.line);
  // Once more by name: details may be pages above, and a log may be cut.
  for (const { name, findings } of results) for (const finding of findings) print(title(name, finding));
  const sum = (count: (result: LayerResult) => number): number =>
    results.reduce((total, each) => total + count(each), 0);
  const failed = sum(({ findings }) => findings.length) + (same.finding === undefined ? 0 : 1);
  print(`\n${sum(({ passed }) => passed)} passed, ${failed} failed, ${sum(({ skipped }) => skipped.length)} skipped`);
  return failed === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killChildren();
    process.exit(1);
  });
}
const order = parse(process.argv.slice(2));
if (typeof order === 'string') {
  process.stderr.write(`test/run.ts: ${order}\n`);
  process.exitCode = 2;
} else process.exitCode = await runAll(order);
