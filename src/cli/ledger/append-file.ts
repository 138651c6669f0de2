import type { Command } from 'commander';
import { z } from 'zod';
import { messageOf } from '../../kube/error.ts';
import { eventTypes, isEventType, type LedgerEvent } from '../../ledger/event.ts';
import { parseEvent } from '../../ledger/record.ts';
import { openRecorder } from '../../ledger/recorder.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inputText } from '../input.ts';
import { inColumns, type Terminal } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';
import { kept, type WriteOptions, writing } from './place.ts';

const shape = z.strictObject({ type: z.string(), data: z.unknown() });

/** `larder ledger append`: an event from a file, as the change that could not be recorded when it was made. */
export function appendFile(root: Command, context: CommandContext): void {
  const verb = writing(
    root
      .command('append <file>')
      .description(
        'Record the event of a JSON file {type, data}: what an earlier command could not, or a fact by hand',
      ),
  );
  examples(verb, ['larder ledger append rotation.json']).action((file: string, options: WriteOptions) =>
    run(context, file, options),
  );
}

async function run({ terminal }: CommandContext, file: string, options: WriteOptions): Promise<void> {
  const event = eventIn(file, terminal);
  const id = event.type === 'action-recorded' ? event.data.actionId : systemRandom.uuid();
  const outcome = await kept(async () => {
    const recorder = await openRecorder({
      ...{ target: options.ledger ?? terminal.env['LARDER_LEDGER'] ?? '.', env: terminal.env, commit: options.commit },
      ...{ clock: systemClock, random: systemRandom },
      ...(options.key === undefined ? {} : { key: options.key }),
    });
    return recorder.record(id, event);
  });
  if (outcome.kind === 'not-recorded') throw new Exit(exitCodes.approval, `not recorded: ${outcome.why}`);
  terminal.err(`recorded: ${outcome.what}\n${outcome.notes.map((note) => `${note}\n`).join('')}`);
}

function eventIn(file: string, { columns }: Pick<Terminal, 'columns'>): LedgerEvent {
  const text = inputText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const why = messageOf(cause);
    throw new Exit(exitCodes.usage, `${file} is not JSON: ${why}`, { cause });
  }
  const typed = shape.safeParse(json);
  if (!typed.success) throw new Exit(exitCodes.usage, `${file} is no event: it is an object {"type": …, "data": {…}}`);
  const { type, data } = typed.data;
  if (!isEventType(type)) {
    const all = inColumns([...eventTypes].sort(), columns);
    throw new Exit(exitCodes.usage, `${file}: ${JSON.stringify(type)} is no type of record. There are:\n${all}`);
  }
  const parsed = parseEvent(type, data);
  if (parsed.kind === 'event') return parsed.event;
  throw new Exit(exitCodes.usage, `${file} is no event of type ${type}: ${parsed.why}`);
}
