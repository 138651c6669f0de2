import type { ReactNode } from 'react';
import { needCommand, needOf } from '../../src/operator/access/need.ts';
import { shortName } from '../words/person.ts';
import { Empty } from './empty.tsx';

/** Of volumes, to somebody who does not see all there are. */
export function NoneOfYours({ name }: { readonly name: string }): ReactNode {
  return (
    <Empty title="There is no volume that you may see." command={needCommand(needOf('see volumes', 'NAMESPACE'), name)}>
      <p>
        Here stand the volumes of the namespaces in which {shortName(name)} may list persistentvolumeclaims. A right
        that was just given counts within half a minute. This asks the cluster about one:
      </p>
    </Empty>
  );
}
