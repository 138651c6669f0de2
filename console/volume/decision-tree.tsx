import type { ReactNode } from 'react';
import { gateMeanings } from '../../src/expand/gate/gate-meaning.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Marked } from '../parts/marked.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { sentenceText } from '../words/size.ts';
import { decidingGate, type Explained, type ExplainedGate } from './explained.ts';
import { measureText } from './measure-text.ts';

const looks = {
  pass: { shape: 'circle', word: 'pass', tone: 'ok' },
  fail: { shape: 'square', word: 'hold', tone: 'warn' },
  skip: { shape: 'dashed', word: 'skip', tone: 'quiet' },
} as const;

const meanings = new Map<string, { readonly asks: string; readonly otherwise: string }>(Object.entries(gateMeanings));

/** Every gate in its order; the one that decides is open. */
export function DecisionTree({ decision, name }: { readonly decision: Explained; readonly name: string }): ReactNode {
  const deciding = decidingGate(decision);
  return (
    <>
      <p className="verdict">
        <strong>{decision.verdict.kind}</strong>: {sentenceText(decision.summary)}
      </p>
      <ol className="gates">
        {decision.gates.map((gate) => (
          <Gate key={gate.name} gate={gate} open={gate.name === deciding} />
        ))}
      </ol>
      <p>
        <strong>Next:</strong> {sentenceText(decision.next.action)}
        {decision.next.at !== undefined && (
          <>
            , <Moment at={decision.next.at} />
          </>
        )}
      </p>
      {decision.notes.map((note) => (
        <p key={note} className="quiet">
          {note}
        </p>
      ))}
      <CommandLine command={`larder explain pvc/${name}`} />
    </>
  );
}

function Gate({ gate, open }: { readonly gate: ExplainedGate; readonly open: boolean }): ReactNode {
  const { shape, word, tone } = looks[gate.outcome];
  const meaning = meanings.get(gate.name);
  return (
    <li>
      <details open={open} className={open ? 'deciding' : ''}>
        <summary>
          <span className={`state tone-${tone}`}>
            <Shape name={shape} />
            {word}
          </span>
          <code>{gate.name}</code>
          <span className="quiet asks">
            <Marked text={meaning?.asks ?? ''} />
          </span>
        </summary>
        {gate.reason !== '' && <p>{sentenceText(gate.reason)}</p>}
        {gate.compared.length > 0 && (
          <dl className="measures">
            {gate.compared.map((measure) => (
              <div key={`${measure.what} ${measure.source}`}>
                <dt>{measure.what}</dt>
                <dd>
                  <span className="number">{measureText(measure)}</span>{' '}
                  <span className="chip-plain">{measure.source}</span>
                </dd>
              </div>
            ))}
          </dl>
        )}
        {gate.outcome === 'fail' && meaning && (
          <p className="quiet">
            <Marked text={meaning.otherwise} />
          </p>
        )}
      </details>
    </li>
  );
}
