/** All files of a new operators' repository, before any is written. */
import { isMap, parseDocument } from 'yaml';
import { RepositoryError } from '../registry.ts';
import { generated } from '../render/generated.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { fill, wordsOf } from './fill.ts';
import type { RepositoryFile } from './repository-file.ts';
import { sopsRules } from './sops-rules.ts';

export interface RepositoryParts {
  readonly spec: ClusterSpec;
  /** The cluster.yaml that the repository gets, as it was written. */
  readonly specText: string;
  readonly schema: string;
  readonly templates: readonly RepositoryFile[];
  readonly ansible: readonly RepositoryFile[];
}

/** Sorted by path. @throws RepositoryError LARDER_INIT_TEMPLATE */
export function operatorRepository(parts: RepositoryParts): readonly RepositoryFile[] {
  const { spec, specText, schema, templates, ansible } = parts;
  const words = wordsOf(spec);
  const files = [
    { path: 'cluster.yaml', text: withRunbooks(specText), executable: false },
    { path: 'cluster.schema.json', text: schema, executable: false },
    { path: '.sops.yaml', text: sopsRules(spec), executable: false },
    ...templates.map((file) => ({ ...file, text: filled(file, words) })),
    ...ansible.map((file) => ({ ...file, path: `automation/ansible/${file.path}` })),
    ...generated(spec),
  ];
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function filled({ path, text }: RepositoryFile, words: Readonly<Record<string, string>>): string {
  const result = fill(text, words);
  if (result.kind === 'text') return result.text;
  throw new RepositoryError('LARDER_INIT_TEMPLATE', `${path} asks for ${result.words.join(', ')}, which nobody knows`);
}

const RUNBOOKS = [
  ...['bootstrap', 'ha-failover', 'rebuild', 'manual-apply', 'secrets-rotation'],
  ...['observability', 'upgrade', 'incident', 'quorum-loss'],
];

/** What is written stays as it is; runbooks that it does not name get the pages that come with the repository. */
function withRunbooks(text: string): string {
  const document = parseDocument(text);
  const named = document.get('runbooks');
  const missing = RUNBOOKS.filter((name) => !isMap(named) || !named.has(name));
  if (missing.length === 0) return text;
  for (const name of missing) document.setIn(['runbooks', name], `docs/runbooks/${name}.md`);
  return document.toString({ lineWidth: 0 });
}
