import type { ReactNode } from 'react';
import type { Explained } from './explained.ts';
import { settingText } from './setting-text.ts';

/** What counts for this claim, and who says so. */
export function SettingsList({ decision }: { readonly decision: Explained }): ReactNode {
  const rows = Object.entries(decision.settings).filter(([, { value }]) => value !== undefined && value !== null);
  return (
    <div className="scroll">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col" className="right">
              Value
            </th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}
