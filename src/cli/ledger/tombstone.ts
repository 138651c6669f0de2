import type { Command } from 'commander';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples } from '../program.ts';
import { append } from './append.ts';
import { type WriteOptions, writing } from './place.ts';

interface TombstoneOptions extends WriteOptions {
  readonly reason: string;
  readonly rotation?: string;
}

/** `larder ledger tombstone`: evidence that must go, such as one with a secret in it. Its hash stays. */
export function tombstone(root: Command, { terminal }: CommandContext): void {
  const verb = writing(root.command('tombstone'))
    .argument('<path>', 'a file of evidence, as verify and show name it')
    .description('Record that a file of evidence may be gone, and why; its hash stays')
    .requiredOption('--reason <text>', 'why, for who reads it in a year')
    .option('--rotation <id>', 'the rotation of the secret that was in it');
  examples(verb, [
    'larder ledger tombstone docs/governance/reviews/2026-03-01-cache/1f0a5c77d2e4-kubectl.diff --reason "held a token"',
  ]).action(async (path: string, { reason, rotation, ...options }: TombstoneOptions) => {
    await append(terminal, options, ({ state }) => {
      const artifact = state.artifacts.get(path);
      if (!artifact)
        throw new Exit(exitCodes.usage, `${path} is evidence of no record: larder ledger show RECORD names it`);
      const data = { path, sha256: artifact.sha256, reason, ...(rotation !== undefined && { rotationId: rotation }) };
      return { event: { type: 'artifact-tombstoned', data } };
    });
    terminal.err(
      `The file is still there. Remove it: git rm ${path}\nThe history of git keeps what was committed, in every clone: a secret that was in it is known, so rotate it.\n`,
    );
  });
}
