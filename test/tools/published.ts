/** Files that others publish in Go modules (definitions of kinds, charts), pinned with their sums in published/. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.ts';
import { goOf } from './go-build.ts';

const modules = {
  autoscaler: 'k8s.io/autoscaler/vertical-pod-autoscaler',
  cilium: 'github.com/cilium/cilium',
  externalSecrets: 'github.com/external-secrets/external-secrets',
  loki: 'github.com/grafana/loki/v3',
  traefik: 'github.com/traefik/traefik/v3',
} as const;

export type PublishedName = keyof typeof modules;

export type Published =
  | { readonly kind: 'ready'; readonly folder: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

const FOLDER = join(import.meta.dirname, 'published');
const LIMIT_MS = 5 * 60_000;

/** The folder of a module in Go's own cache; it is fetched when it is not there. */
export async function published(name: PublishedName): Promise<Published> {
  const module = modules[name];
  const go = goOf(process.env);
  if (go === undefined)
    return { kind: 'unavailable', reason: `${module}: fetched with Go, which is neither on PATH nor in /usr/local/go` };
  const version = new RegExp(`^\\s*${module} (v\\S+)$`, 'm').exec(readFileSync(join(FOLDER, 'go.mod'), 'utf8'))?.[1];
  const { output } = await runChild({
    command: go,
    args: ['mod', 'download', '-json', `${module}@${version}`],
    cwd: FOLDER,
    env: { ...process.env, GOFLAGS: '-mod=mod' },
    limitMs: LIMIT_MS,
  });
  const folder = /"Dir": "([^"]+)"/.exec(output)?.[1];
  if (folder !== undefined) return { kind: 'ready', folder };
  const reason = /"Error": "([^"]+)"/.exec(output)?.[1] ?? output.trim();
  return { kind: 'unavailable', reason: `${module}: ${reason}` };
}
