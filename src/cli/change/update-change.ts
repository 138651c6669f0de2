import type { Command } from 'commander';
import { changeOfId, put } from '../../cluster/change/session.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type WriteOptions, writing } from '../ledger/place.ts';
import { type CommandContext, examples } from '../program.ts';
import { pathIn } from './new-change.ts';
import { type OpenChange, writeChange } from './open-change.ts';

interface UpdateOptions extends WriteOptions {
  readonly manifests?: readonly string[];
  readonly runbook?: readonly string[];
  readonly reviewer?: readonly string[];
  readonly summary?: string;
  readonly critical?: true;
}

/** `larder change update`: what is given takes the place of what was there. */
export function updateChange(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('update')
    .argument('<id>')
    .description('Record other manifests, runbooks, reviewers or words of a change that was not applied yet')
    .option('--manifests <path...>', 'files, folders with all below them, kustomizations')
    .option('--runbook <path...>', 'what to do when it goes wrong')
    .option('--reviewer <id...>', 'who is to look at it')
    .option('--summary <text>', 'what it is for')
    .option('--critical', 'it needs the approval of another operator');
  examples(writing(verb), ['larder change update web-2 --runbook docs/runbooks/web.md']).action(
    (id: string, options: UpdateOptions) =>
      writeChange(context.terminal, options, (session) => record(context, session, { id, options })),
  );
}

async function record(
  { terminal }: CommandContext,
  session: OpenChange,
  { id, options }: { readonly id: string; readonly options: UpdateOptions },
): Promise<void> {
  changeOfId(session, id);
  const { manifests, runbook, reviewer, summary, critical } = options;
  const paths = (given: readonly string[]): string[] => given.map((path) => pathIn(session.root, path));
  const data = {
    ...(manifests === undefined ? {} : { manifestPaths: paths(manifests) }),
    ...(runbook === undefined ? {} : { runbookUpdates: paths(runbook) }),
    ...(reviewer === undefined ? {} : { reviewers: [...reviewer] }),
    ...(summary === undefined ? {} : { diffSummary: summary }),
    ...(critical === undefined ? {} : { critical }),
  };
  if (Object.keys(data).length === 0) throw new Exit(exitCodes.usage, 'say what is to be changed; see --help');
  await put(session, { type: 'change-updated', data: { changeId: id, ...data } });
  terminal.out(`${id}: updated\n`);
}
