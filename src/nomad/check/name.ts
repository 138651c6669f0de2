import type { Item } from '../jobspec/field.ts';
import { dig, maps, texts, word } from './dig.ts';
import type { Finding } from './finding.ts';
import type { Check, Subject } from './subject.ts';
import type { WrittenManifest } from './tree.ts';
import type { WrittenAccount } from './written-report.ts';

/** C12: no name of Consul is left unreported, and names of Services lead to Services and ports that are there. */
export const name: Check = {
  id: 'C12',
  title: 'names of services',
  run: (subject) => {
    const all = subject.tree.modules.flatMap(({ manifests }) => manifests);
    const known: Known = {
      namespaces: new Set(all.map(({ namespace }) => namespace)),
      services: new Map(
        all.filter(({ kind }) => kind === 'Service').map((each) => [`${each.namespace}/${each.name}`, each]),
      ),
    };
    // by file: of hundreds of jobs each would look through the accounts of all
    const accounts = Map.groupBy(subject.report.accounts, ({ file }) => file);
    return subject.tree.modules.flatMap(({ name: own, manifests }) => {
      const told = toldNames(subject, accounts, own);
      return manifests.flatMap((manifest) => [...consulNames(manifest, told), ...serviceNames(known, manifest)]);
    });
  },
};

type Accounts = ReadonlyMap<string, readonly WrittenAccount[]>;

const CONSUL = /\b[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,5}\.consul\b/gi;

/**
 * Names that the report tells a person about, of the job of a module: in its own words, or in lines that it says are not
 * carried over. Without the job, whatever the report says.
 */
function toldNames({ report, jobs, input }: Subject, accounts: Accounts, module: string): ReadonlySet<string> {
  const loaded = jobs.find((job) => job.name === module)?.loaded;
  const words = (loaded ? (accounts.get(loaded.file) ?? []) : report.accounts)
    .filter(({ class: each }) => each !== 'direct')
    .flatMap(({ text, todo = '' }) => namesIn(`${text} ${todo}`));
  const lost = loaded?.items.filter((item) => report.lost(item)) ?? [];
  return new Set([...words, ...lost.flatMap((item) => namesIn(textOf(input, item)))]);
}

function namesIn(text: string): readonly string[] {
  if (!/\.consul\b/i.test(text)) return [];
  return [...text.matchAll(CONSUL)].map(([found]) => found.toLowerCase());
}

function textOf(input: ReadonlyMap<string, string>, { at }: Item): string {
  return input.get(at.file)?.slice(at.offset, at.end.offset) ?? '';
}

function consulNames(manifest: WrittenManifest, told: ReadonlySet<string>): readonly Finding[] {
  return texts(manifest.object).flatMap(({ text, path }) =>
    namesIn(text)
      .filter((found) => !told.has(found))
      .map((found) => ({
        check: 'C12',
        severity: 'error',
        file: manifest.file,
        line: manifest.lineOf(...path),
        object: `${manifest.kind}/${manifest.name}`,
        message: `${found} is a name of Consul: nothing answers to it in the cluster`,
        todo: 'Write the name of the Service and its port, or keep Consul reachable and say so in the report.',
      })),
  );
}

const SERVICE =
  /\b([a-z]([-a-z0-9]{0,61}[a-z0-9])?)\.([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)\.svc(?:\.cluster\.local)?(?::(\d+))?/g;

interface Known {
  /** Those that the tree writes into: what others hold is not ours to know. */
  readonly namespaces: ReadonlySet<string>;
  /** By namespace and name. */
  readonly services: ReadonlyMap<string, WrittenManifest>;
}

function serviceNames({ namespaces, services }: Known, manifest: WrittenManifest): readonly Finding[] {
  return texts(manifest.object).flatMap(({ text, path }) =>
    (text.includes('.svc') ? [...text.matchAll(SERVICE)] : []).flatMap(
      ([found, service, , namespace = '', , port]): readonly Finding[] => {
        if (!namespaces.has(namespace) || (namespace === 'default' && service === 'kubernetes')) return [];
        const own = services.get(`${namespace}/${service}`);
        const ports = maps(dig(own?.object, 'spec', 'ports')).map((each) => word(each['port']));
        if (own && (port === undefined || ports.includes(port))) return [];
        const message = own
          ? `${found} leads to the Service ${service}, which has the ports ${ports.join(', ') || 'none'}`
          : `${found} leads to no Service of this tree`;
        return [
          {
            check: 'C12',
            severity: own ? 'error' : 'warning',
            file: manifest.file,
            line: manifest.lineOf(...path),
            object: `${manifest.kind}/${manifest.name}`,
            message,
            todo: own ? 'Use one of its ports.' : 'Apply the Service it means before, or correct the name.',
          },
        ];
      },
    ),
  );
}
