import type { ReactNode } from 'react';
import { List } from '../parts/list.tsx';
import type { Explained } from './explained.ts';
import { settingText } from './setting-text.ts';

/** What counts for this claim, and who says so. */
export function SettingsList({ decision }: { readonly decision: Explained }): ReactNode {
  // What would count if the wrong value were not there does not count as long as it is.
  const wrong = new Set(decision.problems.map(({ field }) => field));
  const rows = Object.entries(decision.settings).filter(
    ([key, { value }]) => value !== undefined && value !== null && !wrong.has(key),
  );
  return (
    <List heads={['Setting', { title: 'Value', right: true }, 'From']}>
      {decision.problems.map(({ field, value, reason, source }) => (
        <tr key={`${field} ${source.label}`}>
          <th scope="row">
            <code>{field}</code>
          </th>
          <td className="right">
            <span className="break tone-danger">{value}</span>
            <span className="quiet below">{reason}</span>
          </td>
          <td>
            <span className="chip-plain">{source.label}</span>
          </td>
        </tr>
      ))}
      {rows.map(([key, { value, source, overruled }]) => (
        <tr key={key}>
          <th scope="row">
            <code>{key}</code>
          </th>
          <td className="right number">{settingText(key, value)}</td>
          <td>
            <span className="chip-plain">{source}</span>
            {overruled.filter((other) => other !== 'built-in').length > 0 && (
              <span className="quiet"> over {overruled.filter((other) => other !== 'built-in').join(', ')}</span>
            )}
          </td>
        </tr>
      ))}
    </List>
  );
}
