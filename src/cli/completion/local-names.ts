import type { CommandContext } from '../program.ts';
import type { Values } from './position.ts';
import type { Suggestion } from './suggest.ts';

async function nodes(values: Values): Promise<readonly Suggestion[]> {
  const { readSpecFile, SPEC_FILE } = await import('../cluster/spec-file.ts');
  const read = readSpecFile(values.get('file') ?? SPEC_FILE);
  return read.kind === 'spec' ? read.spec.nodes.map(({ name, role }) => ({ value: name, note: role })) : [];
}

async function changes(context: CommandContext, values: Values): Promise<readonly Suggestion[]> {
  const { state } = await ledgerOf(context, values);
  return [...state.changes.values()].map(({ changeId, status }) => ({ value: changeId, note: status }));
}

async function operators(context: CommandContext, values: Values): Promise<readonly Suggestion[]> {
  const { state } = await ledgerOf(context, values);
  return [...state.operators.values()].map(({ operatorId, role }) => ({ value: operatorId, note: role }));
}

async function ledgerOf({ terminal }: CommandContext, values: Values) {
  const { folderOf, readOnly } = await import('../ledger/place.ts');
  return readOnly(terminal, folderOf(terminal, { ledger: values.get('ledger') }));
}

/** Names that files of the reader have: nothing is loaded for them before they are asked for. */
export const localNames = { nodes, changes, operators } as const;
