import type { ReactNode } from 'react';
import { Modal } from './modal.tsx';
import { screens } from './screens.ts';

const keys: readonly (readonly [string, string])[] = [
  ['/', 'filter the table'],
  ['j  k', 'next row, row before'],
  ['enter', 'open the row'],
  ['esc', 'back; leave the filter'],
  ['ctrl k', 'go to a screen or a volume by name'],
  ...screens.map(({ key, name }) => [`g  ${key}`, `go to ${name.toLowerCase()}`] as const),
  ['?', 'this list'],
];

export function KeysHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Modal title="Keys" onClose={onClose} className="keys">
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
