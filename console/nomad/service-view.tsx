import type { ReactNode } from 'react';
import type { ReportAccount, ReportModule } from '../../src/nomad/report/report.ts';
import { useEscape } from '../frame/use-escape.ts';
import { useParameter } from '../frame/use-route.ts';
import { CodePane } from './code-pane.tsx';
import { type LineClass, lineClasses } from './link.ts';
import { classLooks } from './service.ts';
import { Verdict } from './service-table.tsx';
import { type Choice, type Side, useChoice } from './use-choice.ts';
import type { Migration } from './use-conversion.ts';

interface Properties {
  readonly migration: Migration;
  readonly module: ReportModule;
}

/** One service: its job and what it becomes, side by side. */
export function ServiceView({ migration, module }: Properties): ReactNode {
  const choice = useChoice(migration, module);
  const [classes, setClasses] = useClasses();
  useEscape('/nomad');
  const cross = (from: Side): void => document.getElementById(from === 'in' ? 'code-out' : 'code-in')?.focus();
  const pane = (side: Side, label: string): ReactNode => (
    <CodePane
      id={`code-${side}`}
      label={label}
      lines={choice.lines[side]}
      marked={choice.marked[side]}
      hovered={choice.hovered[side]}
      cursor={choice.at?.side === side ? choice.at.line : undefined}
      classes={classes}
      onPick={(line) => choice.pick(side, line)}
      onHover={(line) => choice.hover(side, line)}
      onCross={() => cross(side)}
    />
  );
  return (
    <>
      <div className="title-line">
        <h2 className="name">{module.name}</h2>
        <Verdict of={module.verdict} />
        <ClassFilter counts={module.counts} classes={classes} setClasses={setClasses} />
      </div>
      {module.reasons.map((reason) => (
        <p key={reason} className="tone-danger">
          Nothing is written: {reason}
        </p>
      ))}
      <Todos module={module} choice={choice} />
      <div className="panes">
        <section aria-label="Job">
          <p className="pane-head">
            <code className="break">{module.file}</code>
          </p>
          {pane('in', `The job ${module.job}`)}
        </section>
        <section className="manifests" aria-label="Manifests">
          <p className="pane-head">{choice.files.length > 0 && <FileSelect choice={choice} />}</p>
          {choice.file === '' ? (
            <p className="quiet">Nothing is written for this job.</p>
          ) : choice.file.endsWith('.md') ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
            <pre className="code text" tabIndex={0}>
              {migration.texts.get(choice.file)}
            </pre>
          ) : (
            pane('out', choice.file)
          )}
        </section>
        <section className="about" aria-label="What became of the chosen line" aria-live="polite">
          {choice.accounts.length === 0 ? (
            <p className="quiet">
              Choose a line on one side to see it on the other. Arrows move, <kbd>j</kbd> <kbd>k</kbd> go to the next
              line of the classes above, <kbd>enter</kbd> to the other side.
            </p>
          ) : (
            choice.accounts.map((account) => (
              <About key={`${account.path} ${account.row} ${account.line}`} {...{ account, choice, migration }} />
            ))
          )}
        </section>
      </div>
    </>
  );
}

interface FilterProperties {
  readonly counts: ReportModule['counts'];
  readonly classes: ReadonlySet<LineClass>;
  readonly setClasses: (classes: ReadonlySet<LineClass>) => void;
}

function ClassFilter({ counts, classes, setClasses }: FilterProperties): ReactNode {
  const toggle = (each: LineClass): void => {
    const next = new Set(classes);
    if (!next.delete(each)) next.add(each);
    setClasses(next);
  };
  return (
    <fieldset className="chips shown" aria-label="Lines that are marked">
      {lineClasses.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={classes.has(each)}
          className={`chip class-${each}`}
          title={classLooks[each].means}
          onClick={() => toggle(each)}
        >
          <span className="class-mark" aria-hidden="true">
            {classLooks[each].mark}
          </span>{' '}
          {classLooks[each].word} <span className="number">{counts[each]}</span>
        </button>
      ))}
    </fieldset>
  );
}

/** In the address as `manual,dropped`; all of them where nothing stands there. */
function useClasses(): readonly [ReadonlySet<LineClass>, (classes: ReadonlySet<LineClass>) => void] {
  const [word, setWord] = useParameter('class');
  const words = word.split(',');
  const classes = new Set(word === '' ? lineClasses : lineClasses.filter((each) => words.includes(each)));
  return [
    classes,
    (next) => {
      const all = next.size === lineClasses.length;
      setWord(all ? '' : next.size === 0 ? 'none' : lineClasses.filter((each) => next.has(each)).join(','));
    },
  ];
}

function Todos({ module: { todos }, choice }: { readonly module: ReportModule; readonly choice: Choice }): ReactNode {
  if (todos.length === 0) return null;
  return (
    <details className="todos">
      <summary>{todos.length === 1 ? 'One thing' : `${todos.length} things`} to decide before it moves</summary>
      <ul>
        {todos.map(({ line, path, text }) => (
          <li key={`${path} ${text}`}>
            <button type="button" className="as-link" onClick={() => choice.pick('in', line)}>
              line {line}
            </button>{' '}
            {text}
          </li>
        ))}
      </ul>
    </details>
  );
}

function FileSelect({ choice: { files, file, show } }: { readonly choice: Choice }): ReactNode {
  return (
    <select aria-label="File of the module" value={file} onChange={(event) => show(event.target.value)}>
      {files.map((each) => (
        <option key={each} value={each}>
          {each.split('/').slice(2).join('/')}
        </option>
      ))}
    </select>
  );
}

interface AboutProperties {
  readonly account: ReportAccount;
  readonly choice: Choice;
  readonly migration: Migration;
}

/** So many places are shown; the report has all of them. */
const PLACES = 6;

function About({ account, choice, migration: { rows } }: AboutProperties): ReactNode {
  const { path, class: kind, text, todo, row, outputs } = account;
  const known = rows[row];
  return (
    <article className={`account class-${kind}`}>
      <p>
        <strong>
          <span className="class-mark" aria-hidden="true">
            {classLooks[kind].mark}
          </span>{' '}
          {classLooks[kind].word}
        </strong>{' '}
        <code className="break">{path}</code>
      </p>
      <p>{text}</p>
      {todo !== undefined && (
        <p>
          <strong>To do:</strong> {todo}
        </p>
      )}
      {outputs.length > 0 && (
        <p className="places">
          {outputs.slice(0, PLACES).map(({ file, line }) => (
            <button
              key={`${file}:${line}`}
              type="button"
              className="as-link"
              onClick={() => choice.pick('out', line, file)}
            >
              {file.split('/').slice(2).join('/')}:{line}
            </button>
          ))}
          {outputs.length > PLACES && <span className="quiet">and {outputs.length - PLACES} more</span>}
        </p>
      )}
      {known && (
        <p className="quiet">
          {known.nomad} → {known.kubernetes}. {known.why}{' '}
          <code className="break">docs/reference/nomad-mapping.md#{row}</code>
        </p>
      )}
    </article>
  );
}
