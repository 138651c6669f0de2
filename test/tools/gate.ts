/** A program that inspects the whole tree. It passes only when it also says how many things it looked at. */
import { runChild } from './child.ts';
import type { Finding } from './finding.ts';

export interface Gate {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Matches what the program says of how much it saw; the first group is the number. */
  readonly seen: RegExp;
  /** Fewer things seen fail: a gate that looks at nothing passes everything. */
  readonly floor: number;
}

const LINES_AT_MOST = 150;

export const gates = {
  types: {
    name: 'types (tsc)',
    command: 'node_modules/.bin/tsc',
    args: ['--noEmit', '-p', '.', '--diagnostics', '--pretty', 'false'],
    seen: /^Files:\s+(\d+)/m,
    floor: 300,
  },
  consoleTypes: {
    name: 'types of the console (tsc)',
    command: 'node_modules/.bin/tsc',
    args: ['--noEmit', '-p', 'console', '--diagnostics', '--pretty', 'false'],
    seen: /^Files:\s+(\d+)/m,
    floor: 300,
  },
  lint: {
    name: 'lint and format (biome)',
    command: 'node_modules/.bin/biome',
    args: ['ci', '--colors=off', '--max-diagnostics=20'],
    seen: /Checked (\d+) files/,
    floor: 250,
  },
  deadCode: {
    name: 'dead code (knip)',
    command: 'node_modules/.bin/knip',
    args: [
      '--no-progress',
      '--treat-config-hints-as-errors',
      '--reporter',
      'compact',
      '--reporter',
      './test/tools/knip-count.ts',
    ],
    seen: /^knip looked at (\d+) files/m,
    floor: 300,
  },
} as const satisfies Record<string, Gate>;

/** Runs a gate from `root`; undefined when it passes. */
export async function runGate(gate: Gate, root: string, env: NodeJS.ProcessEnv): Promise<Finding | undefined> {
  const { code, output } = await runChild({ ...gate, cwd: root, env, limitMs: 180_000 });
  const finding = { name: gate.name, where: [gate.command, ...gate.args].join(' ') };
  if (code !== 0) return { ...finding, detail: `${beginning(output)}\nended with ${code}` };
  const seen = Number(gate.seen.exec(output)?.[1] ?? 0);
  if (seen < gate.floor) return { ...finding, detail: `looked at ${seen} files, at least ${gate.floor} are expected` };
  return undefined;
}

function beginning(output: string): string {
  const lines = output.trimEnd().split('\n');
  const rest = lines.length - LINES_AT_MOST;
  return rest <= 0 ? lines.join('\n') : `${lines.slice(0, LINES_AT_MOST).join('\n')}\n… and ${rest} lines more`;
}
