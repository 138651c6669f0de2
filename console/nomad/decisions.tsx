import { type ReactNode, useState } from 'react';
import type { AskedQuestion } from '../../src/operator/nomad/conversion-api.ts';
import { Link } from '../frame/link.tsx';
import { Copy } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { answersText } from './command.ts';
import { changeJobs, type Jobs } from './jobs.ts';
import { servicePath } from './service-table.tsx';
import type { Migration } from './use-conversion.ts';

interface Properties {
  readonly jobs: Jobs;
  readonly migration: Migration;
}

/** What only a person knows: questions that have an answer in words, and things to do. */
export function Decisions({ jobs, migration }: Properties): ReactNode {
  const { questions, report } = migration;
  const todo = report.modules.filter(({ todos }) => todos.length > 0);
  if (questions.length === 0 && todo.length === 0) return <Empty title="Nothing is left to decide." />;
  return (
    <>
      {questions.length > 0 && <Questions jobs={jobs} migration={migration} />}
      {todo.length > 0 && (
        <section aria-labelledby="to-do">
          <h2 id="to-do">To do before a service moves</h2>
          {todo.map(({ name, file, todos }) => (
            <div key={file} className="todo">
              <h3>
                <Link to={servicePath(file)}>{name}</Link>
              </h3>
              <ul>
                {todos.map(({ line, path, text }) => (
                  <li key={`${path} ${text}`}>
                    <Link to={servicePath(file, line)} label={`line ${line} of ${name}`}>
                      line {line}
                    </Link>{' '}
                    {text}
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </section>
      )}
    </>
  );
}

function Questions({ jobs, migration: { questions, problems } }: Properties): ReactNode {
  const wrong = new Map(problems.map(({ id, message }) => [id, message]));
  const stray = problems.filter(({ id }) => !questions.some((question) => question.id === id));
  return (
    <section aria-labelledby="questions">
      <h2 id="questions">Questions</h2>
      <p className="quiet">
        An answer counts when you leave its field, and everything is converted again. Without one the value in grey is
        written, and the report says that nobody answered.
      </p>
      <div className="questions">
        {questions.map((question) => (
          <Question key={`${jobs.set} ${question.id}`} question={question} jobs={jobs} wrong={wrong.get(question.id)} />
        ))}
      </div>
      {stray.map(({ id, message }) => (
        <p key={id} className="tone-warn">
          <code>{id}</code>: {message}{' '}
          <button type="button" onClick={() => changeJobs({ answers: withAnswer(jobs.answers, id, '') })}>
            Take it back
          </button>
        </p>
      ))}
      {Object.keys(jobs.answers).length > 0 && (
        <details>
          <summary>As answers.yaml, for the command line</summary>
          <pre className="text">{answersText(jobs.answers)}</pre>
          <Copy text={answersText(jobs.answers)} what="the answers" />
        </details>
      )}
    </section>
  );
}

interface QuestionProperties {
  readonly question: AskedQuestion;
  readonly jobs: Jobs;
  readonly wrong: string | undefined;
}

function Question({ question: { id, text, fallback, accepts }, jobs, wrong }: QuestionProperties): ReactNode {
  const given = jobs.answers[id] ?? '';
  const [typed, setTyped] = useState(given);
  const send = (): void => {
    if (typed.trim() !== given) changeJobs({ answers: withAnswer(jobs.answers, id, typed.trim()) });
  };
  return (
    <label className="field">
      <span>{text}</span>
      <input
        value={typed}
        placeholder={fallback === '' ? 'nothing' : fallback}
        aria-invalid={wrong !== undefined}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={send}
        onKeyDown={(event) => {
          if (event.key === 'Enter') send();
        }}
      />
      {wrong === undefined ? (
        <span className="quiet">{accepts}</span>
      ) : (
        <span className="tone-danger" role="alert">
          {wrong}; {fallback === '' ? 'nothing' : fallback} counts
        </span>
      )}
      <code className="quiet break">{id}</code>
    </label>
  );
}

/** An empty answer is none. */
function withAnswer(answers: Jobs['answers'], id: string, answer: string): Jobs['answers'] {
  const { [id]: _before, ...others } = answers;
  return answer === '' ? others : { ...others, [id]: answer };
}
