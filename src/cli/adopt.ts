import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { yamlText } from '../kube/yaml-text.ts';
import { type AdoptRow, adoptRow } from '../operator/api.ts';
import { addressOf, namespaceOption } from './address-of.ts';
import { adoptionTerraform } from './adoption-terraform.ts';
import { cluster } from './cluster.ts';
import { Exit, exitCodes } from './exit.ts';
import { type HostPath, hostPaths } from './host-paths.ts';
import { humanBytes } from './output.ts';
import { type Column, print } from './print.ts';
import { type AskOptions, asking, type CommandContext, examples, recording } from './program.ts';
import { askOperator } from './reach.ts';

type Format = 'table' | 'json' | 'yaml' | 'terraform';

interface AdoptOptions extends Omit<AskOptions, 'output'> {
  readonly output?: Format;
  readonly match: string;
  readonly fromHostpath?: boolean;
  readonly class?: string;
  readonly size?: string;
  readonly file?: string;
  readonly dryRun?: boolean;
}

const named = z.object({ metadata: z.object({ name: z.string(), namespace: z.string().optional() }) });

function claimOf(row: AdoptRow): string {
  const claim = named.safeParse(row.manifests[1]);
  return claim.success ? `${claim.data.metadata.namespace}/${claim.data.metadata.name}` : '-';
}

/** A path that a workload names may hold anything. */
const shown = (path: string): string => path.replace(/[\p{Cc}\p{Cf}]/gu, '?');

const columns: readonly Column<AdoptRow>[] = [
  { title: 'DIRECTORY', value: (row) => shown(row.directory) },
  { title: 'HOLDS', value: (row) => (row.used === '' ? '-' : humanBytes(BigInt(row.used))), align: 'right' },
  { title: 'CLAIM', value: claimOf },
  { title: 'NOT BECAUSE', value: (row) => row.objection || '-' },
];

/** `larder volumes adopt`: volumes and claims for directories that are there, as text to apply. */
export function adopt(root: Command, context: CommandContext): void {
  const verb = root
    .command('adopt')
    .description('Write volumes and claims for existing directories; touches neither the data nor the cluster')
    .addOption(
      new Option(
        '-o, --output <format>',
        'yaml and terraform are to be applied (default: yaml, or table when dry)',
      ).choices(['table', 'json', 'yaml', 'terraform']),
    )
    .option('--match <glob>', 'which directories, by their path below the export', 'glusterfs_*')
    .option('--from-hostpath', 'those that workloads mount by hostPath, each for the namespace of its workload')
    .option('--class <class>', 'of the volumes (default: glusterfs-nfs, or the only class of Larder)')
    .option('--size <size>', 'of each (default: half as much again as it holds, at least 1Gi)')
    .option('--file <file>', 'write into this new file (default: stdout)')
    .option('--dry-run', 'list what would be written, and why some are not');
  const plain = recording(asking(verb, { output: false }));
  examples(plain, [
    'larder volumes adopt --dry-run',
    'larder volumes adopt -n default --size 10Gi > adopted.yaml',
    'larder volumes adopt --from-hostpath --size 10Gi -o terraform',
  ]).action((options: AdoptOptions) => run(context, options));
}

async function run(context: CommandContext, options: AdoptOptions): Promise<void> {
  const { terminal } = context;
  const format = options.output ?? (options.dryRun ? 'table' : 'yaml');
  const mounted = options.fromHostpath
    ? await cluster(context, options, (client, signal) => hostPaths(client, options.namespace, signal))
    : undefined;
  for (const path of sharedPaths(mounted ?? [])) {
    throw new Exit(
      exitCodes.finding,
      `${path} is mounted from several namespaces, and a volume has one: name one with -n`,
    );
  }
  const rows = await askRows(context, options, mounted);
  const possible = rows.filter(({ objection }) => objection === '');
  if (format === 'json' || format === 'table') print(terminal, format, rows, columns);
  else await write(context, options, textOf(format, possible, mounted ?? []));
  for (const { directory, objection } of format === 'table' ? [] : rows) {
    if (objection !== '') terminal.err(`left out: ${shown(directory)} ${objection}\n`);
  }
  if (rows.length === 0) terminal.err('No directory without a volume matches.\n');
  else if (possible.length > 0 && !options.dryRun && (format === 'yaml' || format === 'terraform')) {
    terminal.err(`${possible.length} of ${rows.length} directories. Nothing was changed: look at it, then apply it.\n`);
  }
  if (rows.length > possible.length) throw new Exit(exitCodes.finding, '');
}

/** Mounted by workloads of more than one namespace. */
function sharedPaths(mounted: readonly HostPath[]): readonly string[] {
  const byPath = Map.groupBy(mounted, ({ path }) => path);
  return [...byPath].flatMap(([path, users]) => (new Set(users.map((each) => each.namespace)).size > 1 ? [path] : []));
}

async function askRows(
  context: CommandContext,
  options: AdoptOptions,
  mounted: readonly HostPath[] | undefined,
): Promise<readonly AdoptRow[]> {
  const once = new Map(mounted?.map(({ path, namespace }) => [path, { path, namespace }]));
  const body = {
    match: options.match,
    namespace: namespaceOption(context, { ...options, output: 'json' }),
    ...(mounted ? { paths: [...once.values()] } : {}),
    ...(options.class === undefined ? {} : { className: options.class }),
    ...(options.size === undefined ? {} : { size: options.size }),
  };
  const call = { path: '/api/adopt', method: 'POST', body } as const;
  return askOperator(addressOf(context, { ...options, output: 'json' }), z.array(adoptRow), call);
}

function textOf(format: 'yaml' | 'terraform', rows: readonly AdoptRow[], mounted: readonly HostPath[]): string {
  const parts = rows.map((row) => {
    const [, claim = ''] = claimOf(row).split('/');
    const users = mounted.filter(({ path }) => path === row.asked);
    const heads = [
      `# ${row.path}`,
      ...users.map(
        ({ workload, namespace, volume }) =>
          `# ${workload} -n ${namespace}: in volume "${volume}" write persistentVolumeClaim: { claimName: ${claim} }`,
      ),
    ];
    const texts =
      format === 'terraform'
        ? adoptionTerraform(row.manifests)
        : row.manifests.map((manifest) => yamlText(manifest)).join('---\n');
    return `${heads.join('\n')}\n${texts}`;
  });
  return parts.join(format === 'yaml' ? '---\n' : '\n');
}

async function write(
  { terminal, changes }: CommandContext,
  { file, dryRun }: AdoptOptions,
  text: string,
): Promise<void> {
  if (file === undefined || dryRun) {
    terminal.out(text);
    return;
  }
  await changes.begin([{ kind: 'File', name: file, verb: 'write' }]);
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new Exit(exitCodes.usage, `${file} is there already: name another with --file, or remove it`, { cause });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Exit(exitCodes.usage, `${file} was not written: ${why}`, { cause });
  }
  terminal.err(`${file} written\n`);
}
