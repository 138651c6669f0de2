import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { checkSources } from '../../cluster/change/change-sources.ts';
import { put } from '../../cluster/change/session.ts';
import type { EventData } from '../../ledger/event.ts';
import { findRepository } from '../../ledger/repository.ts';
import { lineWord } from '../../nomad/report/shell-word.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type WriteOptions, writing } from '../ledger/place.ts';
import { type CommandContext, examples } from '../program.ts';
import { type OpenChange, writeChange } from './open-change.ts';

interface NewOptions extends WriteOptions {
  readonly manifests?: readonly string[];
  readonly helm?: string;
  readonly chartVersion?: string;
  readonly release?: string;
  readonly values?: readonly string[];
  readonly namespace?: string;
  readonly branch?: string;
  readonly summary?: string;
  readonly runbook?: readonly string[];
  readonly reviewer?: readonly string[];
  readonly critical?: true;
}

/** `larder change new`: says what is to be changed, before anything is. */
export function newChange(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('new')
    .argument('<id>', 'how the change is called, for ever')
    .description('Record a change that is to be made: which manifests, which runbook, whether it is critical')
    .option('--manifests <path...>', 'files, folders with all below them, kustomizations')
    .option('--helm <chart>', 'a chart to render: a folder of the repository, or what helm finds')
    .option('--chart-version <version>', 'of a chart that is not in the repository')
    .option('--release <name>', 'of the chart (default: the id of the change)')
    .option('--values <file...>', 'values of the chart')
    .option('-n, --namespace <namespace>', 'where objects go that name none', 'default')
    .option('--branch <name>', 'where it was reviewed (default: the branch that is checked out)')
    .option('--summary <text>', 'what it is for')
    .option('--runbook <path...>', 'what to do when it goes wrong; an apply needs one')
    .option('--reviewer <id...>', 'who is to look at it')
    .option('--critical', 'it needs the approval of another operator');
  examples(writing(verb), [
    'larder change new web-2 --manifests cluster/apps/web --runbook docs/runbooks/web.md',
    'larder change new ingress-3 --helm charts/ingress --values cluster/ingress.yaml -n ingress --critical',
  ]).action((id: string, options: NewOptions) =>
    writeChange(context.terminal, options, (session) => record(context, session, { id, options })),
  );
}

async function record(
  { terminal }: CommandContext,
  session: OpenChange,
  { id, options }: { readonly id: string; readonly options: NewOptions },
): Promise<void> {
  const { manifests = [], runbook = [], reviewer = [], summary, critical } = options;
  if (manifests.length === 0 && options.helm === undefined)
    throw new Exit(exitCodes.usage, 'name what is to be applied: --manifests PATH or --helm CHART');
  const data: EventData<'change-created'> = {
    changeId: id,
    featureBranch: options.branch ?? (await branchOf(session)),
    manifestPaths: manifests.map((path) => pathIn(session.root, path)),
    status: 'draft',
    runbookUpdates: runbook.map((path) => pathIn(session.root, path)),
    reviewers: [...reviewer],
    ...(summary === undefined ? {} : { diffSummary: summary }),
    ...(critical === undefined ? {} : { critical }),
    ...sources(session, id, options),
  };
  await put(session, { type: 'change-created', data });
  terminal.out(`${id}: draft\n`);
  terminal.err(`Next: larder change diff ${lineWord(id)}\n`);
}

function sources({ root }: OpenChange, id: string, options: NewOptions): Record<string, unknown> {
  const { helm, values = [], release = id, chartVersion, namespace } = options;
  const local = helm !== undefined && existsSync(helm) ? pathIn(root, helm) : helm;
  const chart = {
    chart: local === undefined || local === helm ? local : `./${local}`,
    release,
    values: values.map((path) => pathIn(root, path)),
    ...(chartVersion === undefined ? {} : { version: chartVersion }),
  };
  const checked = checkSources({ namespace, ...(helm === undefined ? {} : { chart }) });
  if (checked.kind === 'sources') return { ...checked.sources };
  throw new Exit(exitCodes.usage, checked.problems.join('\n'));
}

/** From the root of the repository, with `/`. Throws Exit 2 for what is not in it. */
export function pathIn(root: string, path: string): string {
  const full = resolve(path);
  if (!existsSync(full)) throw new Exit(exitCodes.usage, `${path} is not there`);
  const inside = relative(realpathSync(root), realpathSync(full)).split(sep).join('/');
  if (inside === '' || inside.startsWith('..'))
    throw new Exit(exitCodes.usage, `${path} is not in the repository ${root}, or is the whole of it`);
  return inside;
}

async function branchOf({ root }: OpenChange): Promise<string> {
  const { branch } = await (await findRepository(root)).checkedOut();
  return branch.replace(/^refs\/heads\//, '');
}
