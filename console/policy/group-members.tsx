import type { ReactNode } from 'react';
import type { GroupMemberRow, GroupPreview } from '../../src/operator/policies/group-api.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import { List } from '../parts/list.tsx';
import { quantityText } from '../words/size.ts';
import { groupText, sharedText } from './group-text.ts';
import { SettingLine } from './reached-claims.tsx';

/** Who is in the group, and what becomes of them. */
export function GroupMembers({ preview }: { readonly preview: GroupPreview }): ReactNode {
  const { rows, refused, hidden } = preview;
  return (
    <>
      <p aria-live="polite">
        {groupText(preview)} {sharedText(preview)}
      </p>
      {hidden > 0 && (
        <p className="tone-warn">
          {hidden.toLocaleString()} of its members are in namespaces that you may not see, and are not counted here.
        </p>
      )}
      {refused.length > 0 && (
        <p className="tone-warn">
          Their namespace does not let it have <code className="break">{refused.join(', ')}</code>.
        </p>
      )}
      {rows.length > 0 && (
        <List heads={['Claim', { title: 'Size', right: true }, 'Group', 'Grows', 'What changes']} kind="reached">
          {rows.map((row) => (
            <MemberRow key={`${row.namespace}/${row.name}`} row={row} />
          ))}
        </List>
      )}
    </>
  );
}

const turns = { joins: 'joins', stays: 'stays', leaves: 'leaves' } as const;

function MemberRow({ row }: { readonly row: GroupMemberRow }): ReactNode {
  const { namespace, name, request, change, other, leads, growsAtPresent, growsAsProposed, problem, settings } = row;
  return (
    <tr>
      <th scope="row">
        <Link to={volumePath(namespace, name)}>{name}</Link>
        <span className="quiet below">{namespace}</span>
      </th>
      <td className="right number">{quantityText(request)}</td>
      <td>
        {turns[change]}
        {other !== '' && ` ${change === 'joins' ? 'from' : 'for'} ${other}`}
        {!leads && <span className="quiet below">follows, and leads nobody: list it in members</span>}
      </td>
      <td>
        {growsAsProposed}
        {growsAtPresent !== growsAsProposed && <span className="quiet below">now: {growsAtPresent}</span>}
        {problem !== '' && <span className="wrong below">{problem}</span>}
      </td>
      <td>
        {settings.length === 0 ? (
          <span className="quiet">nothing</span>
        ) : (
          <ul className="changes">
            {settings.map((setting) => (
              <SettingLine key={setting.key} setting={setting} />
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}
