/** What the operators' repository says of its cluster, read anew each time: somebody may have pulled. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import { IGNORE_FILE, type IgnoreRule } from '../drift/ignore.ts';
import { readIgnore } from '../drift/ignore-file.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { readSpec } from '../spec/read-spec.ts';
import { shortName } from '../spec/rules/rule.ts';
import type { Part, WantedCluster } from './answer.ts';

/** `file`: cluster.yaml; undefined: nobody named one. `now`: epoch ms. Never rejects. */
export async function wantedOf(file: string | undefined, now: number): Promise<Part<WantedCluster>> {
  if (file === undefined) return { kind: 'unset' };
  const text = await textOf(file);
  if (text.kind !== 'text') return { kind: 'unusable', why: text.why ?? `${file} is not there` };
  const read = readSpec(text.text, new Date(now).toISOString().slice(0, 10));
  if (read.kind === 'refused') {
    const [first, ...others] = read.findings.filter(({ severity }) => severity === 'error');
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const why = first === undefined ? 'it is not sound' : `${first.line}:${first.column}: ${first.message}${more}`;
    return { kind: 'unusable', why: `${file}:${why}; larder cluster validate lists all of it` };
  }
  return { kind: 'known', value: { ...shown(read.spec), ignore: await ignoreOf(join(dirname(file), IGNORE_FILE)) } };
}

function shown({ name, k3s, nodes, rotation }: ClusterSpec): Omit<WantedCluster, 'ignore'> {
  return {
    name,
    release: k3s.version ?? '',
    nodes: nodes.map(({ name: own, role, hardware = '' }) => ({ name: own, node: shortName(own), role, hardware })),
    rotationDays: { age: rotation.ageKeyDays, 'k3s-token': rotation.tokenDays },
  };
}

async function ignoreOf(file: string): Promise<Part<readonly IgnoreRule[]>> {
  const text = await textOf(file);
  if (text.kind === 'failed') return text.why === undefined ? { kind: 'unset' } : { kind: 'unusable', why: text.why };
  const read = readIgnore(text.text);
  return read.kind === 'rules'
    ? { kind: 'known', value: read.rules }
    : { kind: 'unusable', why: read.problems.join('; ') };
}

type Text =
  | { readonly kind: 'text'; readonly text: string }
  /** `why` is absent where there is no such file. */
  | { readonly kind: 'failed'; readonly why?: string };

async function textOf(file: string): Promise<Text> {
  try {
    return { kind: 'text', text: await readFile(file, 'utf8') };
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    return isMissing ? { kind: 'failed' } : { kind: 'failed', why: `${file} cannot be read: ${messageOf(cause)}` };
  }
}
