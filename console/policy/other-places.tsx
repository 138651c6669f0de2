import type { ReactNode } from 'react';
import type { GroupRow, PlaceRow } from '../../src/operator/policies/policy-api.ts';
import { Shape } from '../parts/shape.tsx';
import { Spoken } from './spoken.tsx';

export function Groups({ rows }: { readonly rows: readonly GroupRow[] }): ReactNode {
  return (
    <section aria-labelledby="groups">
      <h2 id="groups">Groups</h2>
      <div className="scroll">
        <table className="list">
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col">State</th>
              <th scope="col">Sized by</th>
              <th scope="col">Settings</th>
              <th scope="col" className="right">
                Size
              </th>
              <th scope="col" className="right">
                Claims
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ namespace, name, coordination, members, size, settings, problems }) => (
              <tr key={`${namespace}/${name}`}>
                <th scope="row">
                  {name}
                  <span className="quiet below">{namespace}</span>
                </th>
                <td>
                  <span className={`state tone-${problems.length === 0 ? 'ok' : 'warn'}`}>
                    <Shape name={problems.length === 0 ? 'circle' : 'triangle'} />
                    {problems.length === 0 ? 'ok' : 'look at it'}
                  </span>
                  {problems.map((problem) => (
                    <span key={problem} className="said">
                      {problem}
                    </span>
                  ))}
                </td>
                <td>{coordination}</td>
                <td>
                  <Spoken settings={settings} />
                </td>
                <td className="right number">{size === '' ? '—' : size}</td>
                <td className="right number">{members.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Places({ rows }: { readonly rows: readonly PlaceRow[] }): ReactNode {
  return (
    <section aria-labelledby="places">
      <h2 id="places">Other places that give settings</h2>
      <div className="scroll">
        <table className="list">
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">Settings</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ kind, name, settings }) => (
              <tr key={`${kind} ${name}`}>
                <th scope="row">
                  {name}
                  <span className="quiet below">{kind}</span>
                </th>
                <td>
                  <Spoken settings={settings} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
