import type { ReactNode } from 'react';
import { Modal } from './modal.tsx';
import { useScreens } from './use-screens.ts';

const keys: readonly (readonly [string, string])[] = [
  ['/', 'filter the table'],
  ['j  k', 'next row, row before'],
  ['enter', 'open the row'],
  ['esc', 'back; leave the filter'],
  ['ctrl k', 'go to a screen or a volume by name'],
];

export function KeysHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const screens = useScreens().map(({ key, name }) => [`g  ${key}`, `go to ${name.toLowerCase()}`] as const);
  return (
    <Modal title="Keys" onClose={onClose} className="keys">
      <dl>
        {[...keys, ...screens, ['?', 'this list'] as const].map(([key, meaning]) => (
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
