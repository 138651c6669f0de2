/** Runs one layer of the suite. */
import { globSync } from 'node:fs';
import type { Finding } from './finding.ts';
import { runGate } from './gate.ts';
import type { Layer } from './layers.ts';
import { runNodeTests } from './node-tests.ts';

export interface LayerResult {
  readonly name: string;
  readonly passed: number;
  readonly findings: readonly Finding[];
  readonly skipped: readonly string[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

export interface LayerOptions {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Off when options select some of the tests. */
  readonly floor: boolean;
}

export async function runLayer(layer: Layer, { root, env, floor }: LayerOptions): Promise<LayerResult> {
  const begun = performance.now();
  const files = filesOf(layer, root);
  const gateFindings: Finding[] = [];
  for (const gate of layer.gates) {
    const finding = await runGate(gate, root, env);
    if (finding !== undefined) gateFindings.push(finding);
  }
  const tests = await runNodeTests({ files, processes: layer.processes, root, env, limitMs: layer.limitMs });
  const findings = [...gateFindings, ...tests.findings];
  const passed = layer.gates.length - gateFindings.length + tests.passed;
  const run = passed + findings.length;
  if (floor && run < layer.floor) {
    const detail = `only ${run} tests ran, at least ${layer.floor} are expected (test/tools/layers.ts)`;
    findings.push({ name: `the floor of ${layer.name}`, where: layer.name, detail });
  }
  const { skipped, notes } = tests;
  return { name: layer.name, passed, findings, skipped, notes, seconds: (performance.now() - begun) / 1000 };
}

export function filesOf(layer: Pick<Layer, 'files' | 'except'>, root: string): readonly string[] {
  return globSync([...layer.files], { cwd: root, exclude: [...layer.except, '**/node_modules/**'] }).sort();
}
