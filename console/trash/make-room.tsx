import { type ReactNode, useDeferredValue, useState } from 'react';
import type { CleanPlan, CleanPlans, CleanStep, CleanStepRequest } from '../../src/operator/clean-api.ts';
import { ask, failureOf } from '../live/ask.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { CutNote } from '../parts/cut-note.tsx';
import { ListTable } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Size } from '../parts/size.tsx';
import { type CleanFields, cleanCommand, cleanOutcome, cleanRequestOf, goingOf, keptWords } from './clean-words.ts';

const EARLY = [
  ['', 'as the configuration says'],
  ['none', 'none: only what has come to its end'],
  ['trash', 'the trash'],
  ['all', 'the trash, and archives that have an end'],
] as const;
const SHOWN = 200;

/** Removes for ever what may go. What would go is named one by one before anything does, and nothing else goes. */
export function MakeRoom({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [typed, setTyped] = useState<CleanFields>({ belowFree: '', early: '' });
  const [plans, setPlans] = useState<readonly CleanPlan[]>([]);
  const request = cleanRequestOf(useDeferredValue(typed));
  const going = goingOf(plans);
  const plan = async (signal: AbortSignal): Promise<Outcome> => {
    const found = await ask<CleanPlans>('/api/clean/plan', request, signal);
    setPlans(found.plans);
    return cleanOutcome(found);
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: 'Make room',
        does: 'The directories named below are removed for ever, one after the other, until what you asked for is free.',
        leaves: 'What a living volume owns, and archives that nobody gave an end, stay whatever you choose.',
        command: cleanCommand(request),
        verb: going.length === 1 ? 'Remove 1 directory' : `Remove ${going.length} directories`,
        question: JSON.stringify(request),
        mustType: going.length === 0 ? undefined : `remove ${going.length}`,
        plan,
        act: () =>
          removeAll({
            ...request,
            entries: going.map(({ entry }) => entry),
            exports: plans.map((each) => each.export),
          }),
      }}
    >
      <div className="fields">
        <label className="field">
          <span>Until so much is free</span>
          <input
            value={typed.belowFree}
            placeholder="all that may go"
            onChange={(event) => setTyped({ ...typed, belowFree: event.target.value })}
          />
          <span className="quiet">a size or a share, as 10Gi or 5%</span>
        </label>
        <label className="field">
          <span>Before its time is over</span>
          <select value={typed.early} onChange={(event) => setTyped({ ...typed, early: event.target.value })}>
            {EARLY.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Plans plans={plans} />
    </ActionDialog>
  );
}

/** One portion after the other; the operator decides anew before each. */
async function removeAll(body: CleanStepRequest): Promise<Outcome> {
  const { entries } = body;
  let gone = 0;
  try {
    while (gone < entries.length) {
      const step = await ask<CleanStep>('/api/clean', body);
      if (step.entry === '') break;
      if (!step.remaining) gone += 1;
    }
  } catch (cause) {
    if (gone === 0) throw cause;
    return { changes: true, message: `${gone} of ${entries.length} removed, then: ${failureOf(cause).message}` };
  }
  const rest = gone < entries.length ? ' The others were not needed, or may not go any more.' : '';
  return { changes: gone > 0, message: `${gone} of ${entries.length} removed.${rest}` };
}

function Plans({ plans }: { readonly plans: readonly CleanPlan[] }): ReactNode {
  const rows = plans.flatMap(({ rows: own, export: of }) => own.map((row) => ({ ...row, export: of })));
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="scroll plan" tabIndex={0} aria-label="What would go, and what stays">
      <ListTable heads={['Directory', 'Since', { title: 'Holds', right: true }, 'What happens']}>
        {rows.slice(0, SHOWN).map((row) => (
          <tr key={`${row.export} ${row.entry}`}>
            <th scope="row">
              <span className="break">{row.claim === '' ? row.path : row.claim}</span>
              <span className="quiet below break">
                {row.kind}, {row.export}
              </span>
            </th>
            <td>{row.trashedAt === 0 ? 'not known' : <Moment at={row.trashedAt} />}</td>
            <td className="right">
              <Size bytes={row.bytes} />
            </td>
            <td className={row.verdict === 'remove' ? 'tone-danger' : 'quiet'}>
              {row.verdict === 'remove' ? 'goes' : 'stays'}: {keptWords(row.reason)}
            </td>
          </tr>
        ))}
      </ListTable>
      <CutNote shown={SHOWN} of={rows.length} others="; the command below lists all" />
    </section>
  );
}
