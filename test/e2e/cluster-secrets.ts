/** A repository with a cluster.yaml, and people with age keys. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { newIdentity } from '../../src/cluster/secrets/age-identity.ts';
import type { Run } from './larder.ts';
import { ledgerSite, type Person, type Site } from './ledger-person.ts';

export interface AgePerson {
  readonly identity: string;
  readonly recipient: string;
}

export interface SecretSite {
  readonly site: Site;
  readonly file: string;
  /** `larder cluster secrets …` as somebody. */
  secrets(words: readonly string[], by?: AgePerson, options?: SecretOptions): Promise<Run>;
  text(path: string): string;
  write(path: string, text: string): void;
  /** A command for EDITOR that puts `to` in the place of `from`. */
  editor(from: string, to: string): string;
}

interface SecretOptions {
  readonly signer?: Person;
  readonly env?: Record<string, string>;
}

const SPEC = `name: home
nodes:
  - {name: pi-1.local, address: 192.0.2.1, role: server-agent}
`;

export async function agePerson(): Promise<AgePerson> {
  return newIdentity();
}

export async function secretSite(t: Pick<TestContext, 'after'>, spec = SPEC): Promise<SecretSite> {
  const site = await ledgerSite(t);
  const file = join(site.root, 'cluster.yaml');
  writeFileSync(file, spec);
  return {
    site,
    file,
    secrets: (words, by, { signer, env = {} } = {}) =>
      site.larder(
        ['cluster', 'secrets', ...words, '-f', file, ...(signer ? ['--ledger-key', signer.key] : [])],
        undefined,
        {
          LARDER_LEDGER: '',
          ...(by === undefined ? {} : { SOPS_AGE_KEY: by.identity }),
          ...env,
        },
      ),
    text: (path) => readFileSync(join(site.root, path), 'utf8'),
    write: (path, text) => writeFileSync(join(site.root, path), text),
    editor(from, to) {
      const path = join(site.folder, 'editor');
      const script = `#!/bin/sh\nstat -c '%a %T' "$1" >'${path}.seen'; dirname "$1" >>'${path}.seen'\nsed -i 's/${from}/${to}/' "$1"\n`;
      writeFileSync(path, script);
      chmodSync(path, 0o755);
      return path;
    },
  };
}
