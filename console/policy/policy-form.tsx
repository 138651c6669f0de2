import { type ReactNode, useState } from 'react';
import { selectorOf, selectorText } from '../../src/expand/policy/selector-text.ts';
import type { PolicyProblem, Written } from '../../src/operator/policies/policy-api.ts';
import { fieldGroups, type PolicyField } from './policy-fields.ts';
import { fieldText, selectorLine, withField, withSelector, withSwitch } from './policy-text.ts';

interface Properties {
  /** The last that could be read. */
  readonly object: Written;
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly problems: readonly PolicyProblem[];
  readonly onLeave: ((place: string) => void) | undefined;
  /** Its name and namespace can be chosen. */
  readonly isNew: boolean;
  readonly namespaces: readonly string[];
  /** The YAML is broken: it is mended there first. */
  readonly closed: boolean;
}

const NAME: PolicyField = { path: ['metadata', 'name'], name: 'Name', hint: 'lower-case letters, digits and "-"' };
const NAMESPACE: PolicyField = { path: ['metadata', 'namespace'], name: 'Namespace', hint: 'that of its claims' };
const PRIORITY: PolicyField = {
  path: ['spec', 'priority'],
  name: 'Priority',
  hint: 'of several the highest counts; 0',
};
const ENABLED = ['spec', 'template', 'enabled'] as const;

export function PolicyForm(properties: Properties): ReactNode {
  const { isNew, closed, namespaces } = properties;
  return (
    <form className="policy-form" aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="whole" disabled={closed}>
        {isNew && (
          <div className="fields">
            <Field {...properties} field={NAME} />
            <Field {...properties} field={NAMESPACE} list="namespaces" />
            <datalist id="namespaces">
              {namespaces.map((namespace) => (
                <option key={namespace} value={namespace} />
              ))}
            </datalist>
          </div>
        )}
        <Selector {...properties} />
        <div className="fields">
          <Field {...properties} field={PRIORITY} />
          <Grows {...properties} />
        </div>
        {fieldGroups.map(({ name, fields }) => (
          <section key={name} aria-label={name}>
            <h2>{name}</h2>
            <div className="fields">
              {fields.map((field) => (
                <Field key={field.path.join('.')} {...properties} field={field} />
              ))}
            </div>
          </section>
        ))}
      </fieldset>
    </form>
  );
}

interface FieldProperties extends Properties {
  readonly field: PolicyField;
  /** Id of what may be chosen. */
  readonly list?: string;
}

function Field({ object, text, setText, problems, onLeave, field, list }: FieldProperties): ReactNode {
  const { path, name, hint } = field;
  const place = path.join('.');
  const problem = problems.find((each) => each.field === place);
  const id = `hint-${path.join('-')}`;
  return (
    <label className="field">
      <span>{name}</span>
      <input
        value={fieldText(object, path)}
        list={list}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(withField(text, path, event.target.value))}
        onBlur={() => onLeave?.(place)}
        aria-invalid={problem !== undefined}
        aria-describedby={id}
      />
      <span id={id} className={problem ? 'wrong' : 'quiet'}>
        {problem ? problem.reason : hint}
      </span>
    </label>
  );
}

/** What is typed is shown as it was typed, as long as it says what the YAML says. */
function Selector({ object, text, setText }: Properties): ReactNode {
  const line = selectorLine(object);
  const [typed, setTyped] = useState({ text: line ?? '', line });
  const shown = typed.line === line ? typed.text : (line ?? '');
  const read = selectorOf(shown);
  const type = (next: string): void => {
    const written = withSelector(text, next);
    const meant = selectorOf(next);
    setTyped({ text: next, line: written !== undefined && meant.ok ? selectorText(meant.value) : line });
    if (written !== undefined) setText(written);
  };
  return (
    <label className="field selector">
      <span>For claims with the labels</span>
      <input
        value={shown}
        placeholder="all claims of the namespace"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => type(event.target.value)}
        aria-invalid={!read.ok}
        aria-describedby="hint-selector"
      />
      <span id="hint-selector" className={read.ok && line !== undefined ? 'quiet' : 'wrong'}>
        {!read.ok
          ? `${read.reason}. The YAML keeps the last that could be read.`
          : line === undefined
            ? 'what the YAML has cannot be read: mend it there, or write another one here'
            : 'as workload=database, tier in (web, queue), !legacy; empty: all of them'}
      </span>
    </label>
  );
}

function Grows({ object, text, setText }: Properties): ReactNode {
  const grows = fieldText(object, ENABLED) !== 'false';
  return (
    <label className="field check">
      <span>Claims grow</span>
      <span className="choice">
        <input
          type="checkbox"
          checked={grows}
          onChange={(event) => setText(withSwitch(text, ENABLED, event.target.checked))}
        />
        {grows ? 'yes' : 'no, they are kept from it'}
      </span>
    </label>
  );
}
