import type { ReactNode } from 'react';
import type { GroupRow, PlaceRow } from '../../src/operator/policies/policy-api.ts';
import { Link } from '../frame/link.tsx';
import { groupPath } from '../frame/route.ts';
import { List } from '../parts/list.tsx';
import { Shape } from '../parts/shape.tsx';
import { quantityText } from '../words/size.ts';
import { Spoken } from './spoken.tsx';

export function Groups({ rows }: { readonly rows: readonly GroupRow[] }): ReactNode {
  return (
    <section aria-labelledby="groups">
      <div className="section-bar">
        <h2 id="groups">Groups</h2>
        <Link to="/groups/new">What would a group do?</Link>
      </div>
      {rows.length === 0 && <p className="quiet">There is no group: no claim follows another one.</p>}
      {rows.length > 0 && <GroupTable rows={rows} />}
    </section>
  );
}

function GroupTable({ rows }: { readonly rows: readonly GroupRow[] }): ReactNode {
  return (
    <List
      heads={[
        'Group',
        'State',
        'Sized by',
        'Settings',
        { title: 'Size', right: true },
        { title: 'Claims', right: true },
      ]}
    >
      {rows.map(({ namespace, name, coordination, members, size, settings, problems }) => (
        <tr key={`${namespace}/${name}`}>
          <th scope="row">
            <Link to={groupPath(namespace, name)}>{name}</Link>
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
          <td className="right number">{quantityText(size)}</td>
          <td className="right number">{members.toLocaleString()}</td>
        </tr>
      ))}
    </List>
  );
}

export function Places({ rows }: { readonly rows: readonly PlaceRow[] }): ReactNode {
  return (
    <section aria-labelledby="places">
      <h2 id="places">Other places that give settings</h2>
      <List heads={['Place', 'Settings']}>
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
      </List>
    </section>
  );
}
