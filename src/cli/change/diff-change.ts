import { type Command, Option } from 'commander';
import { type Bundle, takeEvidence } from '../../cluster/change/evidence.ts';
import { exitCodeOf, type RecordedEvidence, recordEvidence } from '../../cluster/change/record-evidence.ts';
import { type ChangeSession, changeOfId, sourcesOf } from '../../cluster/change/session.ts';
import { workingTree } from '../../cluster/change/tree.ts';
import { cluster } from '../cluster.ts';
import { Exit, type ExitCode, exitCodes } from '../exit.ts';
import { type WriteOptions, writing } from '../ledger/place.ts';
import type { OutputFormat } from '../output.ts';
import { printOne } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { type ReachOptions, reaching, readChange, settled, writeChange } from './open-change.ts';
import { paintedDiff, showFindings } from './show-evidence.ts';

interface DiffOptions extends WriteOptions, ReachOptions {
  readonly output: OutputFormat;
  readonly forceConflicts?: true;
  readonly record: boolean;
}

/** `larder change diff`: takes evidence. */
export function diffChange(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('diff')
    .argument('<id>')
    .description(
      'Ask the cluster what a change would do, show it, and record it as evidence. 0 nothing, 1 something, 2 unknown',
    )
    .addOption(new Option('--force-conflicts', 'take over fields that others have set'))
    .addOption(new Option('--no-record', 'only show it'))
    .addOption(outputOption());
  examples(writing(reaching(verb)), [
    'larder change diff web-2',
    'larder change diff web-2 --no-record -o json',
  ]).action((id: string, options: DiffOptions) =>
    options.record
      ? writeChange(context.terminal, options, async (session) => {
          await settled(context.terminal, session);
          await run(context, session, { id, options });
        })
      : readChange(context.terminal, options, (session) => run(context, session, { id, options })),
  );
}

async function run(
  context: CommandContext,
  session: ChangeSession,
  { id, options }: { readonly id: string; readonly options: DiffOptions },
): Promise<void> {
  const { terminal } = context;
  const sources = sourcesOf(session, changeOfId(session, id));
  const force = options.forceConflicts === true;
  const { root } = session;
  const bundle = await cluster(context, options, (client) =>
    takeEvidence({ client, tree: workingTree(root), root, sources, force }),
  );
  const command = `larder change diff ${id}${force ? ' --force-conflicts' : ''}`;
  const recorded = options.record ? await recordEvidence(session, id, { bundle, of: { command, force } }) : undefined;
  show(context, id, { bundle, recorded, output: options.output });
  const code: ExitCode = exitCodeOf[bundle.verdict];
  if (recorded) terminal.err(`evidence: ${recorded.path}\n`);
  if (code === exitCodes.ok) return;
  throw new Exit(code, '');
}

function show(
  { terminal }: CommandContext,
  id: string,
  { bundle, recorded, output }: { bundle: Bundle; recorded: RecordedEvidence | undefined; output: OutputFormat },
): void {
  const { verdict, summary, manifestHash, objects, findings, diff } = bundle;
  const value = { changeId: id, ...recorded, verdict, summary, manifestHash, objects, findings, diff };
  printOne(terminal, output, value, () => paintedDiff(terminal, diff));
  showFindings(terminal, bundle);
  terminal.err(`${id}: ${summary}\n`);
}
