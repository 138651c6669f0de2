/** Runs one layer of the suite. */
import { globSync } from 'node:fs';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import type { Finding } from './finding.ts';
import { runGate } from './gate.ts';
import { installAll } from './install.ts';
import type { Layer } from './layers.ts';
import { runNodeTests } from './node-tests.ts';

export interface LayerResult {
  readonly name: string;
  /** Version of the control plane that was started for it; undefined without one. */
  readonly server: string | undefined;
  readonly passed: number;
  readonly findings: readonly Finding[];
  readonly skipped: readonly string[];
  readonly notes: readonly string[];
  /** Without the time that providing its tools took. */
  readonly seconds: number;
}

export interface LayerOptions {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Off when options select some of the tests. */
  readonly floor: boolean;
  /** Told while the layer runs what takes long. */
  readonly say: (line: string) => void;
}

export async function runLayer(layer: Layer, options: LayerOptions): Promise<LayerResult> {
  const missing = await provide(layer, options);
  const reason = Object.values(missing).at(0);
  // Tests of single tools say themselves which they miss; a layer whose server is missing has nothing to say.
  if (layer.target === 'own') return runProvided(layer, options, { missing });
  if (reason !== undefined) return notRun(layer, reason, options.env);
  const plane = await seasoned(options.env).catch((cause: unknown) => String(cause));
  if (typeof plane === 'string') return untried(layer, { name: 'its control plane', where: layer.name, detail: plane });
  const result = await runProvided(layer, options, { missing, plane });
  const failed = result.findings.length > 0;
  await plane.close({ keep: failed });
  const server = `Kubernetes ${plane.version}`;
  const notes = [`${server} ready in ${(plane.startedInMs / 1000).toFixed(1)} s`, ...result.notes];
  if (failed) notes.push(`the logs of the control plane are in ${plane.folder}`);
  return { ...result, server, notes };
}

/**
 * As one that has run for some minutes, after which etcd has forgotten the first revisions and no cache of the API server
 * reaches back to them.
 */
async function seasoned(env: NodeJS.ProcessEnv): Promise<ControlPlane> {
  const plane = await startControlPlane({ env });
  await plane.compact();
  await plane.stop('kube-apiserver');
  await plane.start('kube-apiserver');
  return plane;
}

interface Given {
  /** Tools that are not there, and why. */
  readonly missing: Reasons;
  /** For a layer whose tests need one. */
  readonly plane?: ControlPlane;
}

type Reasons = Readonly<Record<string, string>>;

/** Resolves to why tools cannot be had, by their names. */
async function provide({ tools }: Layer, { env, say }: LayerOptions): Promise<Reasons> {
  const provided = await installAll(tools, { env, say });
  const missing: Record<string, string> = {};
  for (const [name, each] of provided) {
    if (each.kind === 'ready') continue;
    missing[name] = each.reason;
    say(`${name} is not available: ${each.reason}`);
  }
  return missing;
}

function notRun(layer: Layer, reason: string, env: NodeJS.ProcessEnv): LayerResult {
  // Where another Kubernetes than the pinned one was asked for, running nothing is no answer.
  if (!env['LARDER_TEST_KUBERNETES']) return { ...untried(layer), skipped: [reason] };
  return untried(layer, { name: 'the Kubernetes that was asked for', where: layer.name, detail: reason });
}

/** One of which no test was tried. */
function untried({ name }: Layer, ...findings: readonly Finding[]): LayerResult {
  return { name, server: undefined, passed: 0, findings, skipped: [], notes: [], seconds: 0 };
}

async function runProvided(layer: Layer, options: LayerOptions, { missing, plane }: Given): Promise<LayerResult> {
  const { root, floor } = options;
  const begun = performance.now();
  const files = filesOf(layer, root);
  const incomplete = Object.keys(missing).length > 0;
  const env = incomplete ? { ...options.env, LARDER_TEST_UNAVAILABLE: JSON.stringify(missing) } : options.env;
  const gateFindings: Finding[] = [];
  for (const gate of layer.gates) {
    const finding = await runGate(gate, root, env);
    if (finding !== undefined) gateFindings.push(finding);
  }
  const tests = await runNodeTests({
    files,
    processes: layer.processes,
    root,
    env: { ...env, ...addressOf(plane) },
    limitMs: layer.limitMs,
  });
  const findings = [...gateFindings, ...tests.findings];
  const passed = layer.gates.length - gateFindings.length + tests.passed;
  const seen = passed + findings.length + (incomplete ? tests.skipped.length : 0);
  if (floor && seen < layer.floor) {
    const detail = `only ${seen} tests ran, at least ${layer.floor} are expected (test/tools/layers.ts)`;
    findings.push({ name: `the floor of ${layer.name}`, where: layer.name, detail });
  }
  const { skipped, notes } = tests;
  return {
    name: layer.name,
    server: undefined,
    passed,
    findings,
    skipped,
    notes,
    seconds: (performance.now() - begun) / 1000,
  };
}

function addressOf(plane: ControlPlane | undefined): NodeJS.ProcessEnv {
  if (plane === undefined) return {};
  return {
    LARDER_CONFORMANCE_URL: plane.url,
    LARDER_CONFORMANCE_TOKEN: plane.token,
    LARDER_CONFORMANCE_CA: plane.authorityFile,
  };
}

export function filesOf(layer: Pick<Layer, 'files' | 'except'>, root: string): readonly string[] {
  return globSync([...layer.files], { cwd: root, exclude: [...layer.except, '**/node_modules/**'] }).sort();
}
