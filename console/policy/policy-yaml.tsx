import { type ReactNode, useId, useRef } from 'react';
import type { PolicyProblem } from '../../src/operator/policies/policy-api.ts';
import { Copy } from '../parts/copy.tsx';
import { type PolicyText, placeOf } from './policy-text.ts';

interface Properties {
  readonly of: 'policy' | 'group';
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly read: PolicyText;
  readonly problems: readonly PolicyProblem[];
  readonly onLeave: ((place: string) => void) | undefined;
  readonly readOnly: boolean;
}

const LEAST_ROWS = 16;
const MOST_ROWS = 44;

/** The object as it is applied, and what is wrong with it; each problem leads to its place. */
export function PolicyYaml({ of, text, setText, read, problems, onLeave, readOnly }: Properties): ReactNode {
  const area = useRef<HTMLTextAreaElement>(null);
  const heading = useId();
  const rows = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, text.split('\n').length + 1));
  const goTo = (offset: number): void => {
    area.current?.focus();
    area.current?.setSelectionRange(offset, text.indexOf('\n', offset) < 0 ? text.length : text.indexOf('\n', offset));
  };
  return (
    <section className="policy-yaml" aria-labelledby={heading}>
      <div className="section-bar">
        <h2 id={heading}>YAML</h2>
        <Copy text={text} what="the YAML" />
      </div>
      <textarea
        ref={area}
        aria-label={`YAML of the ${of}`}
        aria-invalid={read.kind === 'broken' || problems.length > 0}
        value={text}
        rows={rows}
        readOnly={readOnly}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        onChange={(event) => setText(event.target.value)}
        onBlur={() => onLeave?.('')}
      />
      <div aria-live="polite">
        {read.kind === 'broken' ? (
          <p className="wrong">
            Line {read.line}, column {read.column}: {read.message}.
            {of === 'policy' && ' The form shows the last that could be read.'}
          </p>
        ) : (
          <ul className="problems">
            {problems.map((problem) => (
              <Problem key={`${problem.field} ${problem.reason}`} {...{ of, problem, text, goTo }} />
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

interface ProblemProperties {
  readonly of: Properties['of'];
  readonly problem: PolicyProblem;
  readonly text: string;
  readonly goTo: (offset: number) => void;
}

function Problem({ of, problem: { field, value, reason }, text, goTo }: ProblemProperties): ReactNode {
  const { line, offset } = placeOf(text, field);
  return (
    <li className="wrong">
      <button type="button" className="link" onClick={() => goTo(offset)}>
        line {line}
      </button>{' '}
      <code>{field === '' ? `the ${of}` : field}</code>
      {value === '' ? ' ' : ` is "${value}": it `}
      {reason}
    </li>
  );
}
