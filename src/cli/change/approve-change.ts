import type { Command } from 'commander';
import { assertEvidenceFiles } from '../../cluster/change/evidence-file.ts';
import { changeOfId, put } from '../../cluster/change/session.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type WriteOptions, writing } from '../ledger/place.ts';
import { type CommandContext, examples } from '../program.ts';
import { writeChange } from './open-change.ts';

interface ApproveOptions extends WriteOptions {
  readonly comment?: string;
}

/** `larder change approve`: of the newest evidence. */
export function approveChange(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('approve')
    .argument('<id>')
    .description('Approve the newest evidence of a change; its authors cannot')
    .option('--comment <text>', 'what was looked at');
  examples(writing(verb), ['larder change approve web-2 --comment "read the diff"']).action(
    (id: string, options: ApproveOptions) =>
      writeChange(context.terminal, options, async (session) => {
        const change = changeOfId(session, id);
        const newest = change.evidence.at(-1);
        if (newest === undefined)
          throw new Exit(exitCodes.approval, `${id} has no evidence that could be approved: larder change diff ${id}`);
        assertEvidenceFiles(session, change);
        const { evidenceId, outputPath } = newest;
        const comment = options.comment === undefined ? {} : { comment: options.comment };
        await put(session, { type: 'change-approved', data: { changeId: id, evidenceId, ...comment } });
        context.terminal.out(`${id}: approved ${outputPath}\n`);
      }),
  );
}
