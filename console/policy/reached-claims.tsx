import type { ReactNode } from 'react';
import type { PolicyPreview, ReachedClaim, SettingChange } from '../../src/operator/policies/policy-api.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import { List } from '../parts/list.tsx';
import { settingText } from '../volume/setting-text.ts';
import { quantityText } from '../words/size.ts';
import { reachText } from './reach-text.ts';

interface Properties {
  readonly namespace: string;
  readonly preview: PolicyPreview;
}

/** For which claims it is, and what becomes of them. */
export function ReachedClaims({ namespace, preview }: Properties): ReactNode {
  const { reached } = preview;
  return (
    <>
      <p aria-live="polite">{reachText(preview, namespace)}</p>
      {reached.length > 0 && (
        <List heads={['Claim', { title: 'Size', right: true }, 'Policy', 'Grows', 'What changes']} kind="reached">
          {reached.map((claim) => (
            <ClaimRow key={claim.name} namespace={namespace} claim={claim} />
          ))}
        </List>
      )}
    </>
  );
}

const ways = { selector: 'by its labels', name: 'by name' } as const;
const turns = { joins: 'joins, ', stays: '', leaves: 'leaves, ' } as const;

function ClaimRow({ namespace, claim }: { readonly namespace: string; readonly claim: ReachedClaim }): ReactNode {
  const { name, request, by, change, growsAtPresent, growsAsProposed, problem, settings } = claim;
  return (
    <tr>
      <th scope="row">
        <Link to={volumePath(namespace, name)}>{name}</Link>
      </th>
      <td className="right number">{quantityText(request)}</td>
      <td>
        {turns[change]}
        {ways[by]}
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

export function SettingLine({ setting }: { readonly setting: SettingChange }): ReactNode {
  const { key, present, presentFrom, proposed, proposedFrom } = setting;
  const [before, after] = [shown(key, present), shown(key, proposed)];
  return (
    <li>
      <code>{key}</code> {before === after ? after : `${before} → ${after}`}{' '}
      <span className="quiet">
        {presentFrom === proposedFrom ? proposedFrom : `${presentFrom || 'not set'} → ${proposedFrom || 'not set'}`}
      </span>
    </li>
  );
}

function shown(key: string, value: unknown): string {
  const text = settingText(key, value);
  return text === '' ? '—' : text;
}
