import { type Command, Option } from 'commander';
import {
  ignoreDifferences,
  type LiveClaim,
  outgrown,
  sizesIn,
  unclaimed,
  type WrittenSize,
  withSizes,
} from '../expand/gitops/manifest-sizes.ts';
import { kinds } from '../kube/index.ts';
import { yamlText } from '../kube/yaml-text.ts';
import { type ClusterOptions, cluster } from './cluster.ts';
import { Exit, exitCodes } from './exit.ts';
import { inputText } from './input.ts';
import { manifestsIn, replaceManifest } from './manifest-files.ts';
import type { ManifestChange } from './manifest-patch.ts';
import { type OutputFormat, outputFormats } from './output.ts';
import { type Column, print } from './print.ts';
import { type CommandContext, examples, recording } from './program.ts';
import { namespaceOf } from './reach.ts';

interface GitopsOptions extends ClusterOptions {
  readonly output: OutputFormat | 'patch';
  readonly namespace?: string;
  readonly write?: boolean;
  readonly argocd?: boolean;
}

interface Row {
  readonly file: string;
  readonly line: number;
  readonly claim: string;
  readonly written: string;
  readonly live: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'FILE', value: ({ file, line }) => `${file}:${line}`, cut: 'start' },
  { title: 'CLAIM', value: ({ claim }) => claim, cut: 'start' },
  { title: 'WRITTEN', value: ({ written }) => written },
  { title: 'GREW TO', value: ({ live }) => live },
];

/** `larder gitops`: manifests that ask for less than the claims have by now, and writing the size into them. */
export function gitops(program: Command, context: CommandContext): void {
  const verb = program
    .command('gitops [path...]')
    .description('Find manifests whose claims have outgrown them, and write the new sizes')
    .addOption(
      new Option('-o, --output <format>', 'how to print; patch: a diff for git apply')
        .choices([...outputFormats, 'patch'])
        .default('table'),
    )
    .addOption(
      new Option('-n, --namespace <namespace>', "of manifests that name none (default: the kubeconfig context's)"),
    )
    .addOption(new Option('--write', 'write the sizes into the files; comments and order stay'))
    .addOption(new Option('--argocd', 'only print what tells Argo CD that these sizes are no drift'))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'));
  examples(recording(verb), [
    'larder gitops manifests',
    'larder gitops manifests -o patch | git apply',
    'larder gitops manifests --write',
    'larder gitops --argocd',
  ]).action((paths: readonly string[], options: GitopsOptions) => run(context, paths, options));
}

async function run(context: CommandContext, paths: readonly string[], options: GitopsOptions): Promise<void> {
  const { terminal } = context;
  if (options.argocd) {
    terminal.out(yamlText({ spec: ignoreDifferences }));
    return;
  }
  if (options.output === 'patch' && options.write) {
    throw new Exit(exitCodes.usage, '-o patch prints what --write would write: take one of them');
  }
  if (paths.length === 0) throw new Exit(exitCodes.usage, 'name the files or folders that the manifests are in');
  const files = paths.flatMap(manifestsIn);
  if (files.length === 0) {
    const none = `there is no .yaml, .yml or .json file in ${paths.join(', ')}`;
    throw new Exit(exitCodes.usage, `${none}: name the files or folders that the manifests are in`);
  }
  const live = await cluster(context, options, async (client, signal) => {
    const { items } = await client.list(kinds.PersistentVolumeClaim, { signal });
    return items.map(
      ({ metadata, spec }): LiveClaim => ({
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        request: spec.resources.requests['storage'] ?? '0',
      }),
    );
  });
  const namespace = namespaceOf({ ...options, env: terminal.env });
  const found = files.map((file) => foundIn(context, file, { live, namespace }));
  sayUnclaimed(context, found, namespace);
  const behind = found.filter(({ sizes }) => sizes.length > 0);
  if (options.write && behind.length > 0) {
    await context.changes.begin(behind.map(({ file }) => ({ kind: 'File', name: file, verb: 'write' })));
    for (const { file, text, sizes } of behind) replaceManifest(file, withSizes(text, sizes));
  }
  const rows = behind.flatMap(rowsOf);
  const size = rows.length === 1 ? '1 size' : `${rows.length} sizes`;
  let how = 'would be written with --write';
  if (options.output !== 'patch') print(terminal, options.output, rows, columns);
  else if (rows.length > 0) {
    const { manifestPatch } = await import('./manifest-patch.ts');
    const patch = manifestPatch(behind.map(changeOf), process.cwd());
    terminal.out(patch.text);
    how = `would be written by \`git apply\` in ${patch.folder}`;
  }
  if (rows.length === 0)
    terminal.err(`No claim has outgrown what ${files.length === 1 ? '1 file says' : `${files.length} files say`}.\n`);
  else if (options.write) terminal.err(`${size} written; look at them with git diff.\n`);
  else throw new Exit(exitCodes.finding, `${size} ${how}`);
}

interface Compared {
  readonly live: readonly LiveClaim[];
  readonly namespace: string;
}

interface Found {
  readonly file: string;
  readonly text: string;
  /** Those that a claim has outgrown. */
  readonly sizes: ReturnType<typeof outgrown>;
  /** Those that no claim of the cluster is meant by. */
  readonly unclaimed: readonly WrittenSize[];
}

function foundIn({ terminal }: CommandContext, file: string, { live, namespace }: Compared): Found {
  const text = inputText(file);
  const { sizes, notes } = sizesIn(text);
  for (const note of notes) terminal.err(`${file} ${note}\n`);
  return { file, text, sizes: outgrown(sizes, live, namespace), unclaimed: unclaimed(sizes, live, namespace) };
}

/** Else a wrong context or namespace would look as if all were well. */
function sayUnclaimed({ terminal }: CommandContext, found: readonly Found[], namespace: string): void {
  const all = found.flatMap(({ file, unclaimed }) => unclaimed.map((size) => ({ file, size })));
  const [first] = all;
  if (!first) return;
  const { claims, line, namespace: own } = first.size;
  const name = claims.kind === 'name' ? claims.name : `${claims.prefix}0`;
  const which = `${own || namespace}/${name} (${first.file}:${line})`;
  const said =
    all.length === 1
      ? `1 size is of a claim that the cluster does not have: ${which}`
      : `${all.length} sizes are of claims that the cluster does not have, such as ${which}`;
  terminal.err(`${said}\n`);
}

function changeOf({ file, text, sizes }: Found): ManifestChange {
  return { file, before: text, after: withSizes(text, sizes) };
}

function rowsOf({ file, sizes }: Found): readonly Row[] {
  return sizes.map(({ size, live: claim }) => ({
    file,
    line: size.line,
    claim: `${claim.namespace}/${claim.name}`,
    written: size.text,
    live: claim.request,
  }));
}
